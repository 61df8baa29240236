"""What the server is made of is told, asked about, and built the same way twice."""

import json
import os
import re
import shutil
import subprocess
import sys
import zipfile
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import pytest
from cyclonedx.schema import SchemaVersion
from cyclonedx.validation.json import JsonStrictValidator

from scripts import audit, sbom, wheel
from tests.docs.pages import CHECKOUT

LOCK = (CHECKOUT / "requirements/app.txt").read_text()
TWO = """alpha==1.0 \\
    --hash=sha256:{a}
beta==2.0 ; sys_platform == 'win32' \\
    --hash=sha256:{b} \\
    --hash=sha256:{c}
""".format(a="a" * 64, b="b" * 64, c="c" * 64)


@pytest.fixture(scope="module")
def at_a_time() -> Iterator[None]:
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("SOURCE_DATE_EPOCH", "1700000000")
        yield


@pytest.fixture(scope="module")
def bill(at_a_time: None) -> str:
    return sbom.bill(LOCK)


def test_a_lock_is_read_whole() -> None:
    assert sbom.locked(TWO) == [
        sbom.Locked("alpha", "1.0", "", ("a" * 64,)),
        sbom.Locked("beta", "2.0", "sys_platform == 'win32'", ("b" * 64, "c" * 64)),
    ]
    assert len(sbom.locked(LOCK)) == sum(line[0].isalnum() for line in LOCK.splitlines())


def test_the_bill_is_valid_and_names_every_package_of_the_lock(bill: str) -> None:
    told = json.loads(bill)

    assert JsonStrictValidator(SchemaVersion.V1_6).validate_str(bill) is None
    assert {each["purl"] for each in told["components"]} == {
        f"pkg:pypi/{package.name}@{package.version}" for package in sbom.locked(LOCK)
    }
    assert told["metadata"]["component"]["name"] == "identity-service"
    assert told["metadata"]["timestamp"].startswith("2023-11-14")
    needed = {each["ref"]: each.get("dependsOn", []) for each in told["dependencies"]}
    assert any(ref.startswith("cryptography==") for ref in needed["identity-service"])
    assert "://" not in bill.replace(told["$schema"], "")


def test_a_bill_that_breaks_the_schema_would_be_noticed(bill: str) -> None:
    broken = json.loads(bill)
    broken["components"][0]["type"] = "a thing"
    assert JsonStrictValidator(SchemaVersion.V1_6).validate_str(json.dumps(broken)) is not None


@pytest.mark.usefixtures("at_a_time")
def test_one_lock_makes_one_bill_and_another_one_another(bill: str) -> None:
    again, other = sbom.bill(LOCK), sbom.bill(LOCK + TWO)
    assert again == bill
    assert json.loads(bill)["serialNumber"] != json.loads(other)["serialNumber"]


def test_the_script_of_the_bill_writes_a_file(tmp_path: Path) -> None:
    assert sbom.main([str(tmp_path / "bill.json")]) == 0
    assert json.loads((tmp_path / "bill.json").read_text())["bomFormat"] == "CycloneDX"


def answering(stdout: str, stderr: str = "", *, status: int = 0) -> audit.Ask:
    def ask(command: Sequence[str]) -> subprocess.CompletedProcess[str]:
        return subprocess.CompletedProcess(command, status, stdout, stderr)

    return ask


def told(*packages: dict[str, Any]) -> str:
    return json.dumps({"dependencies": packages, "fixes": []})


def too_late(command: Sequence[str]) -> subprocess.CompletedProcess[str]:
    raise subprocess.TimeoutExpired(command, audit.MOST_SECONDS)


GOOD = {"name": "alpha", "version": "1.0", "vulns": []}
WEAK = {"name": "alpha", "version": "1.0", "vulns": [{"id": "CVE-1", "fix_versions": ["1.1"]}]}
UNKNOWN = {"name": "beta", "skip_reason": "not found"}


@pytest.mark.parametrize(
    ("ask", "status", "says"),
    [
        (
            answering(told(GOOD)),
            audit.CLEAN,
            "1 packages checked, none has a known weakness; 1 are for other",
        ),
        (answering(told(WEAK), status=1), audit.WEAK, "alpha 1.0: CVE-1, mended in 1.1"),
        (answering(told(WEAK, UNKNOWN), status=1), audit.WEAK, "CVE-1"),
        (
            answering(told(GOOD, UNKNOWN)),
            audit.NOT_CHECKED,
            "NOT CHECKED: .*nothing was said of 1 packages, beta",
        ),
        (answering(told(UNKNOWN)), audit.NOT_CHECKED, "NOT CHECKED"),
        (answering(told()), audit.NOT_CHECKED, "NOT CHECKED: .*2 packages"),
        (answering("", "ERROR: no connection", status=1), audit.NOT_CHECKED, "NOT CHECKED: .*no connection"),
        (answering("{}"), audit.NOT_CHECKED, "NOT CHECKED: .*no reason"),
        (too_late, audit.NOT_CHECKED, "NOT CHECKED: .*within"),
    ],
    ids=[
        "everything is checked",
        "a weakness is known",
        "a weakness is known, and of another nothing",
        "one was passed over",
        "all were passed over, which the tool takes for success",
        "there was nothing to check",
        "no connection",
        "another answer",
        "no answer in time",
    ],
)
def test_what_was_not_checked_is_never_green(tmp_path: Path, ask: audit.Ask, status: int, says: str) -> None:
    lock = tmp_path / "lock.txt"
    lock.write_text(TWO)
    found, lines = audit.audit(ask, lock=lock)

    assert found == status
    assert re.search(says, " ".join(lines))


@pytest.fixture
def ci(tmp_path: Path) -> Path:
    """`.ci/run`, in front of scripts that have nothing to say."""
    shutil.copytree(CHECKOUT / ".ci", tmp_path / ".ci")
    for name in ("ci-packages", "check", "check-fresh-machine", "test"):
        _script(tmp_path / "scripts" / name, "exit 0")
    return tmp_path


def _script(path: Path, text: str) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(f"#!/bin/sh\n{text}\n")
    path.chmod(0o755)


@pytest.mark.parametrize(
    ("audited", "status", "says"),
    [
        (audit.CLEAN, 0, ""),
        (audit.NOT_CHECKED, 0, ".ci/run: NOT CHECKED: whether packages have known weaknesses\n"),
        (audit.WEAK, 1, ".ci/run: failed: scripts/audit.py\n"),
        (2, 1, ".ci/run: failed: scripts/audit.py\n"),
    ],
    ids=["nothing is known", "nobody answered", "a weakness is known", "the script broke"],
)
def test_ci_says_what_became_of_the_audit(ci: Path, audited: int, status: int, says: str) -> None:
    _script(ci / ".venv/bin/python", f"exit {audited}")
    done = subprocess.run(("sh", ".ci/run"), cwd=ci, capture_output=True, text=True)

    assert (done.returncode, done.stderr) == (status, says)


@pytest.mark.all
def test_two_builds_from_two_places_at_two_times_are_the_same_bytes(tmp_path: Path) -> None:
    made = []
    for number, (name, zone, mask) in enumerate(
        (("here", "UTC", 0o022), ("somewhere/else", "Asia/Tokyo", 0o077))
    ):
        source = tmp_path / name
        before = os.umask(mask)
        try:
            _copy_of_the_checkout(source, age=number * 1_000_000)
        finally:
            os.umask(before)
        with pytest.MonkeyPatch.context() as patch:
            patch.setenv("TZ", zone)
            made.append(wheel.build(source, tmp_path / f"out-{number}", epoch=1_700_000_000))
    first, second = made

    assert first.read_bytes() == second.read_bytes()
    names = zipfile.ZipFile(first).namelist()
    assert "identity_service/migrations/env.py" in names
    assert not [name for name in names if name.startswith("tests/") or name.endswith(".pyc")]
    later = wheel.build(tmp_path / "here", tmp_path / "out-later", epoch=1_700_000_002)
    assert later.read_bytes() != first.read_bytes()


def _copy_of_the_checkout(folder: Path, *, age: int) -> None:
    for name in ("identity_service", "alembic"):
        shutil.copytree(CHECKOUT / name, folder / name, ignore=shutil.ignore_patterns("__pycache__"))
    for name in ("pyproject.toml", "README.md", "LICENSE", ".gitignore"):
        shutil.copyfile(CHECKOUT / name, folder / name)
    for path in folder.rglob("*"):
        os.utime(path, (path.stat().st_mtime - age,) * 2)


@pytest.mark.all
def test_the_script_builds_the_wheel_of_a_commit(tmp_path: Path) -> None:
    done = subprocess.run(
        (sys.executable, "scripts/wheel.py", str(tmp_path)),
        cwd=CHECKOUT,
        capture_output=True,
        text=True,
        check=True,
    )
    digest, _, path = done.stdout.strip().partition("  ")
    assert len(digest) == 64
    assert zipfile.is_zipfile(path)

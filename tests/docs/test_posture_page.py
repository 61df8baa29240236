"""The page about the posture says what the rules say."""

import subprocess
import sys

import pytest

from identity_service.domain.posture.register import every_rule
from identity_service.probes.run import PROBES
from scripts import bring_up, posture_page
from tests.docs.pages import CHECKOUT, read


def test_the_committed_page_is_fresh() -> None:
    assert read("docs/security/posture.md") == posture_page.page(), "run `python scripts/posture_page.py`"


def test_every_rule_is_on_the_page_with_its_clauses() -> None:
    rows = {line.split("`")[1]: line for line in posture_page.page().splitlines() if line.startswith("| `")}
    for rule in every_rule():
        assert all(str(clause) in rows[rule.name] for clause in rule.clauses), rule.name
        assert f"| {rule.risk.name.lower()} |" in rows[rule.name]


def test_every_probe_is_on_the_page() -> None:
    for probe in PROBES:
        assert f"| {probe.number} | `{probe.name}` | {probe.what} |" in posture_page.page()


def test_the_check_of_the_page_notices_a_stale_one(tmp_path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(bring_up, "CHECKOUT", tmp_path)
    assert posture_page.main(["--check"]) == 1
    assert posture_page.main([]) == 0
    assert posture_page.main(["--check"]) == 0


def test_the_script_runs_as_the_page_says() -> None:
    done = subprocess.run(
        [sys.executable, "scripts/posture_page.py", "--check"], cwd=CHECKOUT, capture_output=True, text=True
    )
    assert (done.returncode, done.stderr) == (0, "")

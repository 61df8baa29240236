"""The set-up scripts do their work once, say in one line what is missing, and notice stale locks."""

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

CHECKOUT = Path(__file__).resolve().parents[2]
PINNED = next(iter((CHECKOUT / "requirements/uv.txt").read_text().split())).removeprefix("uv==")
NODE = "tests/interop/node"

FAKE_NPM = """#!/bin/sh
echo "$*" >>../../../log
mkdir -p node_modules
"""

FAKE_UV = f"""#!/bin/sh
case "$1 $2" in
    "--version "*) echo "uv {PINNED}" ;;
    "venv "*) {sys.executable} -m venv --without-pip .venv && echo venv >>log ;;
    "pip install") echo "uv $*" >>log; {{extra}} ;;
    "pip compile") {{extra}} ;;
esac
"""

FAKE_PYTHON = f"""#!/bin/sh
if [ "$1 $2" = "-m pip" ]; then {{pip}}; else exec {sys.executable} "$@"; fi
"""


@pytest.fixture
def checkout(tmp_path: Path) -> Path:
    """What the set-up scripts read, and an empty folder for programs."""
    made = tmp_path / "checkout"
    made.mkdir()
    shutil.copytree(CHECKOUT / "scripts", made / "scripts", ignore=shutil.ignore_patterns("__pycache__"))
    shutil.copytree(CHECKOUT / "requirements", made / "requirements")
    shutil.copy(CHECKOUT / "pyproject.toml", made)
    (made / NODE).mkdir(parents=True)
    shutil.copy(CHECKOUT / NODE / "package-lock.json", made / NODE)
    (tmp_path / "bin").mkdir()
    return made


def program(checkout: Path, name: str, text: str) -> Path:
    path = checkout.parent / "bin" / name
    path.write_text(text)
    path.chmod(0o755)
    return path


def start(checkout: Path, *command: str, python: Path | str = sys.executable) -> subprocess.Popen[str]:
    path = f"{checkout.parent / 'bin'}{os.pathsep}/usr/bin{os.pathsep}/bin"
    return subprocess.Popen(
        ["sh", *command],
        cwd=checkout,
        env={"PATH": path, "HOME": str(checkout), "PYTHON": str(python)},
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )


def run(checkout: Path, *command: str, python: Path | str = sys.executable) -> tuple[int, str]:
    process = start(checkout, *command, python=python)
    output, _ = process.communicate()
    return process.returncode, output


def steps(checkout: Path) -> list[str]:
    """What was installed: the words of each logged command that say what it was about."""
    log = checkout / "log"
    return [line.split()[-1] for line in log.read_text().splitlines()] if log.exists() else []


def test_bootstrap_installs_the_lock_and_the_project_and_does_it_once(checkout: Path) -> None:
    program(checkout, "uv", FAKE_UV.format(extra=":"))
    assert run(checkout, "scripts/bootstrap") == (0, "Setting up .venv from requirements/app.txt ...\n")
    assert steps(checkout) == ["venv", "requirements/app.txt", "."]
    assert run(checkout, "scripts/bootstrap", "app") == (0, "")
    assert len(steps(checkout)) == 3


@pytest.mark.parametrize("changed", ["pyproject.toml", "requirements/app.txt", "requirements/test.txt"])
def test_bootstrap_does_it_again_when_what_it_read_has_changed(checkout: Path, changed: str) -> None:
    program(checkout, "uv", FAKE_UV.format(extra=":"))
    assert run(checkout, "scripts/bootstrap", "test")[0] == 0
    with (checkout / changed).open("a") as file:
        file.write("# another line\n")
    assert run(checkout, "scripts/bootstrap", "test")[0] == 0
    assert steps(checkout) == ["venv", *["requirements/test.txt", "."] * 2]


def test_bootstrap_app_has_nothing_to_do_after_bootstrap_test_but_not_the_other_way(checkout: Path) -> None:
    program(checkout, "uv", FAKE_UV.format(extra=":"))
    for profile in ("app", "test", "app"):
        assert run(checkout, "scripts/bootstrap", profile)[0] == 0
    assert steps(checkout) == ["venv", "requirements/app.txt", ".", "requirements/test.txt", "."]


def test_of_two_set_ups_at_once_one_waits_and_finds_it_done(checkout: Path) -> None:
    first_is_in, may_go_on = checkout / "in", checkout / "go-on"
    os.mkfifo(first_is_in)
    os.mkfifo(may_go_on)
    wait = 'case "$*" in *app.txt*) echo >in; cat go-on ;; esac'
    program(checkout, "uv", FAKE_UV.format(extra=wait))
    first = start(checkout, "scripts/bootstrap")
    first_is_in.read_text()
    second = start(checkout, "scripts/bootstrap")
    assert second.stdout is not None
    assert "waiting for another set-up" in second.stdout.readline()
    may_go_on.write_text("")
    assert first.communicate()[0] == "Setting up .venv from requirements/app.txt ...\n"
    assert second.communicate()[0] == ""
    assert (first.returncode, second.returncode) == (0, 0)
    assert steps(checkout) == ["venv", "requirements/app.txt", "."]


def test_bootstrap_after_a_killed_one_does_not_wait(checkout: Path) -> None:
    (checkout / ".tools").mkdir()
    (checkout / ".tools" / "bootstrap.lock").write_text("")
    program(checkout, "uv", FAKE_UV.format(extra=":"))
    assert run(checkout, "scripts/bootstrap") == (0, "Setting up .venv from requirements/app.txt ...\n")


def test_bootstrap_falls_back_to_pip_where_uv_fails(checkout: Path) -> None:
    program(checkout, "uv", FAKE_UV.format(extra="exit 1"))
    python = program(checkout, "python", FAKE_PYTHON.format(pip='echo "pip $*" >>log'))
    status, output = run(checkout, "scripts/bootstrap", python=python)
    assert (status, "trying pip alone" in output) == (0, True), output
    assert steps(checkout)[-2:] == ["requirements/app.txt", "."]
    assert "--require-hashes" in (checkout / "log").read_text().splitlines()[-2]


def test_bootstrap_fails_where_uv_and_pip_fail_and_tries_again_next_time(checkout: Path) -> None:
    program(checkout, "uv", FAKE_UV.format(extra="exit 1"))
    python = program(checkout, "python", FAKE_PYTHON.format(pip='[ "$3" = --version ]'))
    for _ in range(2):
        status, output = run(checkout, "scripts/bootstrap", python=python)
        assert status == 1
        assert output.splitlines()[-1].startswith("scripts/bootstrap: could not install requirements/app.txt")


def test_bootstrap_says_in_one_line_that_python_is_too_old(checkout: Path) -> None:
    old = program(checkout, "python", '#!/bin/sh\n[ "$1" = --version ] && echo Python 3.9.2\n')
    assert run(checkout, "scripts/bootstrap", python=old) == (
        1,
        "scripts/bootstrap: Python 3.11 or newer is needed (found: Python 3.9.2); install it or set PYTHON to it\n",
    )


def test_bootstrap_says_in_one_line_that_pip_is_missing(checkout: Path) -> None:
    python = program(checkout, "python", FAKE_PYTHON.format(pip="exit 1"))
    assert run(checkout, "scripts/bootstrap", python=python) == (
        1,
        f"scripts/bootstrap: pip is missing for {python}; install python3-pip, or put uv on PATH\n",
    )


def test_bootstrap_refuses_an_unknown_profile(checkout: Path) -> None:
    assert run(checkout, "scripts/bootstrap", "dev") == (2, "usage: scripts/bootstrap [app|test]\n")


def test_locks_that_are_up_to_date_pass(checkout: Path) -> None:
    program(checkout, "uv", FAKE_UV.format(extra=":"))
    assert run(checkout, "scripts/check-locks") == (0, "")


@pytest.mark.parametrize("lock", ["app", "test", "uv"])
def test_a_lock_that_would_change_fails_and_is_left_alone(checkout: Path, lock: str) -> None:
    before = (checkout / f"requirements/{lock}.txt").read_text()
    change = f'for last; do :; done; [ "$last" != requirements/{lock}.txt ] || echo new==1.0 >>"$last"'
    program(checkout, "uv", FAKE_UV.format(extra=change))
    status, output = run(checkout, "scripts/check-locks")
    assert (status, "> new==1.0" in output) == (1, True), output
    assert output.splitlines()[-1].startswith("scripts/check-locks: the locks are behind pyproject.toml")
    assert (checkout / f"requirements/{lock}.txt").read_text() == before


def test_a_lock_that_names_an_address_fails(checkout: Path) -> None:
    with (checkout / "requirements/app.txt").open("a") as file:
        file.write("thing @ https://example.com/thing.whl\n")
    program(checkout, "uv", FAKE_UV.format(extra=":"))
    status, output = run(checkout, "scripts/check-locks")
    assert (status, output.splitlines()[-1]) == (1, "scripts/check-locks: a lock names no address")


def test_npm_packages_are_installed_once_and_again_when_their_lock_has_changed(checkout: Path) -> None:
    program(checkout, "npm", FAKE_NPM)
    for _ in range(2):
        assert run(checkout, "scripts/node-packages") == (0, "")
    [line] = (checkout / "log").read_text().splitlines()
    assert line.startswith("ci --ignore-scripts ")
    with (checkout / NODE / "package-lock.json").open("a") as file:
        file.write("\n")
    assert run(checkout, "scripts/node-packages") == (0, "")
    assert len((checkout / "log").read_text().splitlines()) == 2


def test_npm_packages_that_could_not_be_installed_are_not_taken_for_installed(checkout: Path) -> None:
    program(checkout, "npm", FAKE_NPM + "exit 1\n")
    for _ in range(2):
        assert run(checkout, "scripts/node-packages")[0] == 1


def test_the_lock_of_the_npm_packages_has_hashes_and_no_addresses() -> None:
    packages = json.loads((CHECKOUT / NODE / "package-lock.json").read_text())["packages"]
    wanted = packages.pop("")["dependencies"]
    assert wanted == json.loads((CHECKOUT / NODE / "package.json").read_text())["dependencies"]
    assert wanted == {name: packages[f"node_modules/{name}"]["version"] for name in wanted}
    assert all("integrity" in package and "resolved" not in package for package in packages.values())

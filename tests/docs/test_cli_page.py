"""The page about the command line says what the commands say."""

import subprocess
import sys

import pytest

from scripts import bring_up, cli_page
from tests.docs.pages import CHECKOUT, read


def test_the_committed_page_is_fresh() -> None:
    assert read("docs/cli.md") == cli_page.page(), "run `python scripts/cli_page.py`"


def test_s8_every_command_is_on_the_page_with_an_example() -> None:
    for path, command in cli_page.commands():
        words = path.split()
        section = read("docs/cli.md").partition(f"\n{'#' * len(words)} {' '.join(words[1:])}\n")[2]
        assert f"Usage: {path}" in section.partition("\n#")[0], path
        assert command.epilog, path
        assert command.epilog.startswith("Example:  "), path


def test_the_check_of_the_page_notices_a_stale_one(tmp_path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(bring_up, "CHECKOUT", tmp_path)
    assert cli_page.main(["--check"]) == 1
    assert cli_page.main([]) == 0
    assert cli_page.main(["--check"]) == 0


def test_the_script_runs_as_the_page_says() -> None:
    done = subprocess.run(
        [sys.executable, "scripts/cli_page.py", "--check"], cwd=CHECKOUT, capture_output=True, text=True
    )
    assert (done.returncode, done.stderr) == (0, "")

"""A run of the suite holds what it should, and takes warnings for errors in every process of it."""

from collections.abc import Callable
from pathlib import Path

import pytest

from tests.servers.inner import inner_pytest

MARKED = """
import pytest

def test_short(): pass

@pytest.mark.all
def test_long(): pass

@pytest.mark.system
def test_with_debian_packages(): pass
"""

CAREFUL = """
import socket, warnings

def test_warns():
    {warning}

def test_leaks():
    made = socket.socket()
    {close}
"""


in_either = pytest.mark.parametrize("processes", ["0", "2"])


def outcome(test_file: Path, *arguments: str) -> tuple[int, str]:
    inner = inner_pytest(test_file, *arguments)
    output, _ = inner.communicate()
    return inner.returncode, output


def last_line(output: str) -> str:
    return output.splitlines()[-1]


def test_the_long_forms_are_deselected_and_not_skipped(tmp_path: Path) -> None:
    test_file = tmp_path / "test_marked.py"
    test_file.write_text(MARKED)
    status, output = outcome(test_file)
    assert (status, "1 passed, 2 deselected" in last_line(output)) == (0, True), output
    assert "skipped" not in output


@pytest.mark.all
def test_all_runs_the_long_forms(tmp_path: Path) -> None:
    test_file = tmp_path / "test_marked.py"
    test_file.write_text(MARKED)
    status, output = outcome(test_file, "--all")
    assert (status, "3 passed" in last_line(output)) == (0, True), output


@pytest.mark.all
@in_either
def test_a_warning_and_a_leak_are_errors_in_any_number_of_processes(tmp_path: Path, processes: str) -> None:
    test_file = tmp_path / "test_careless.py"
    test_file.write_text(CAREFUL.format(warning="warnings.warn('old', DeprecationWarning)", close="del made"))
    status, output = outcome(test_file, "-n", processes)
    assert (status, "2 failed" in last_line(output)) == (1, True), output
    assert "DeprecationWarning: old" in output
    assert "ResourceWarning: unclosed" in output


@pytest.mark.all
@in_either
def test_a_careful_test_passes_in_any_number_of_processes(tmp_path: Path, processes: str) -> None:
    test_file = tmp_path / "test_careful.py"
    test_file.write_text(CAREFUL.format(warning="warnings.filterwarnings('error')", close="made.close()"))
    status, output = outcome(test_file, "-n", processes)
    assert (status, "2 passed" in last_line(output)) == (0, True), output


@pytest.mark.all
@in_either
def test_a_missing_server_is_an_error_of_one_line_and_no_skip(
    tmp_path: Path, processes: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TEST_POSTGRES_BIN", "/nowhere")
    monkeypatch.delenv("TEST_DATABASE_URL", raising=False)
    test_file = tmp_path / "test_postgres.py"
    test_file.write_text("async def test_one(postgres): pass\nasync def test_two(own_postgres): pass\n")
    status, output = outcome(test_file, "-n", processes)
    assert (status, "2 errors" in last_line(output)) == (1, True), output
    assert output.splitlines().count("TEST_POSTGRES_BIN=/nowhere: no postgres there") == 2
    assert "Traceback" not in output
    assert "desk.py" not in output


def test_a_program_of_the_system_is_found_or_the_test_fails(tool: Callable[[str], Path]) -> None:
    assert tool("sh").name == "sh"
    with pytest.raises(
        pytest.fail.Exception, match="no-such-program is missing: run `sh scripts/ci-packages`"
    ):
        tool("no-such-program")

"""How answers of the command line look."""

import sys
from typing import Any

import pytest
from click import unstyle

from identity_service.cli.output import cell, print_rows


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (None, "-"),
        (True, "yes"),
        (False, "no"),
        ([], "-"),
        (["a", "b"], "a b"),
        (900, "900"),
        ("2026-11-22T02:17:38.068123Z", "2026-11-22T02:17:38Z"),
        ("Zoë 日本", "Zoë 日本"),
        ("\x1b[2Jgone", r"\x1b[2Jgone"),
        ("right\u202eleft", r"right\u202eleft"),
        ("two\nlines\tand", r"two\nlines\tand"),
    ],
)
def test_a_value_is_shown_as_people_read_it_and_control_characters_are_not_obeyed(
    value: Any, text: str
) -> None:
    assert cell(value) == text


class Terminal:
    """Standard output that is a terminal, 60 columns wide."""

    def __init__(self, real: Any) -> None:
        self._real = real
        self.encoding = "utf-8"

    def isatty(self) -> bool:
        return True

    def __getattr__(self, name: str) -> Any:
        return getattr(self._real, name)


def test_on_a_terminal_a_table_folds_what_is_too_long_and_loses_nothing(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("COLUMNS", "40")
    monkeypatch.setattr(sys, "stdout", Terminal(sys.stdout))
    print_rows(("id", "scope"), [{"id": "1", "scope": "[bold]" + "y" * 60}], nothing="Nothing.")
    shown = unstyle(capsys.readouterr().out)
    assert "scope" in shown.splitlines()[0]
    assert shown.count("y") == 60
    assert "[bold]" in shown
    assert max(map(len, shown.splitlines())) <= 40


def test_on_a_terminal_an_empty_list_says_so(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(sys, "stdout", Terminal(sys.stdout))
    print_rows(("id",), [], nothing="There are none.")
    assert capsys.readouterr().out == "There are none.\n"

"""Asks for what is missing, on a terminal only; reads secrets so that nobody sees them."""

import sys
from typing import Any

import click


def is_terminal() -> bool:
    """Whether somebody sits there who can answer."""
    return sys.stdin.isatty()


def asked(value: str | None, option: str, label: str, **prompt: Any) -> str:
    """The value given, else what the person at the terminal answers. Raises UsageError where nobody is there."""
    if value is not None:
        return value
    if not is_terminal():
        raise click.UsageError(f"Missing option '{option}'.")
    return str(click.prompt(label, err=True, **prompt))


def asked_for_more(label: str) -> str:
    """What the person at the terminal answers; nothing where nobody is there, for it may be left out."""
    return asked(None, "", f"{label} (empty: none)", default="", show_default=False) if is_terminal() else ""


def hidden(from_stdin: bool, option: str, label: str, *, confirm: bool = True) -> str:
    """A secret: the first line of standard input, or asked for twice without showing it."""
    if from_stdin:
        return line_of_stdin(option)
    return asked(None, option, label, hide_input=True, confirmation_prompt=confirm)


def line_of_stdin(option: str) -> str:
    """Standard input without the newline at its end. Raises UsageError when it is empty."""
    text = sys.stdin.read().removesuffix("\n").removesuffix("\r")
    if not text:
        raise click.UsageError(f"'{option}' reads standard input, and nothing came from there.")
    return text


def agreed(yes: bool, question: str) -> None:
    """As `confirmed`, where a script that names what it wants need not say so twice. Raises Abort."""
    if not yes and is_terminal():
        click.confirm(question, abort=True, err=True)


def confirmed(yes: bool, question: str) -> None:
    """Goes on if `--yes` was given or the person at the terminal agrees.

    Raises UsageError where nobody can be asked, Abort when the answer is no.
    """
    if yes:
        return
    if not is_terminal():
        raise click.UsageError("Nobody is there to be asked: add '--yes'.")
    click.confirm(question, abort=True, err=True)

"""The README's two commands run, and show what it says they show."""

import re
import socket
from pathlib import Path

import pytest

from tests.docs.copy import Copy
from tests.docs.pages import CHECKOUT, Block, blocks, read

PAGE = "README.md"
# What differs from run to run, and what the README shortens.
VARYING = (
    (r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}", "<id>"),
    (r"password  [0-9a-f]{18}", "password  <password>"),
    (r"http://127\.0\.0\.1:\d+", "<issuer>"),
    (r'"eyJ[^"]*"', '"<jwt>"'),
    (r'"idr_[^"]*"', '"<refresh token>"'),
    (r'"(exp|iat)":\d+', r'"\1":<time>'),
)


@pytest.fixture
def copy(tmp_path: Path) -> Copy:
    return Copy.make(tmp_path / "copy", BCRYPT_COST="4")


def commands() -> list[str]:
    """The lines of its shell blocks, without their comments."""
    return [
        line.partition("#")[0].strip() for block in blocks(PAGE, "sh") for line in block.text.splitlines()
    ]


def shown(name: str) -> Block:
    (found,) = [block for block in blocks(PAGE, "text") if block.attributes.get("output") == name]
    return found


def alike(text: str) -> list[str]:
    """The lines with what varies taken out."""
    for pattern, stands_for in VARYING:
        text = re.sub(pattern, stands_for, text)
    return text.splitlines()


def assert_shows(promised: str, printed: str) -> None:
    """Line by line; `…` on a line of its own stands for any number of lines."""
    at, lines = 0, alike(printed)
    may_pass = False
    for line in alike(promised):
        if line == "…":
            may_pass = True
            continue
        while may_pass and at < len(lines) and lines[at] != line:
            at += 1
        assert at < len(lines), f"not printed: {line}\n{printed}"
        assert lines[at] == line
        at, may_pass = at + 1, False


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def test_there_are_exactly_the_two_commands() -> None:
    assert commands() == ["sh scripts/quickstart", "sh scripts/test"]


def test_quickstart_prints_what_the_readme_shows_and_the_pasted_lines_are_answered_as_it_shows(
    copy: Copy,
) -> None:
    port = free_port()
    with copy.serving(f"{commands()[0]} --port {port}", port=port) as printed:
        text = printed.read_text()
        made = text[text.index("Open http") :]
        assert_shows(shown("quickstart").text, made)

        answers = copy.run(made.partition("one after the other:")[2].partition("\nServing")[0])

    assert_shows(shown("answers").text, answers)


def test_what_it_says_of_the_browser_is_on_the_pages() -> None:
    told = read(PAGE).partition("In the browser: ")[2].partition("\n\n")[0]
    templates = CHECKOUT / "identity_service" / "demo" / "templates"
    button = "Sign in with identity-service"
    assert f'"{button}"' in told
    welcome = (templates / "welcome.html").read_text()
    assert re.search("Sign in with <bdi>{{ party.provider_name }}</bdi>", welcome)
    assert "identity-service demo --help" in told


def test_the_suite_is_started_by_the_second_command(copy: Copy) -> None:
    printed = copy.run(f"{commands()[1]} -n 0 -q tests/unit/domain/test_ids.py")

    assert re.search(r"\d+ passed", printed)


def test_output_that_differs_would_be_noticed() -> None:
    promised = shown("answers").text
    assert_shows(promised, promised)
    with pytest.raises(AssertionError):
        assert_shows(promised, promised.replace("900", "901"))
    with pytest.raises(AssertionError):
        assert_shows("a\n…\nb\n", "a\nc\n")


def test_it_says_what_is_missing_as_long_as_it_is_missing() -> None:
    missing = read(PAGE).partition("## What there is not, yet")[2].partition("\n## ")[0]
    assert "No second factors" in missing

"""`identity-service mail …`."""

import asyncio
from pathlib import Path
from typing import Any

import pytest

from identity_service.i18n.catalogues import languages
from tests.integration.cli.conftest import CommandLine
from tests.integration.cli.test_doctor import examined
from tests.mail_server import MailServer, mail_server


def with_server(
    monkeypatch: pytest.MonkeyPatch, cli: CommandLine, *args: str, refuses: str | None = None
) -> Any:
    """The command's result and what a mail server in another thread has taken meanwhile."""

    async def run() -> tuple[Any, MailServer]:
        async with mail_server() as server:
            server.answers_rcpt = [refuses] if refuses else []
            cli.set(SMTP_HOST="127.0.0.1", SMTP_PORT=str(server.port), SMTP_TLS="off")
            return await asyncio.to_thread(cli, *args), server

    return asyncio.run(run())


def test_letters_are_looked_at_in_every_language(bare_cli: CommandLine, tmp_path: Path) -> None:
    assert bare_cli.ok("mail", "preview").split() == bare_cli.json("mail", "preview")
    for language in languages():
        shown = bare_cli.json("mail", "preview", "password_changed", "--language", language)
        assert shown["language"] == language
        said = bare_cli.ok("mail", "preview", "password_changed", "--language", language)
        assert said == f"Subject: {shown['subject']}\n\n{shown['text']}"
    bare_cli.ok("mail", "preview", "test", "--html", str(tmp_path / "test.html"))
    assert "<h1" in (tmp_path / "test.html").read_text()
    assert "there is no letter 'love', but password_changed" in bare_cli.refused("mail", "preview", "love")


def test_what_was_kept_is_listed_and_shown(bare_cli: CommandLine) -> None:
    assert bare_cli.json("mail", "list") == []
    sent = bare_cli.json("mail", "test", "ada@house.example", "--language", "de")
    assert sent["kept"] is True

    [listed] = bare_cli.json("mail", "list")
    assert (listed["id"], listed["to"]) == (sent["id"], "ada@house.example")
    shown = bare_cli.json("mail", "show", sent["id"])
    assert shown["subject"] == "Eine E-Mail zum Ausprobieren"
    assert shown["text"] in bare_cli.ok("mail", "show", sent["id"])
    assert bare_cli.ok("mail", "show", sent["id"], "--html").startswith("<!doctype html>")
    assert sent["id"] in bare_cli.ok("mail", "list")
    assert "no mail 'x' was kept" in bare_cli.refused("mail", "show", "x")


def test_a_mail_is_handed_to_the_mail_server_at_once(
    bare_cli: CommandLine, monkeypatch: pytest.MonkeyPatch
) -> None:
    result, server = with_server(monkeypatch, bare_cli, "mail", "test", "ada@house.example")
    assert (result.exit_code, result.stdout) == (
        0,
        "The mail server has taken the mail to ada@house.example.\n",
    )
    [mail] = server.taken
    assert mail["From"] == "identity-service <no-reply@localhost>"
    assert bare_cli.json("mail", "list") == []


def test_what_the_mail_server_says_is_told(bare_cli: CommandLine, monkeypatch: pytest.MonkeyPatch) -> None:
    result, _ = with_server(
        monkeypatch, bare_cli, "mail", "test", "ada@house.example", refuses="550 5.1.1 nobody"
    )
    assert result.exit_code == 1
    assert "the mail was not sent: the mail server refused it: 550 5.1.1 nobody" in result.stderr


def test_s8_the_doctor_tries_the_mail_server(cli: CommandLine, monkeypatch: pytest.MonkeyPatch) -> None:
    assert examined(cli)["mail"]["status"] == "ok"
    cli.set(ENVIRONMENT="production", ISSUER="https://id.example")
    alone = examined(cli)["mail"]
    assert (alone["status"], "reach nobody" in alone["text"]) == ("warn", True)
    cli.set(ENVIRONMENT="development", SMTP_HOST="127.0.0.1", SMTP_PORT="1", SMTP_TLS="off")
    away = examined(cli)["mail"]
    assert away["status"] == "fail"
    assert away["text"].startswith("no mail can be handed to 127.0.0.1:1")


@pytest.mark.parametrize(
    ("variables", "line"),
    [
        ({"MAIL_FROM": "Ada <ada@house.example>"}, "MAIL_FROM: wants an address"),
        ({"MAIL_REPLY_TO": "nobody"}, "MAIL_REPLY_TO: wants an address"),
        ({"SMTP_TLS": "maybe"}, "SMTP_TLS: wants starttls, tls or off"),
        ({"SMTP_PORT": "0"}, "SMTP_PORT: wants a whole number from 1 to 65535"),
        ({"SMTP_CA_FILE": "/nowhere.pem"}, "SMTP_CA_FILE: wants the path of a file of certificates"),
    ],
)
def test_s9_a_wrong_value_is_told_by_name(
    bare_cli: CommandLine, variables: dict[str, str], line: str
) -> None:
    bare_cli.set(**variables)
    assert bare_cli.refused("mail", "list").startswith(f"Error: {line}")

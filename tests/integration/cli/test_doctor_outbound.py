"""`identity-service doctor` on what is to reach clients' servers (PROTOCOL §8)."""

from pathlib import Path
from typing import Any

import pytest
import time_machine

from identity_service.domain.entities.message import NewMessage
from tests.ageing import age
from tests.integration.cli.conftest import CommandLine
from tests.integration.cli.test_doctor import examined, only_failure
from tests.web_site import tls_for


def written(
    cli: CommandLine, monkeypatch: pytest.MonkeyPatch, *, dead: int = 0, waiting_seconds: int = 0
) -> None:
    """Some messages that were given up, and one that has been due for so long."""

    async def write(container: Any) -> None:
        messages = [NewMessage(kind="k", recipient="shop", payload={}, life_seconds=600)] * max(dead, 1)
        async with container.begin() as uow:
            await uow.outbox.add(messages)
            if dead:
                for message in await uow.outbox.take(kinds={"k"}, limit=dead, hold_seconds=60):
                    await uow.outbox.bury(message, error="refused")
            await uow.commit()
        if waiting_seconds:
            await age(container.database(), waiting_seconds)

    cli.within(monkeypatch, write)


def test_s8_messages_that_were_given_up_are_told_of(
    any_cli: CommandLine, monkeypatch: pytest.MonkeyPatch
) -> None:
    written(any_cli, monkeypatch, dead=2)
    found = examined(any_cli)["outbox"]
    assert (found["status"], found["text"].partition(":")[0]) == ("warn", "2 messages were given up")
    assert "outbox list --status dead" in found["mend"]


def test_s8_an_outbox_that_nobody_empties_is_told_of(
    cli: CommandLine, monkeypatch: pytest.MonkeyPatch
) -> None:
    written(cli, monkeypatch)
    assert examined(cli)["outbox"]["status"] == "ok"
    written(cli, monkeypatch, waiting_seconds=3600)
    found = examined(cli)["outbox"]
    assert found["status"] == "warn"
    assert found["text"].startswith("2 messages are due, the oldest for 36")


def test_s8_authorities_of_ones_own_are_read_and_those_that_ran_out_are_told_of(
    cli: CommandLine, tmp_path: Path
) -> None:
    _, authority = tls_for("keys.test", tmp_path)
    cli.set(FETCH_CA_FILE=str(authority), FETCH_EXCEPTIONS="keys.test:8443")
    found = examined(cli)["fetching"]
    assert (found["status"], found["text"]) == (
        "ok",
        "clients' servers are asked by https at public addresses, and keys.test:8443, with 1 authorities of "
        "FETCH_CA_FILE",
    )
    with time_machine.travel("2100-01-01"):
        late = examined(cli)["fetching"]
    assert late["status"] == "warn"
    assert late["text"].startswith("1 of 1 certificates in FETCH_CA_FILE")


@pytest.mark.parametrize("content", [None, "no certificate"])
def test_s8_a_file_of_authorities_that_cannot_be_read_fails(
    cli: CommandLine, tmp_path: Path, content: str | None
) -> None:
    path = tmp_path / "authorities.pem"
    if content is not None:
        path.write_text(content)
    cli.set(FETCH_CA_FILE=str(path))
    assert "FETCH_CA_FILE" in only_failure(cli, "configuration")["text"]

"""`identity-service outbox …` (PROTOCOL §8)."""

import re
from typing import Any

import pytest

from identity_service.domain.entities.message import NewMessage
from tests.integration.cli.conftest import CommandLine

NONE = "01997d5e-7c1a-7cc3-9d6f-0b5a3a0b8c77"


@pytest.fixture
def waiting(any_cli: CommandLine, monkeypatch: pytest.MonkeyPatch) -> CommandLine:
    """A message that was delivered, one that was given up, and the newest, which waits."""

    async def write(container: Any) -> None:
        for number in range(3):
            async with container.begin() as uow:
                message = NewMessage(
                    kind=f"kind {number}", recipient="shop", payload={"n": number}, life_seconds=60
                )
                await uow.outbox.add([message])
                if number < 2:
                    [taken] = await uow.outbox.take(kinds={message.kind}, limit=1, hold_seconds=60)
                    over = (
                        uow.outbox.bury(taken, error="refused\x1b") if number else uow.outbox.deliver(taken)
                    )
                    assert await over
                await uow.commit()

    any_cli.within(monkeypatch, write)
    return any_cli


def test_s8_messages_are_listed_and_shown(waiting: CommandLine) -> None:
    every = waiting.json("outbox", "list")
    assert [each["status"] for each in every] == ["waiting", "dead", "delivered"]
    assert [each["due_at"] is None for each in every] == [False, True, True]
    [dead] = waiting.json("outbox", "list", "--status", "dead")
    assert waiting.json("outbox", "list", "--kind", "kind 1", "--recipient", "shop") == [dead]
    assert waiting.json("outbox", "list", "--limit", "2") == every[:2]
    assert waiting.json("outbox", "list", "--recipient", "nobody") == []

    shown = waiting.json("outbox", "show", dead["id"])
    assert shown == dead
    assert (shown["payload"], shown["attempts"], shown["last_error"]) == ({"n": 1}, 1, "refused\x1b")
    assert re.search(r'payload +\{"n": 1\}', waiting.ok("outbox", "show", dead["id"]))
    for text in (waiting.ok("outbox", "show", dead["id"]), waiting.ok("outbox", "list")):
        assert dead["id"] in text
        assert "\x1b" not in text


def test_s8_a_message_that_was_given_up_is_sent_again(waiting: CommandLine) -> None:
    pending, dead, delivered = waiting.json("outbox", "list")
    assert "is due now" in waiting.ok("outbox", "retry", dead["id"])
    assert waiting.json("outbox", "retry", pending["id"])["status"] == "waiting"

    assert waiting.json("outbox", "list", "--status", "dead") == []
    assert waiting.refused("outbox", "retry", delivered["id"]) == "Error: the message was delivered already"


def test_s8_a_message_that_waits_or_was_given_up_is_thrown_away(waiting: CommandLine) -> None:
    pending, dead, delivered = waiting.json("outbox", "list")
    assert f"Message {dead['id']} is gone" in waiting.ok("outbox", "discard", dead["id"])
    assert waiting.json("outbox", "discard", pending["id"]) == pending

    assert waiting.json("outbox", "list") == [delivered]
    refused = waiting.refused("outbox", "discard", delivered["id"])
    assert refused == "Error: the message was delivered already"


@pytest.mark.parametrize("command", ["show", "retry", "discard"])
@pytest.mark.parametrize("message", ["x", NONE, NONE.upper()])
def test_s8_a_message_that_is_not_there_is_one_line(cli: CommandLine, command: str, message: str) -> None:
    assert "there is no message" in cli.refused("outbox", command, message)

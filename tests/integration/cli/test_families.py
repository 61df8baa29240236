"""`identity-service family …` (PROTOCOL §8)."""

import os
from datetime import UTC, datetime
from typing import Any

import pytest

from tests.integration.cli.conftest import CommandLine

FAMILIES = ("01997d5e-9d44-7b0a-8c36-5f1e2d3c4b5a", "01997d5e-9d44-7b0a-8c36-5f1e2d3c4b5b")
SESSION = "01997d5e-7c1a-7cc3-9d6f-0b5a3a0b8c77"


@pytest.fixture
def given(any_cli: CommandLine, monkeypatch: pytest.MonkeyPatch) -> tuple[CommandLine, str]:
    """alice, with two families at a client, the newer of a session; with the client's id."""
    any_cli.ok("user", "create", "--username", "alice", "--password-stdin", stdin="a long passphrase")
    made = any_cli.json("client", "create", "--name", "Shop", "--grant-type", "client_credentials")

    async def start(container: Any) -> None:
        from identity_service.domain.entities.token import Epochs, Family
        from identity_service.domain.value_objects.ids import ClientId, FamilyId, SessionId
        from identity_service.domain.value_objects.scope import Scope

        async with container.begin() as uow:
            user = await uow.users.by_username("alice")
            client = await uow.clients.get(ClientId(made["client_id"]))
            for family_id, session in zip(FAMILIES, (None, SessionId(SESSION)), strict=True):
                family = Family(
                    id=FamilyId(family_id),
                    client_id=client.client_id,
                    user_id=user.id,
                    scope=Scope.parse("read"),
                    audience=("https://api.example",),
                    epochs=Epochs(client.server_epoch, user.epoch, client.epoch),
                    auth_time=datetime.now(UTC),
                    amr=("pwd",),
                    lifetime_seconds=600,
                    session_id=session,
                )
                assert await uow.families.start(family, os.urandom(32))
            await uow.commit()

    any_cli.within(monkeypatch, start)
    return any_cli, made["client_id"]


def alive(cli: CommandLine, *filters: str) -> list[str]:
    return [each["id"] for each in cli.json("family", "list", "--alive", *filters)]


def test_s8_families_are_listed_shown_and_ended(given: tuple[CommandLine, str]) -> None:
    cli, client_id = given
    newer, older = cli.json("family", "list", "--user", "alice")
    assert (older["id"], newer["id"]) == FAMILIES
    assert (older["client_id"], older["username"], newer["session_id"]) == (client_id, "alice", SESSION)
    assert cli.json("family", "list", "--limit", "1") == [newer]
    assert FAMILIES[0] in cli.ok("family", "list", "--client", client_id)

    assert cli.ok("family", "end", FAMILIES[0]).startswith(f"Family {FAMILIES[0]} has ended")

    assert alive(cli) == [FAMILIES[1]]
    shown = cli.json("family", "show", FAMILIES[0])
    assert (shown["alive"], shown["ended_reason"]) == (False, "ended")
    assert "ended_reason  ended" in cli.ok("family", "show", FAMILIES[0])
    assert "that is alive: `identity-service family list`" in cli.refused("family", "end", FAMILIES[0])
    assert cli.json("family", "end", FAMILIES[1]) == {"id": FAMILIES[1], "ended": True}


@pytest.mark.parametrize(
    ("filters", "left"),
    [
        (("--user", "alice"), 0),
        (("--client", "CLIENT"), 0),
        (("--session", SESSION), 1),
        (("--user", "alice", "--session", SESSION), 1),
    ],
    ids=["a person", "a client", "a session", "of both"],
)
def test_s8_all_of_somebody_are_ended(
    given: tuple[CommandLine, str], filters: tuple[str, ...], left: int
) -> None:
    cli, client_id = given
    named = [client_id if each == "CLIENT" else each for each in filters]

    assert cli.json("family", "end", *named, "--yes") == {"ended": 2 - left}

    assert len(alive(cli)) == left
    assert cli.ok("family", "end", *named).startswith("0 ended")


@pytest.mark.parametrize("arguments", [(), (FAMILIES[0], "--user", "alice")], ids=["nothing", "both"])
def test_s8_whose_families_end_has_to_be_said_once(cli: CommandLine, arguments: tuple[str, ...]) -> None:
    assert "Name one family, or at least one of" in cli.refused("family", "end", *arguments, status=2)


@pytest.mark.parametrize(
    ("command", "line"),
    [
        (("list", "--user", "nobody"), "there is no user 'nobody'"),
        (("end", "--client", "nobody"), "there is no client 'nobody'"),
        (("end", "--session", "x"), "there is no session 'x'"),
        (("show", "x"), "there is no family 'x'"),
        (("end", FAMILIES[0]), f"there is no family '{FAMILIES[0]}' that is alive"),
    ],
)
def test_s8_what_is_not_there_is_one_line(cli: CommandLine, command: tuple[str, ...], line: str) -> None:
    assert line in cli.refused("family", *command)

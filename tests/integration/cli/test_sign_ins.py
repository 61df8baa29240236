"""`identity-service session …` and `consent …` (PROTOCOL §8)."""

import os
from datetime import UTC, datetime
from typing import Any

import pytest

from tests.integration.cli.conftest import CommandLine

SESSION = "01997d5e-7c1a-7cc3-9d6f-0b5a3a0b8c77"


@pytest.fixture
def signed_in(any_cli: CommandLine, monkeypatch: pytest.MonkeyPatch) -> tuple[CommandLine, str]:
    """alice, signed in with a browser at a client, and agreed; with the client's id."""
    any_cli.ok("user", "create", "--username", "alice", "--password-stdin", stdin="a long passphrase")
    made = any_cli.json("client", "create", "--name", "Shop", "--grant-type", "client_credentials")

    async def sign_in(container: Any) -> None:
        from identity_service.domain.entities.session import NewSession
        from identity_service.domain.value_objects.ids import ClientId, SessionId
        from identity_service.domain.value_objects.scope import Scope

        async with container.begin() as uow:
            user = await uow.users.by_username("alice")
            session = NewSession(
                id=SessionId(SESSION),
                user_id=user.id,
                server_epoch=1,
                user_epoch=user.epoch,
                auth_time=datetime.now(UTC),
                amr=("pwd",),
                acr="level",
                user_agent="Browser\x1b[31m",
                address="192.0.2.1",
                lifetime_seconds=600,
            )
            assert await uow.sessions.start(session, os.urandom(32))
            client_id = ClientId(made["client_id"])
            await uow.consents.grant(user.id, client_id, scope=Scope.parse("openid email"), claims=["name"])
            await uow.commit()

    any_cli.within(monkeypatch, sign_in)
    return any_cli, made["client_id"]


def test_s8_sessions_are_listed_and_ended(signed_in: tuple[CommandLine, str]) -> None:
    cli, _ = signed_in
    [listed] = cli.json("session", "list", "--user", "alice")
    assert (listed["id"], listed["address"], listed["amr"]) == (SESSION, "192.0.2.1", ["pwd"])
    assert "current" not in listed
    shown = cli.ok("session", "list", "--user", "alice")
    assert SESSION in shown
    assert "\x1b" not in shown

    assert cli.ok("session", "revoke", SESSION) == f"Session {SESSION} has ended.\n"

    assert cli.json("session", "list", "--user", "alice") == []
    assert "session list --user USER" in cli.refused("session", "revoke", SESSION)


def test_s8_consents_are_listed_and_taken_back(signed_in: tuple[CommandLine, str]) -> None:
    cli, client_id = signed_in
    [listed] = cli.json("consent", "list", "--user", "alice")
    assert (listed["client_id"], listed["client_name"], listed["claims"]) == (client_id, "Shop", ["name"])
    assert client_id in cli.ok("consent", "list", "--user", "alice")

    taken = cli.json("consent", "revoke", "--user", "alice", "--client", client_id)

    assert (taken["client_id"], taken["revoked"]) == (client_id, True)
    assert cli.json("consent", "list", "--user", "alice") == []
    assert "consent list --user alice" in cli.refused(
        "consent", "revoke", "--user", "alice", "--client", client_id
    )


@pytest.mark.parametrize(
    "command",
    [
        ("session", "list", "--user", "nobody"),
        ("consent", "list", "--user", "nobody"),
        ("consent", "revoke", "--user", "nobody", "--client", "x"),
    ],
)
def test_s8_a_person_who_is_not_there_is_one_line(cli: CommandLine, command: tuple[str, ...]) -> None:
    assert "there is no user 'nobody'" in cli.refused(*command)


@pytest.mark.parametrize("session", ["x", SESSION, SESSION.upper()])
def test_s8_a_session_that_is_not_there_is_one_line(cli: CommandLine, session: str) -> None:
    assert "there is no session" in cli.refused("session", "revoke", session)


@pytest.mark.parametrize(
    "command",
    [("session", "list"), ("session", "revoke"), ("consent", "list"), ("consent", "revoke", "--user", "a")],
)
def test_s8_what_has_to_be_named_is(cli: CommandLine, command: tuple[str, ...]) -> None:
    assert "Missing" in cli.refused(*command, status=2)


def test_s8_somebody_is_signed_out_everywhere(cli: CommandLine) -> None:
    cli.ok("user", "create", "--username", "alice", "--password-stdin", stdin="a long passphrase")
    assert "is signed out everywhere" in cli.ok("session", "revoke-all", "--user", "alice")
    assert cli.json("session", "revoke-all", "--user", "alice")["signed_out_everywhere"] is True
    assert "there is no user 'nobody'" in cli.refused("session", "revoke-all", "--user", "nobody")

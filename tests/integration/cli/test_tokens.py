"""`identity-service token …`: an operator looks at tokens and ends them (PROTOCOL §8)."""

from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode

import pytest
from sqlalchemy import select

from identity_service.adapters.sql.schema.history import events
from identity_service.application.use_cases.oauth2.issue_token import TokenRequest
from identity_service.domain.oauth.parameters import parse_form
from tests.integration.cli.conftest import CommandLine

PASSWORD = "a long passphrase"
ENDINGS = ("access_token.revoked", "family.ended")


@dataclass(frozen=True)
class Tokens:
    access: str
    refresh: str


async def signed_in(container: Any, form: dict[str, str]) -> Tokens:
    await container.load_keys()()
    parsed = parse_form(urlencode(form).encode())
    request = TokenRequest(form=parsed, address=None)
    answer = await container.services().oauth2.issue_token(request)
    return Tokens(answer.access_token, answer.refresh_token.reveal())


@pytest.fixture
def tokens(any_cli: CommandLine, monkeypatch: pytest.MonkeyPatch) -> Tokens:
    """Tokens of a sign-in."""
    any_cli.ok("user", "create", "--username", "alice", "--email", "", "--password-stdin", stdin=PASSWORD)
    client = any_cli.json(
        "client", "create", "--name", "App", "--scope", "read", "--grant-type", "password,refresh_token"
    )
    form = {
        "grant_type": "password",
        "username": "alice",
        "password": PASSWORD,
        "client_id": client["client_id"],
        "client_secret": client["client_secret"],
    }
    return any_cli.within(monkeypatch, lambda container: signed_in(container, form))


def test_s8_introspect_shows_any_token(any_cli: CommandLine, tokens: Tokens) -> None:
    seen = any_cli.json("token", "introspect", "-", stdin=f"{tokens.access}\n")
    assert seen["active"] is True
    assert seen["username"] == "alice"
    assert seen["token_type"] == "Bearer"
    assert any_cli.json("token", "introspect", tokens.refresh)["token_type"] == "refresh_token"


@pytest.mark.parametrize("text", ["no token", "idr_" + "A" * 48, "a.b.c"])
def test_s8_what_is_no_token_is_inactive(cli: CommandLine, text: str) -> None:
    assert cli.json("token", "introspect", "-", stdin=text) == {"active": False}


def test_s8_revoke_ends_one_access_token(any_cli: CommandLine, tokens: Tokens) -> None:
    assert any_cli.json("token", "revoke", "-", stdin=tokens.access) == {"was_active": True, "active": False}
    assert any_cli.json("token", "introspect", "-", stdin=tokens.access) == {"active": False}
    assert any_cli.json("token", "introspect", "-", stdin=tokens.refresh)["active"] is True
    assert any_cli.json("token", "revoke", "-", stdin=tokens.access)["was_active"] is False


def test_s5_revoking_a_refresh_token_ends_its_family(any_cli: CommandLine, tokens: Tokens) -> None:
    any_cli.ok("token", "revoke", "-", stdin=tokens.refresh)
    assert any_cli.json("token", "introspect", "-", stdin=tokens.access) == {"active": False}
    assert any_cli.json("token", "introspect", "-", stdin=tokens.refresh) == {"active": False}


def test_s8_the_event_names_the_operator(
    any_cli: CommandLine, tokens: Tokens, monkeypatch: pytest.MonkeyPatch
) -> None:
    any_cli.ok("token", "revoke", "-", stdin=tokens.access)
    any_cli.ok("token", "revoke", "-", stdin=tokens.refresh)

    async def actors(container: Any) -> list[str]:
        async with container.database().engine.connect() as connection:
            found = await connection.execute(select(events.c.actor).where(events.c.name.in_(ENDINGS)))
            return list(found.scalars())

    assert any_cli.within(monkeypatch, actors) == ["cli", "cli"]


def test_s8_nothing_on_standard_input_is_a_usage_error(cli: CommandLine) -> None:
    cli.refused("token", "introspect", status=2)
    cli.refused("token", "revoke", "-", status=2)

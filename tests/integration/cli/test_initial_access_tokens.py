"""`identity-service client initial-access-token …`, and what operators see of clients that registered themselves."""

import pytest

from identity_service.domain.value_objects.secret import OpaqueKind, is_opaque_token
from tests.integration.cli.conftest import CommandLine

GROUP = ("client", "initial-access-token")
NONE = "01997d5e-7c1a-7cc3-9d6f-0b5a3a0b8c77"


def test_s8_a_token_is_made_listed_and_revoked(any_cli: CommandLine) -> None:
    first = any_cli.json(*GROUP, "create")
    second = any_cli.json(*GROUP, "create", "--uses", "5", "--ttl", "3600", "--note", "the shop")

    assert is_opaque_token(OpaqueKind.INITIAL_ACCESS_TOKEN, second.pop("initial_access_token"))
    assert (second["uses"], second["uses_left"], second["note"]) == (5, 5, "the shop")
    listed = any_cli.json(*GROUP, "list")
    assert listed == [second, {name: value for name, value in first.items() if name in second}]
    assert any_cli.json(*GROUP, "list", "--limit", "1") == listed[:1]

    revoked = any_cli.json(*GROUP, "revoke", second["id"])
    assert revoked["revoked_at"] is not None
    assert any_cli.json(*GROUP, "list")[0] == revoked
    assert "is revoked" in any_cli.ok(*GROUP, "revoke", second["id"])


def test_s8_the_token_is_printed_once_and_a_server_that_takes_none_is_named(cli: CommandLine) -> None:
    made = cli(*GROUP, "create")
    assert made.exit_code == 0
    assert "idi_" in made.stdout
    assert "only time" in made.stderr
    assert "CLIENT_REGISTRATION is off" in made.stderr
    assert "idi_" not in cli.ok(*GROUP, "list")

    cli.set(CLIENT_REGISTRATION="token")
    assert "CLIENT_REGISTRATION" not in cli(*GROUP, "create").stderr


def test_s8_clients_that_registered_themselves_are_listed_apart(cli: CommandLine) -> None:
    made = cli.json(
        "client", "create", "--name", "Ours", "--grant-type", "client_credentials", "--scope", "read"
    )

    assert made["registered_by"] is None
    assert cli.json("client", "list", "--self-registered") == []
    assert [each["client_id"] for each in cli.json("client", "list", "--not-self-registered")] == [
        made["client_id"]
    ]


@pytest.mark.parametrize(
    ("options", "line"),
    [
        (("--uses", "0"), "Error: uses: must be between 1 and 10000"),
        (("--ttl", "59"), "Error: ttl: must be between 60 and 31536000 seconds"),
        (("--note", "a\x1b"), "Error: note: has a character that is not allowed"),
    ],
)
def test_s8_a_wrong_order_is_one_line(cli: CommandLine, options: tuple[str, ...], line: str) -> None:
    assert cli.refused(*GROUP, "create", *options) == line


@pytest.mark.parametrize("token", ["x", NONE, NONE.upper()])
def test_s8_a_token_that_is_not_there_is_one_line(cli: CommandLine, token: str) -> None:
    assert "there is no initial access token" in cli.refused(*GROUP, "revoke", token)

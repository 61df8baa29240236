"""`identity-service posture` over a real database."""

import json
from typing import Any

import pytest

from identity_service.application.use_cases.system import examine_posture
from tests.integration.cli.conftest import CommandLine


def created(cli: CommandLine, name: str, *options: str, stdin: str = "") -> str:
    made = cli.json("client", "create", "--name", name, *options, stdin=stdin)
    return str(made["client_id"])


def rules_of(document: dict[str, Any], subject: str) -> set[str]:
    return {each["rule"] for each in document["findings"] if each["subject"] == subject}


@pytest.fixture
def peopled(any_cli: CommandLine) -> tuple[CommandLine, str, str]:
    """A weak client, a strong one, and a weak one that is switched off."""
    weak = created(
        any_cli,
        "Weak",
        "--grant-type",
        "password",
        "--scope",
        "read",
        "--client-secret-stdin",
        stdin="short-secret-1234",
    )
    strong = created(any_cli, "Strong", "--grant-type", "client_credentials", "--scope", "read")
    off = created(any_cli, "Off", "--grant-type", "password", "--scope", "read")
    any_cli.ok("client", "deactivate", off)
    return any_cli, weak, strong


@pytest.mark.every_storage
def test_settings_keys_and_active_clients_are_looked_at(peopled: tuple[CommandLine, str, str]) -> None:
    cli, weak, strong = peopled
    document = cli.json("posture")
    assert {"password-grant", "weak-secret", "method-not-named"} <= rules_of(document, weak)
    assert "shared-secret" in rules_of(document, strong)
    assert "password-grant" not in rules_of(document, strong)
    assert {"development-mode", "key-outside-the-schedule"} <= rules_of(document, "settings")
    assert [each["rule"] for each in document["findings"] if each["kind"] == "key"] == ["short-key"]
    assert document["fapi2"]["clients"] == 2, "the one that is switched off is not looked at"
    assert document["summary"]["high"] == sum(each["risk"] == "high" for each in document["findings"])
    first = document["findings"][0]
    assert set(first) == {"rule", "risk", "kind", "subject", "label", "found", "clauses", "stake", "mend"}
    mends = "".join(each["mend"] for each in document["findings"])
    assert f"identity-service client rotate-secret {weak} (" in mends
    assert "CLIENT_ID" not in mends


def test_lines_for_pipes_begin_with_the_risk(
    peopled: tuple[CommandLine, str, str],
) -> None:
    cli, weak, _ = peopled
    result = cli("posture")
    lines = [line.split("\t") for line in result.stdout.splitlines()]
    assert result.exit_code == 0
    assert ["high", "password-grant", weak, "Weak"] in [line[:4] for line in lines]
    assert "2 active clients looked at: " in result.stderr
    assert {len(line) for line in lines} == {7}


STATUSES = {
    (): 0,
    ("--fail-on", "high"): 1,
    ("--fail-on", "high", "--ignore", "password-grant"): 1,
    ("--fail-on", "high", "--ignore", "password-grant", "--ignore", "cheap-hashes"): 0,
    ("--fail-on", "medium", "--ignore", "password-grant", "--ignore", "cheap-hashes"): 1,
}


def test_the_status_says_whether_it_is_as_bad_as_that(peopled: tuple[CommandLine, str, str]) -> None:
    for options, status in STATUSES.items():
        assert peopled[0]("posture", *options).exit_code == status, options


def test_a_profile_leaves_out_what_it_does_not_ask_for(peopled: tuple[CommandLine, str, str]) -> None:
    cli, weak, _ = peopled
    document = cli.json("posture", "--profile", "oauth21")
    assert {"password-grant", "method-not-named"} <= rules_of(document, weak)
    assert "weak-secret" not in rules_of(document, weak)
    assert all(any(c.startswith("OAuth 2.1") for c in each["clauses"]) for each in document["findings"])


def test_fapi2_says_which_clients_nothing_stands_against(peopled: tuple[CommandLine, str, str]) -> None:
    cli, _, strong = peopled
    assert cli.json("posture")["fapi2"]["clients_that_fit"] == 0
    keys = cli.folder / "keys.json"
    keys.write_text(
        json.dumps(
            {"keys": [{"kty": "OKP", "crv": "Ed25519", "x": "11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo"}]}
        )
    )
    how = ("--auth-method", "private_key_jwt", "--jwks", str(keys), "--auth-signing-alg", "EdDSA")
    cli.set(CLIENT_SIGNING_ALGORITHMS="RS256,ES256")
    cli.ok("client", "update", strong, *how, "--access-token-alg", "ES256")
    fapi2 = cli.json("posture")["fapi2"]
    assert (fapi2["clients_that_fit"], fapi2["examples"]) == (1, [strong])
    assert "1 of 2 active clients" in cli("posture", "--profile", "fapi2").stderr


def test_clients_are_read_page_by_page(
    peopled: tuple[CommandLine, str, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    cli, weak, strong = peopled
    others = {
        created(cli, f"n{n}", "--grant-type", "client_credentials", "--scope", "read") for n in range(3)
    }
    whole = cli.json("posture")
    monkeypatch.setattr(examine_posture, "PAGE", 2)
    assert cli.json("posture") == whole
    assert whole["fapi2"]["clients"] == 5
    assert {weak, strong, *others} <= {each["subject"] for each in whole["findings"]}


def test_no_secret_is_shown_and_nothing_is_made(bare_cli: CommandLine, cli: CommandLine) -> None:
    cli.set(
        MASTER_KEY=None,
        PASSWORD_PEPPER="a-pepper-of-mine",
        REDIS_URL="redis://user:a-redis-password@redis.example:6379/0",
    )
    shown = cli.ok("posture") + cli.ok("posture", "--json")
    assert "redis-without-tls" in shown
    assert "no-pepper" not in shown
    for secret in ("a-pepper-of-mine", "a-redis-password", "user:"):
        assert secret not in shown
    assert not (cli.folder / "var").exists()


def test_a_rule_that_there_is_not_cannot_be_ignored(cli: CommandLine) -> None:
    assert "no rule 'pasword-grant'" in cli.refused("posture", "--ignore", "pasword-grant", status=2)


def test_without_a_database_one_line_says_so(bare_cli: CommandLine) -> None:
    assert bare_cli("posture").exit_code == 1
    assert "DATA_DIR" in bare_cli("posture").stderr.splitlines()[-1]

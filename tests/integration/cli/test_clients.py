"""`identity-service client …` (PROTOCOL §8)."""

import json
from pathlib import Path
from typing import Any

import pytest

from identity_service.domain.value_objects.secret import OpaqueKind, is_opaque_token
from tests.integration.cli.conftest import CommandLine
from tests.signer import jwk_of, key_for

PUBLIC = jwk_of(key_for())
SHOP = ("client", "create", "--name", "Shop", "--grant-type", "client_credentials", "--scope", "read write")


def test_s8_create_prints_the_secret_once(any_cli: CommandLine) -> None:
    made = any_cli.json(*SHOP)
    assert is_opaque_token(OpaqueKind.CLIENT_SECRET, made["client_secret"])
    shown = any_cli.json("client", "show", made["client_id"])
    assert "client_secret" not in shown
    assert shown["grant_types"] == ["client_credentials"]
    assert shown["scope"] == "read write"
    assert made["client_secret"] not in any_cli.ok("client", "list")


def test_s8_the_text_of_create_has_id_and_secret_and_says_that_it_is_the_only_time(cli: CommandLine) -> None:
    result = cli(*SHOP)
    members = dict(line.split(maxsplit=1) for line in result.stdout.splitlines())
    assert is_opaque_token(OpaqueKind.CLIENT_SECRET, members["client_secret"])
    assert "only time" in result.stderr


def test_s8_grants_and_scopes_may_be_repeated_or_listed(cli: CommandLine) -> None:
    name = ("client", "create", "--name", "Shop")
    repeated = cli.json(
        *name, "--grant-type", "password", "--grant-type", "refresh_token", "--scope", "a", "--scope", "b"
    )
    listed = cli.json(*name, "--grant-type", "password,refresh_token", "--scope", "a b")
    for made in (repeated, listed):
        assert made["grant_types"] == ["password", "refresh_token"]
        assert made["scope"] == "a b"


def test_s8_a_public_client_has_no_secret(cli: CommandLine) -> None:
    made = cli.json("client", "create", "--name", "App", "--grant-type", "password", "--public")
    assert made["token_endpoint_auth_method"] == "none"
    assert made["client_secret"] is None


def test_s8_a_public_client_cannot_use_client_credentials(cli: CommandLine) -> None:
    assert "client_credentials" in cli.refused(*SHOP, "--public")


def test_s5_a_resource_server_without_audience_gets_the_default_one(cli: CommandLine) -> None:
    made = cli.json("client", "create", "--name", "Api", "--resource-server")
    assert made["audiences"] == ["http://127.0.0.1:8000"]
    assert made["grant_types"] == []


def test_s5_a_resource_server_has_the_audiences_it_is_given(cli: CommandLine) -> None:
    command = ("client", "create", "--name", "Api", "--resource-server")
    made = cli.json(*command, "--audience", "https://a.example", "--audience", "urn:b:c")
    assert made["audiences"] == ["https://a.example", "urn:b:c"]


def test_s5_an_audience_without_resource_server_is_refused(cli: CommandLine) -> None:
    assert "resource server" in cli.refused(*SHOP, "--audience", "https://a.example")


def test_s8_a_redirect_uri_is_kept_as_given(cli: CommandLine) -> None:
    made = cli.json(*SHOP, "--redirect-uri", "https://shop.example/Callback")
    assert made["redirect_uris"] == ["https://shop.example/Callback"]


def test_s8_a_dangerous_redirect_uri_is_refused(cli: CommandLine) -> None:
    assert "redirect_uris 'javascript:alert(1)': " in cli.refused(
        *SHOP, "--redirect-uri", "javascript:alert(1)"
    )


def test_s8_access_tokens_may_have_a_life_of_their_own(cli: CommandLine) -> None:
    assert cli.json(*SHOP, "--access-token-ttl", "120")["access_token_ttl"] == 120
    assert "between 30 and 86400" in cli.refused(*SHOP, "--access-token-ttl", "1")


def test_s3_access_tokens_may_have_an_algorithm_of_their_own_that_the_server_offers(cli: CommandLine) -> None:
    cli.set(CLIENT_SIGNING_ALGORITHMS="ES256")
    made = cli.json(*SHOP, "--access-token-alg", "ES256")
    assert made["access_token_signed_response_alg"] == "ES256"
    assert "one of RS256, ES256" in cli.refused(*SHOP, "--access-token-alg", "EdDSA")
    cli.refused(*SHOP, "--access-token-alg", "none", status=2)


def test_s8_an_existing_id_and_secret_are_brought_along(any_cli: CommandLine) -> None:
    made = any_cli.json(*SHOP, "--client-id", "legacy-shop", "--client-secret-stdin", stdin="s3cret of old\n")
    assert made["client_id"] == "legacy-shop"
    assert made["client_secret"] is None
    again = (*SHOP, "--client-id", "legacy-shop", "--client-secret-stdin")
    assert "client_id is taken" in any_cli.refused(*again, stdin="another secret")


def test_s8_without_a_terminal_nothing_is_asked(cli: CommandLine) -> None:
    assert "'--name'" in cli.refused("client", "create", status=2)
    assert "'--grant-type'" in cli.refused("client", "create", "--name", "Shop", status=2)


def test_s8_an_unknown_grant_is_refused(cli: CommandLine) -> None:
    line = cli.refused("client", "create", "--name", "Shop", "--grant-type", "implicit")

    assert line.startswith("Error: grant_types 'implicit': is no grant type of this server, which has ")
    assert "client_credentials" in line


def test_s8_members_that_do_not_go_together_are_told_in_a_sentence(cli: CommandLine) -> None:
    line = cli.refused(*SHOP, "--public")

    assert line == (
        "Error: grant_types: a public client has no credentials of its own and cannot use client_credentials"
    )


def test_s8_list_goes_through_all_pages(cli: CommandLine, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("identity_service.cli.listing.PAGE", 2)
    ids = [cli.json(*SHOP)["client_id"] for _ in range(5)]
    assert [client["client_id"] for client in cli.json("client", "list")] == ids
    assert [client["client_id"] for client in cli.json("client", "list", "--limit", "3")] == ids[:3]
    assert cli.json("client", "list", "--name", "Nobody") == []


@pytest.mark.parametrize("command", ["show", "rotate-secret", "deactivate", "activate", "delete"])
def test_s8_an_unknown_client_is_one_line_and_status_1(cli: CommandLine, command: str) -> None:
    assert "there is no client 'nobody'" in cli.refused("client", command, "nobody")


def test_s2_rotate_secret_prints_a_new_one_and_the_old_one_overlaps(
    any_cli: CommandLine, monkeypatch: pytest.MonkeyPatch
) -> None:
    made = any_cli.json(*SHOP)
    rotated = any_cli.json("client", "rotate-secret", made["client_id"])
    assert rotated["client_secret"] != made["client_secret"]
    assert kept_secrets(any_cli, monkeypatch, made["client_id"]) == 2
    any_cli.ok("client", "rotate-secret", made["client_id"], "--overlap", "0")
    assert kept_secrets(any_cli, monkeypatch, made["client_id"]) == 1


def kept_secrets(cli: CommandLine, monkeypatch: pytest.MonkeyPatch, client_id: str) -> int:
    async def work(container: Any) -> int:
        async with container.read() as uow:
            return len((await uow.clients.get(client_id)).secrets)

    return cli.within(monkeypatch, work)


def test_s2_a_public_client_has_no_secret_to_rotate(cli: CommandLine) -> None:
    made = cli.json("client", "create", "--name", "App", "--grant-type", "password", "--public")
    assert "public client has no secret" in cli.refused("client", "rotate-secret", made["client_id"])


def test_s8_deactivate_activate_delete(any_cli: CommandLine) -> None:
    id_ = any_cli.json(*SHOP)["client_id"]
    assert any_cli.json("client", "deactivate", id_)["active"] is False
    assert any_cli.json("client", "activate", id_)["active"] is True
    assert any_cli.json("client", "delete", id_) == {"client_id": id_, "deleted": True}
    any_cli.refused("client", "show", id_)


def test_s8_update_changes_what_is_named_and_default_takes_a_value_away(any_cli: CommandLine) -> None:
    any_cli.set(CLIENT_SIGNING_ALGORITHMS="ES256")
    made = any_cli.json(*SHOP, "--access-token-ttl", "120")
    del made["client_secret"]
    update = ("client", "update", made["client_id"])

    changed = any_cli.json(*update, "--access-token-alg", "ES256", "--name", "Store")
    assert {name for name in made if changed[name] != made[name]} == {
        "client_name", "access_token_signed_response_alg", "updated_at",
    }  # fmt: skip
    assert changed["access_token_signed_response_alg"] == "ES256"
    again = any_cli.json(*update, "--access-token-alg", "default", "--access-token-ttl", "default")
    assert (again["access_token_signed_response_alg"], again["access_token_ttl"]) == (None, None)
    assert any_cli.json(*update, "--name", "default")["client_name"] == "default", "a name like any other"


def test_s8_update_refuses_what_is_not_acceptable_and_changes_nothing(cli: CommandLine) -> None:
    made = cli.json(*SHOP)
    update = ("client", "update", made["client_id"])

    assert "one of RS256" in cli.refused(*update, "--access-token-alg", "EdDSA", "--name", "Store")
    assert "between 30 and 86400" in cli.refused(*update, "--access-token-ttl", "1")
    for wrong in ((), ("--access-token-alg", "none"), ("--access-token-ttl", "soon")):
        cli.refused(*update, *wrong, status=2)
    assert "there is no client" in cli.refused("client", "update", "nobody", "--name", "x")
    assert cli.json("client", "show", made["client_id"])["client_name"] == "Shop"


OPENID = {
    "redirect_uris": ["com.example.shop:/cb", "http://127.0.0.1/cb"],
    "post_logout_redirect_uris": ["com.example.shop:/bye"],
    "backchannel_logout_uri": "https://shop.example/back",
    "backchannel_logout_session_required": True,
    "frontchannel_logout_uri": "http://127.0.0.1/out",
    "frontchannel_logout_session_required": True,
    "application_type": "native",
    "id_token_signed_response_alg": "ES256",
    "userinfo_signed_response_alg": "RS256",
    "default_max_age": 3600,
    "require_auth_time": True,
    "default_acr_values": ["urn:strong", "urn:weak"],
    "first_party": True,
    "require_pkce": False,
    "client_uri": "https://shop.example",
    "logo_uri": "https://shop.example/logo.png",
    "tos_uri": "https://shop.example/terms",
    "policy_uri": "https://shop.example/privacy",
    "initiate_login_uri": "https://shop.example/login",
    "contacts": ["ops@shop.example", "Shop's desk"],
}
AS_OPTIONS = (
    *("--redirect-uri", "com.example.shop:/cb", "--redirect-uri", "http://127.0.0.1/cb"),
    *("--post-logout-redirect-uri", "com.example.shop:/bye", "--application-type", "native"),
    *("--backchannel-logout-uri", "https://shop.example/back", "--backchannel-logout-session-required"),
    *("--frontchannel-logout-uri", "http://127.0.0.1/out", "--frontchannel-logout-session-required"),
    *("--id-token-alg", "ES256", "--userinfo-alg", "RS256", "--default-max-age", "3600"),
    *("--require-auth-time", "--first-party", "--no-require-pkce"),
    *("--default-acr-value", "urn:strong", "--default-acr-value", "urn:weak"),
    *("--client-uri", "https://shop.example", "--logo-uri", "https://shop.example/logo.png"),
    *("--tos-uri", "https://shop.example/terms", "--policy-uri", "https://shop.example/privacy"),
    *("--initiate-login-uri", "https://shop.example/login"),
    *("--contact", "ops@shop.example", "--contact", "Shop's desk"),
)


def test_oidc_registration_s2_create_and_update_take_the_registered_members(any_cli: CommandLine) -> None:
    any_cli.set(CLIENT_SIGNING_ALGORITHMS="ES256")
    plain = any_cli.json(*SHOP)
    created = any_cli.json(*SHOP, *AS_OPTIONS)
    updated = any_cli.json("client", "update", plain["client_id"], *AS_OPTIONS)

    for client in (created, updated, any_cli.json("client", "show", plain["client_id"])):
        assert {member: client[member] for member in OPENID} == OPENID


def test_s8_an_empty_text_empties_a_list_and_default_takes_a_value_away(cli: CommandLine) -> None:
    cli.set(CLIENT_SIGNING_ALGORITHMS="ES256")
    made = cli.json(*SHOP, *AS_OPTIONS)
    update = ("client", "update", made["client_id"])

    changed = cli.json(
        *update,
        *("--post-logout-redirect-uri", "", "--default-acr-value", "", "--contact", ""),
        *("--id-token-alg", "default", "--userinfo-alg", "default", "--default-max-age", "default"),
        *("--logo-uri", "default"),
        *("--backchannel-logout-uri", "default", "--frontchannel-logout-uri", "default"),
        *("--no-require-auth-time", "--no-first-party", "--require-pkce"),
    )

    assert [
        changed[member] for member in ("post_logout_redirect_uris", "default_acr_values", "contacts")
    ] == [
        [],
        [],
        [],
    ]
    for member in (
        "id_token_signed_response_alg",
        "userinfo_signed_response_alg",
        "default_max_age",
        "logo_uri",
        "backchannel_logout_uri",
        "frontchannel_logout_uri",
    ):
        assert changed[member] is None
    assert [changed[member] for member in ("require_auth_time", "first_party", "require_pkce")] == [
        False,
        False,
        True,
    ]
    assert changed["redirect_uris"] == made["redirect_uris"]


def test_oidc_registration_s5_a_sector_identifier_is_asked_where_it_has_something_to_list(
    cli: CommandLine,
) -> None:
    sector = ("--subject-type", "pairwise", "--sector-identifier-uri", "https://shop.example/uris.json")
    made = cli.json(*SHOP, *sector)
    update = ("client", "update", made["client_id"])
    inside = (
        "--sector-identifier-uri",
        "https://127.0.0.1:1/uris.json",
        "--redirect-uri",
        "http://127.0.0.1/cb",
    )

    refused = cli.refused(*update, "--subject-type", "public", *inside)
    plain = cli.json(*update, "--subject-type", "public", "--sector-identifier-uri", "default")

    assert (made["subject_type"], made["sector_identifier_uri"]) == ("pairwise", sector[-1])
    assert "sector_identifier_uri: must answer" in refused
    assert (plain["subject_type"], plain["sector_identifier_uri"]) == ("public", None)


def test_oidc_registration_s2_a_private_use_scheme_is_for_native_clients(cli: CommandLine) -> None:
    line = cli.refused(*SHOP, "--redirect-uri", "com.example.shop:/cb")

    assert "redirect_uris: private-use schemes are for clients whose application_type is native" in line
    cli.refused(*SHOP, "--application-type", "desktop", status=2)
    cli.refused(*SHOP, "--id-token-alg", "none", status=2)


def test_oidc_core_s9_a_client_that_signs_has_keys_and_no_secret(cli: CommandLine, tmp_path: Path) -> None:
    keys = tmp_path / "jwks.json"
    keys.write_text(json.dumps({"keys": [PUBLIC]}))
    signs = (
        *("--auth-method", "private_key_jwt", "--jwks", str(keys), "--auth-signing-alg", "ES256"),
        *("--request-object-alg", "ES256", "--require-signed-request-object", "--rate-limit-tier", "gold"),
        *("--request-uri", "https://shop.example/r.jwt"),
    )

    made = cli.json(*SHOP, *signs)
    update = ("client", "update", made["client_id"])

    assert (made["client_secret"], made["jwks"]) == (None, {"keys": [PUBLIC]})
    assert made["request_uris"] == ["https://shop.example/r.jwt"]
    assert (made["request_object_signing_alg"], made["require_signed_request_object"]) == ("ES256", True)
    assert "has no secret" in cli.refused("client", "rotate-secret", made["client_id"])
    assert made["rate_limit_tier"] == "gold"
    assert cli.json(*update, "--rate-limit-tier", "default")["rate_limit_tier"] is None
    moved = cli.json(*update, "--jwks", "default", "--jwks-uri", "https://shop.example/jwks.json")
    assert (moved["jwks"], moved["jwks_uri"]) == (None, "https://shop.example/jwks.json")
    secret = cli.json(*update, "--auth-method", "default", "--auth-signing-alg", "default")
    assert secret["client_secret"].startswith("ids_")


@pytest.mark.parametrize(
    ("text", "line"),
    [
        (None, "cannot read"),
        ("[]", "is no JSON object"),
        ("{", "is no JSON object"),
        ("{}", "must be a JWK Set"),
    ],
)
def test_what_is_no_key_set_is_refused(cli: CommandLine, tmp_path: Path, text: str | None, line: str) -> None:
    keys = tmp_path / "jwks.json"
    if text is not None:
        keys.write_text(text)
    status = 1 if text == "{}" else 2

    assert line in cli.refused(*SHOP, "--jwks", str(keys), status=status)
    assert "do not go together" in cli.refused(
        *SHOP, "--public", "--auth-method", "private_key_jwt", status=2
    )

"""Global Token Revocation (draft-parecki-oauth-global-token-revocation), and whom RFC 9493 names."""

import json
from typing import Any

import pytest

from tests.api_caller import Caller, on_sqlite, person, program
from tests.house import ISSUER, House, Registered
from tests.visitor import app_of, visitor_of

PATH = "/global-token-revocation"
NOBODY = "0192f0c1-7a3e-7c55-9f2e-0f4b5a6c7d8e"


async def revoked(caller: Caller, sub_id: Any, **more: Any) -> int:
    body = json.dumps({"sub_id": sub_id} | more)
    return (
        await caller("POST", PATH, content=body, headers={"Content-Type": "application/json"})
    ).status_code


@pytest.fixture
async def client(house: House) -> Registered:
    return await house.add_client()


@pytest.mark.parametrize("format_", ["opaque", "iss_sub", "email"])
async def test_everything_of_the_person_ends_and_nothing_of_others(
    house: House, client: Registered, format_: str
) -> None:
    alice = await house.add_user()
    await house.add_user("bob")
    named = {
        "opaque": {"id": alice.id},
        "iss_sub": {"iss": ISSUER, "sub": alice.id},
        "email": {"email": "Alice@EXAMPLE.org"},
    }
    app = await app_of(house, scope="openid offline_access")
    async with visitor_of(house) as visitor:
        offline = await visitor.tokens(app, scope="openid offline_access")
        hers, bobs = await house.sign_in(client), await house.sign_in(client, "bob")

        assert (
            await revoked(await program(house, "users:revoke"), {"format": format_} | named[format_]) == 204
        )

        for token in (hers["access_token"], hers["refresh_token"]):
            assert not await house.is_active(client, token)
        assert not await house.is_active(app, offline["refresh_token"])
        assert await house.is_active(client, bobs["access_token"])
        login = await visitor.to_page(await visitor.ask(app))
        assert login.path.startswith("/login/"), "the person has to sign in anew"


async def test_an_administrator_is_signed_out_by_it_too(house: House, client: Registered) -> None:
    root = await house.add_user("root", admin=True)
    tokens = await house.sign_in(client, "root")

    assert await revoked(await program(house, "users:revoke"), {"format": "opaque", "id": root.id}) == 204

    assert not await house.is_active(client, tokens["access_token"])


UNKNOWN = [
    pytest.param({"format": "opaque", "id": NOBODY}, id="nobody"),
    pytest.param({"format": "opaque", "id": "alice"}, id="no id"),
    pytest.param({"format": "opaque", "id": "\0"}, id="NUL"),
    pytest.param({"format": "email", "email": "nobody@example.org"}, id="nobody's address"),
    pytest.param({"format": "email", "email": "alice"}, id="no address"),
    pytest.param({"format": "email", "email": "unproved@example.org"}, id="an address that was not proved"),
    pytest.param({"format": "iss_sub", "iss": "https://other.example", "sub": "ALICE"}, id="another issuer"),
    pytest.param({"format": "iss_sub", "iss": f"{ISSUER}/", "sub": "ALICE"}, id="almost our issuer"),
]
MALFORMED: list[Any] = [
    pytest.param("alice", id="a text"),
    pytest.param({}, id="nothing"),
    pytest.param({"id": NOBODY}, id="no format"),
    pytest.param({"format": "opaque"}, id="no id"),
    pytest.param({"format": "opaque", "id": 7}, id="a number"),
    pytest.param({"format": "opaque", "id": NOBODY, "email": "a@b.example"}, id="two names"),
    pytest.param({"format": "phone_number", "phone_number": "+12065550100"}, id="a format of others"),
    pytest.param({"format": "email", "email": "\ud800@example.org"}, id="half a surrogate pair"),
    pytest.param(None, id="null"),
]


@on_sqlite
@pytest.mark.parametrize("sub_id", UNKNOWN)
async def test_whoever_is_not_there_is_404(house: House, client: Registered, sub_id: dict[str, str]) -> None:
    alice = await house.add_user()
    await house.add_user("bob", email="unproved@example.org", email_verified=False)
    tokens, bobs = await house.sign_in(client), await house.sign_in(client, "bob")
    named = {name: value.replace("ALICE", alice.id) for name, value in sub_id.items()}

    assert await revoked(await program(house, "users:revoke"), named) == 404

    assert await house.is_active(client, tokens["access_token"])
    assert await house.is_active(client, bobs["access_token"])


@on_sqlite
@pytest.mark.parametrize("sub_id", MALFORMED)
async def test_what_names_nobody_in_a_known_form_is_400(house: House, sub_id: Any) -> None:
    assert await revoked(await program(house, "users:revoke"), sub_id) == 400


@on_sqlite
async def test_the_body_has_that_one_member_and_is_json(house: House) -> None:
    alice = await house.add_user()
    caller, sub_id = await program(house, "users:revoke"), {"format": "opaque", "id": alice.id}

    assert await revoked(caller, sub_id, sub="x") == 400
    assert (await caller("POST", PATH, content=b"{")).status_code == 415
    assert (
        await caller("POST", PATH, content=b"{", headers={"Content-Type": "application/json"})
    ).status_code == 400
    assert (await caller("POST", PATH, data={"sub_id": "alice"})).status_code == 415
    assert (await caller("GET", PATH)).status_code == 405


@on_sqlite
@pytest.mark.parametrize("scope", ["users:write", "users:read clients:write", "account"])
async def test_attack_27_without_the_scope_nobody_learns_who_is_there(house: House, scope: str) -> None:
    root = await house.add_user("root", admin=True)
    caller = await person(house, "root", scope=scope)
    refused = [
        await caller("POST", PATH, json={"sub_id": {"format": "opaque", "id": user_id}})
        for user_id in (root.id, NOBODY)
    ]
    unauthenticated = await house.http.post(PATH, json={"sub_id": {"format": "opaque", "id": root.id}})

    for answer in refused:
        assert (answer.status_code, answer.json()["detail"]) == (403, refused[0].json()["detail"])
        assert 'scope="users:revoke"' in answer.headers["www-authenticate"]
    assert unauthenticated.status_code == 401


@on_sqlite
async def test_the_scope_opens_nothing_else_and_is_never_given_by_default(house: House) -> None:
    alice = await house.add_user()
    caller = await program(house, "users:revoke")
    client = await house.add_client(scope="read users:revoke")
    defaulted = await house.token(client, grant_type="client_credentials")

    for method, path in (
        ("GET", "/users"),
        ("GET", "/families"),
        ("DELETE", f"/users/{alice.id}/sessions"),
        ("DELETE", f"/families?user_id={alice.id}"),
    ):
        assert (await caller(method, path)).status_code == 403
    assert defaulted.json()["scope"] == "read"


@on_sqlite
async def test_the_metadata_names_the_endpoint(house: House) -> None:
    told = (await house.http.get("/.well-known/oauth-authorization-server")).json()

    assert told["global_token_revocation_endpoint"] == f"{ISSUER}{PATH}"
    assert told["global_token_revocation_endpoint_auth_methods_supported"] == ["Bearer"]
    assert "users:revoke" in told["scopes_supported"]

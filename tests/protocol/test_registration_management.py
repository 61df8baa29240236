"""Clients look after their own registration (RFC 7592), clause by clause."""

from typing import Any

import pytest

from identity_service.domain.services.access_policy import OPERATOR
from identity_service.domain.value_objects.scope import Scope
from tests.house import House
from tests.registrant import CALLBACK, Registrant, is_refused
from tests.visitor import is_answer, visitor_of

pytestmark = pytest.mark.asyncio(loop_scope="module")


async def test_s2_1_a_read_tells_the_registration_and_changes_nothing(open_registration: House) -> None:
    made = await Registrant.new(open_registration)

    first, second = await made("GET"), await made("GET")

    assert first.status_code == 200
    assert first.headers["cache-control"] == "no-store"
    once = {"client_secret", "client_secret_expires_at"}
    assert first.json() == {name: value for name, value in made.told.items() if name not in once}
    assert second.json() == first.json()


@pytest.mark.parametrize("method", ["GET", "PUT", "DELETE"])
async def test_s2_1_who_has_not_this_token_of_this_client_learns_nothing(
    open_registration: House, method: str
) -> None:
    made, other = await Registrant.new(open_registration), await Registrant.new(open_registration)
    body = {"json": made.sendable()} if method == "PUT" else {}
    good = made.told["registration_access_token"]
    nobody = Registrant(open_registration, {"client_id": "nobody", "registration_access_token": good})
    by_administrators = await open_registration.add_client()
    not_registered = Registrant(open_registration, made.told | {"client_id": by_administrators.id})

    anothers = await made(method, token=other.told["registration_access_token"], **body)
    unknown = await nobody(method, **body)
    not_its_own = await not_registered(method, **body)
    malformed = await made(method, token="x", **body)
    secret = await made(method, token=made.told["client_secret"], **body)
    missing = await open_registration.http.request(method, made.path, **body)

    for answer in (anothers, unknown, not_its_own, malformed, secret, missing):
        assert is_refused(answer, "invalid_token", 401)
        assert answer.headers["www-authenticate"].startswith("Bearer ")
    assert anothers.content == unknown.content == not_its_own.content
    assert "malformed" in malformed.text  # for which no database was asked
    assert (await made("GET")).status_code == 200


async def test_s2_2_a_change_replaces_everything_and_the_token_with_it(open_registration: House) -> None:
    made = await Registrant.new(
        open_registration, contacts=["a@app.example"], default_max_age=60, scope="openid email"
    )
    before = made.told["registration_access_token"]

    answer = await made.put(client_name="New", contacts=..., default_max_age=None, scope="openid")

    assert answer.status_code == 200
    changed = answer.json()
    assert (changed["client_name"], changed["scope"]) == ("New", "openid")
    assert not {"contacts", "default_max_age", "client_secret"} & set(changed)
    assert changed["registration_access_token"] != before
    assert is_refused(await made("GET", token=before), "invalid_token", 401)
    assert (await made("GET")).json() == changed


async def test_s2_2_what_is_left_out_goes_back_to_its_default(open_registration: House) -> None:
    made = await Registrant.new(open_registration, scope="openid")

    changed = await made.put(scope=..., grant_types=..., client_name=...)

    assert changed.json()["grant_types"] == ["authorization_code"]
    assert changed.json()["scope"].startswith("openid profile")
    assert changed.json()["client_name"] == "app.example"


@pytest.mark.parametrize(
    "members",
    [
        pytest.param({"client_id": ...}, id="without naming itself"),
        pytest.param({"client_id": "another"}, id="naming another"),
        pytest.param({"client_secret": "chosen by the client"}, id="with a secret of its choice"),
        pytest.param({"registration_access_token": "x"}, id="with the token"),
        pytest.param({"registration_client_uri": "https://x.example"}, id="with its place"),
        pytest.param({"client_secret_expires_at": 0}, id="with the end of its secret"),
        pytest.param({"client_id_issued_at": 1}, id="with its beginning"),
    ],
)
async def test_s2_2_a_change_says_who_it_is_and_nothing_that_is_the_servers(
    open_registration: House, members: dict[str, Any]
) -> None:
    made = await Registrant.new(open_registration)

    assert is_refused(await made.put(**members), "invalid_request")
    assert (await made.put()).status_code == 200


async def test_s2_2_a_change_is_judged_as_a_registration_is_and_a_refused_one_changes_nothing(
    open_registration: House,
) -> None:
    made = await Registrant.new(open_registration)

    refused = await made.put(redirect_uris=["javascript:alert(1)"], client_name="New")
    implicit = await made.put(grant_types=["implicit"])
    more = await made.put(scope="openid admin account", first_party=True, require_pkce=False)

    assert is_refused(refused, "invalid_redirect_uri")
    assert is_refused(implicit, "invalid_client_metadata")
    assert more.json()["scope"] == "openid"
    client = (await made.as_client()).client
    assert (client.client_name, client.first_party, client.require_pkce) == ("Photo Album", False, True)


async def test_s2_2_a_client_that_needs_a_secret_is_told_one_and_one_that_needs_none_loses_it(
    open_registration: House,
) -> None:
    made = await Registrant.new(open_registration, token_endpoint_auth_method="none")

    confidential = (await made.put(token_endpoint_auth_method="client_secret_post")).json()
    assert confidential["client_secret_expires_at"] == 0
    made.told["client_secret"] = confidential["client_secret"]
    public = (await made.put(token_endpoint_auth_method="none")).json()

    assert "client_secret" not in public
    assert (await made.as_client()).client.secrets == ()


async def test_rfc9700_s2_1_1_a_client_that_becomes_public_needs_pkce_from_then_on(
    open_registration: House,
) -> None:
    made = await Registrant.new(open_registration)
    async with open_registration.container.begin() as uow:
        client = await uow.clients.get(made.told["client_id"])
        assert client is not None
        await uow.clients.change(client.client_id, {"require_pkce": False}, version=None)
        await uow.commit()

    assert (await made.put(client_name="New")).status_code == 200
    assert (await made.as_client()).client.require_pkce is False
    assert (await made.put(token_endpoint_auth_method="none")).status_code == 200
    assert (await made.as_client()).client.require_pkce is True


async def test_s2_2_people_are_asked_where_the_client_is_now(open_registration: House) -> None:
    made = await Registrant.new(open_registration)
    client = await made.as_client()
    assert (await made.put(redirect_uris=["https://new.example/cb"])).status_code == 200

    async with visitor_of(open_registration) as visitor:
        old = await visitor.ask(client, redirect_uri=CALLBACK)
        new = await visitor.ask(client, redirect_uri="https://new.example/cb")

    assert (old.status_code, new.status_code) == (400, 303)


@pytest.mark.parametrize(
    ("changes", "asked_anew"),
    [
        pytest.param({"client_name": "Another"}, True, id="name"),
        pytest.param({"redirect_uris": [CALLBACK, "https://evil.example/cb"]}, True, id="places"),
        pytest.param({"contacts": ["a@app.example"]}, False, id="nothing that people were shown"),
    ],
)
async def test_who_agreed_to_another_name_or_place_is_asked_anew(
    open_registration: House, changes: dict[str, Any], asked_anew: bool
) -> None:
    made = await Registrant.new(open_registration)
    client = await made.as_client()
    async with visitor_of(open_registration) as visitor:
        await visitor.tokens(client)
        assert is_answer(await visitor.ask(client))

        assert (await made.put(**changes)).status_code == 200

        assert is_answer(await visitor.ask(client)) is not asked_anew


async def test_s2_3_a_client_gives_itself_up_and_all_it_was_given(open_registration: House) -> None:
    made = await Registrant.new(open_registration)
    client = await made.as_client()
    async with visitor_of(open_registration) as visitor:
        tokens = await visitor.tokens(client)

    answer = await made("DELETE")

    assert (answer.status_code, answer.content) == (204, b"")
    for method in ("GET", "DELETE"):
        assert is_refused(await made(method), "invalid_token", 401)
    refreshed = await open_registration.token(
        client, grant_type="refresh_token", refresh_token=tokens["refresh_token"]
    )
    assert is_refused(refreshed, "invalid_client", 401)


async def test_a_client_that_is_switched_off_cannot_switch_itself_on(open_registration: House) -> None:
    made = await Registrant.new(open_registration)
    clients = open_registration.container.services().clients
    await clients.deactivate_client(made.told["client_id"], by=OPERATOR)

    assert is_refused(await made("GET"), "invalid_token", 401)
    assert is_refused(await made.put(), "invalid_token", 401)


@pytest.mark.parametrize("method", ["PUT", "DELETE"])
async def test_attack_33_who_was_given_rights_of_administration_is_an_administrators_to_change(
    open_registration: House, method: str
) -> None:
    made = await Registrant.new(open_registration)
    async with open_registration.container.begin() as uow:
        client = await uow.clients.get(made.told["client_id"])
        assert client is not None
        await uow.clients.change(client.client_id, {"scope": Scope.parse("openid admin")}, version=None)
        await uow.commit()
    body = {"json": made.sendable(redirect_uris=["https://evil.example"])} if method == "PUT" else {}

    refused = await made(method, **body)
    assert is_refused(refused, "insufficient_scope", 403)
    assert "administrator" in refused.json()["error_description"]
    assert (await made("GET")).json()["redirect_uris"] == [CALLBACK]


async def test_scopes_that_an_administrator_gave_may_be_kept(open_registration: House) -> None:
    made = await Registrant.new(open_registration)
    async with open_registration.container.begin() as uow:
        client = await uow.clients.get(made.told["client_id"])
        assert client is not None
        await uow.clients.change(client.client_id, {"scope": Scope.parse("openid photos")}, version=None)
        await uow.commit()

    kept = await made.put(scope="openid photos admin")
    given_up = await made.put(scope="openid")
    again = await made.put(scope="openid photos")

    assert [each.json()["scope"] for each in (kept, given_up, again)] == ["openid photos", "openid", "openid"]


@pytest.mark.parametrize(
    "given", [("authorization_code", "client_credentials"), ("client_credentials",)], ids=["besides", "alone"]
)
async def test_grants_that_an_administrator_gave_may_be_kept(
    open_registration: House, given: tuple[str, ...]
) -> None:
    made = await Registrant.new(open_registration)
    async with open_registration.container.begin() as uow:
        client = await uow.clients.get(made.told["client_id"])
        assert client is not None
        types = ("code",) if "authorization_code" in given else ()
        await uow.clients.change(
            client.client_id, {"grant_types": given, "response_types": types}, version=None
        )
        await uow.commit()
    made.told |= (await made("GET")).json()

    kept = await made.put(grant_types=[*given, "password"])
    given_up = await made.put(grant_types=["authorization_code"])
    again = await made.put(grant_types=["authorization_code", "client_credentials"])

    told = [each.json()["grant_types"] for each in (kept, given_up, again)]
    assert told == [list(given), ["authorization_code"], ["authorization_code"]]

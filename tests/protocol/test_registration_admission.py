"""Who may register a client, and where registration is at all (RFC 7591 §3)."""

from collections.abc import Callable
from contextlib import AbstractAsyncContextManager
from typing import Any

import pytest

from tests.api_caller import pointers, program
from tests.house import ISSUER, House
from tests.registrant import APP, REGISTER, Registrant, handed_out, initial_access_token, is_refused, register
from tests.visitor import is_answer, told, visitor_of

Open = Callable[..., AbstractAsyncContextManager[House]]
pytestmark = pytest.mark.asyncio(loop_scope="module")
DOCUMENTS = ("/.well-known/oauth-authorization-server", "/.well-known/openid-configuration")


async def test_it_is_no_endpoint_for_browsers(house_with: Open) -> None:
    async with house_with(client_registration="open", allowed_origins=("https://app.example",)) as house:
        headers = {"Origin": "https://app.example", "Access-Control-Request-Method": "POST"}
        asked = await house.http.options(REGISTER, headers=headers)
        made = await house.http.post(REGISTER, json=APP, headers={"Origin": "https://app.example"})

    assert made.status_code == 201
    for answer in (asked, made):
        assert "access-control-allow-origin" not in answer.headers


async def test_off_is_the_default_and_then_there_is_nothing(house_with: Open) -> None:
    async with house_with() as house:
        for method, path in (("POST", REGISTER), ("GET", f"{REGISTER}/x"), ("PUT", f"{REGISTER}/x")):
            assert is_refused(await house.http.request(method, path, json=APP), "invalid_request", 404)
        for path in DOCUMENTS:
            assert "registration_endpoint" not in (await house.http.get(path)).json()
        described = (await house.http.get("/openapi.json")).json()
    assert not [path for path in described["paths"] if path.startswith(REGISTER)]
    assert "initial_access_token" not in described["components"]["securitySchemes"]


async def test_rfc8414_s2_both_documents_name_the_endpoint_where_it_is(open_registration: House) -> None:
    for path in DOCUMENTS:
        told_there = (await open_registration.http.get(path)).json()
        assert told_there["registration_endpoint"] == f"{ISSUER}{REGISTER}"


async def test_s3_an_initial_access_token_is_asked_for_and_is_good_as_often_as_it_says(
    house_with: Open,
) -> None:
    async with house_with(client_registration="token") as house:
        missing = await register(house)
        token = await initial_access_token(house, uses=2)
        refused = await register(house, token=token, redirect_uris=["x"])
        uses = [(await register(house, token=token)).status_code for _ in range(3)]
        over = await register(house, token=token)
        wrong = [await register(house, token=each) for each in ("x", token.swapcase(), token[4:])]

    assert is_refused(missing, "invalid_token", 401)
    assert missing.headers["www-authenticate"] == 'Bearer realm="identity-service"'
    assert is_refused(refused, "invalid_redirect_uri")
    assert uses == [201, 201, 401]
    for answer in (over, *wrong):
        assert is_refused(answer, "invalid_token", 401)
        assert answer.headers["www-authenticate"].startswith('Bearer realm="identity-service", error=')
        assert answer.json() == over.json()


async def test_s3_an_initial_access_token_that_was_taken_back_is_good_no_more(house_with: Open) -> None:
    async with house_with(client_registration="token") as house:
        token = await initial_access_token(house)
        [kept] = await handed_out(house)
        await house.container.services().registration.revoke_initial_access_token(kept.id, by="cli")

        assert is_refused(await register(house, token=token), "invalid_token", 401)


async def test_who_let_a_client_in_is_on_record_and_shown_to_administrators(house_with: Open) -> None:
    async with house_with(client_registration="open") as house:
        token = await initial_access_token(house)
        [kept] = await handed_out(house)
        invited = await (await Registrant.new(house, token=token)).as_client()
        stranger = await (await Registrant.new(house)).as_client()
        ours = await house.add_client()

        admin = await program(house)
        shown = [(await admin("GET", f"/clients/{each.id}")).json() for each in (invited, stranger, ours)]
        apart = (await admin("GET", "/clients?self_registered=true")).json()["items"]
        [left] = await handed_out(house)

    assert [each["registered_by"] for each in shown] == [kept.id, "open", None]
    assert sorted(each["client_id"] for each in apart) == sorted([invited.id, stranger.id])
    assert left.uses_left == 0


async def test_attack_33_no_administrator_makes_it_a_first_party_or_ours(house_with: Open) -> None:
    async with house_with(client_registration="open") as house:
        client = await (await Registrant.new(house)).as_client()
        admin = await program(house)
        first_party = await admin("PATCH", f"/clients/{client.id}", json={"first_party": True})
        ours = await admin("PATCH", f"/clients/{client.id}", json={"registered_by": None})
        other = await admin("PATCH", f"/clients/{client.id}", json={"scope": "openid read"})

    assert (first_party.status_code, pointers(first_party)) == (422, ["/first_party"])
    assert (ours.status_code, pointers(ours)) == (422, ["/registered_by"])
    assert other.json()["scope"] == "openid read"


async def test_a_tier_that_an_administrator_gave_stays_when_the_client_changes_itself(
    house_with: Open,
) -> None:
    async with house_with(client_registration="open") as house:
        made = await Registrant.new(house)
        admin = await program(house)
        given = await admin("PATCH", f"/clients/{made.told['client_id']}", json={"rate_limit_tier": "gold"})
        changed = await made.put(client_name="Other", rate_limit_tier="platinum")
        kept = (await made.as_client()).client.rate_limit_tier

    assert (given.status_code, changed.status_code) == (200, 200)
    assert "rate_limit_tier" not in changed.json()
    assert kept == "gold"


async def test_open_registration_has_its_limits_and_a_token_knows_none(house_with: Open) -> None:
    limits = {"client_registration_per_hour": 3, "client_registration_most_clients": 2}
    async with house_with(client_registration="open", **limits) as house:
        answers = [await register(house) for _ in range(4)]
        by_token = await register(house, token=await initial_access_token(house))

    assert [answer.status_code for answer in answers] == [201, 201, 403, 429]
    assert is_refused(answers[2], "access_denied", 403)
    assert is_refused(answers[3], "temporarily_unavailable", 429)
    assert 3590 <= int(answers[3].headers["retry-after"]) <= 3600
    assert by_token.status_code == 201


async def test_a_client_changes_itself_so_often_an_hour(house_with: Open) -> None:
    async with house_with(client_registration="open", client_registration_per_hour=2) as house:
        made, other = await Registrant.new(house), await Registrant.new(house)
        answers = [await made.put(client_name=name) for name in ("One", "Two", "Three")]
        shown = await made("GET")
        anothers = await other.put(client_name="Other")

    assert [answer.status_code for answer in answers] == [200, 200, 429]
    assert shown.json()["client_name"] == "Two"
    assert anothers.status_code == 200


async def test_a_deleted_client_makes_room_for_another(house_with: Open) -> None:
    async with house_with(client_registration="open", client_registration_most_clients=1) as house:
        first = await Registrant.new(house)
        assert (await register(house)).status_code == 403
        assert (await first("DELETE")).status_code == 204
        assert (await register(house)).status_code == 201


@pytest.mark.parametrize(
    ("without_pkce", "method", "required"),
    [(False, "client_secret_basic", True), (True, "client_secret_basic", False), (True, "none", True)],
)
async def test_rfc9700_s2_1_1_pkce_is_needed_unless_an_operator_lets_confidential_clients_do_without(
    house_with: Open, without_pkce: bool, method: str, required: bool
) -> None:
    settings: dict[str, Any] = {
        "client_registration": "open",
        "client_registration_without_pkce": without_pkce,
    }
    async with house_with(**settings) as house:
        made = await Registrant.new(house, token_endpoint_auth_method=method, require_pkce=False)
        client = await made.as_client()
        async with visitor_of(house) as visitor:
            answer = await visitor.ask(client, code_challenge=None, code_challenge_method=None)

    assert client.client.require_pkce is required
    assert is_answer(answer) is required
    if required:
        assert told(answer)["error"] == "invalid_request"

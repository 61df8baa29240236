"""A code for tokens: what has to fit (RFC 6749 §4.1.3, §4.1.4; RFC 7636 §4.5; RFC 8707 §2.2)."""

from collections.abc import AsyncIterator
from typing import Any

import pytest
import pytest_asyncio

from identity_service.domain.value_objects.secret import OpaqueKind, opaque_token
from tests.forged import claims_of
from tests.house import ISSUER, House, Registered
from tests.visitor import REDIRECT_URI, Pkce, Visitor, app_of, told, visitor_of

pytestmark = pytest.mark.asyncio(loop_scope="module")
NO_PKCE = {"code_challenge": None, "code_challenge_method": None}


@pytest_asyncio.fixture(loop_scope="module")
async def visitor(shared_house: House) -> AsyncIterator[Visitor]:
    async with visitor_of(shared_house) as browser:
        yield browser


async def test_s4_1_4_the_answer_is_that_of_section_5_1(visitor: Visitor) -> None:
    client, pkce = await app_of(visitor.house), Pkce.new()
    answer = await visitor.exchange(client, await visitor.code(client, pkce), pkce)

    assert answer.status_code == 200
    assert (answer.headers["cache-control"], answer.headers["pragma"]) == ("no-store", "no-cache")
    members = answer.json()
    assert members.keys() == {
        "access_token",
        "token_type",
        "expires_in",
        "scope",
        "refresh_token",
        "id_token",
    }
    assert (members["token_type"], members["scope"]) == ("Bearer", "openid")


async def test_s4_1_4_what_is_not_asked_for_is_not_given(visitor: Visitor) -> None:
    client = await app_of(visitor.house, grants=("authorization_code",))
    tokens = await visitor.tokens(client, scope="read offline_access")

    assert "refresh_token" not in tokens
    assert "id_token" not in tokens
    assert tokens["scope"] == "read"


UNFIT: dict[str, dict[str, Any]] = {
    "another redirect_uri": {"redirect_uri": f"{REDIRECT_URI}2"},
    "a redirect_uri with a slash behind": {"redirect_uri": f"{REDIRECT_URI}/"},
    "no redirect_uri": {"redirect_uri": None},
    "an empty redirect_uri": {"redirect_uri": ""},
    "another verifier": {"code_verifier": Pkce.new().verifier},
    "no verifier": {"code_verifier": None},
    "an empty verifier": {"code_verifier": ""},
    "the challenge as verifier": {"code_verifier": "{challenge}"},
}


@pytest.mark.parametrize("members", UNFIT.values(), ids=UNFIT)
async def test_s4_1_3_a_code_is_refused_and_burnt_by(visitor: Visitor, members: dict[str, Any]) -> None:
    client, pkce = await app_of(visitor.house), Pkce.new()
    code = await visitor.code(client, pkce)
    if members.get("code_verifier") == "{challenge}":
        members = {"code_verifier": pkce.challenge}
    refused = await visitor.exchange(client, code, pkce, **members)

    assert (refused.status_code, refused.json()["error"]) == (400, "invalid_grant")
    assert (await visitor.exchange(client, code, pkce)).json()["error"] == "invalid_grant"


MALFORMED = {
    "empty": "",
    "of another kind": opaque_token(OpaqueKind.REFRESH_TOKEN, bytes(32)).reveal(),
    "unknown": opaque_token(OpaqueKind.AUTHORIZATION_CODE, bytes(32)).reveal(),
    "long": "idc_" + "A" * 60_000,
    "strange": "idc_' OR 1=1 --",
    "of other letters": "idc_é",
}


@pytest.mark.parametrize("code", MALFORMED.values(), ids=MALFORMED)
async def test_s5_2_no_code_is_one_that_is(visitor: Visitor, code: str) -> None:
    client = await app_of(visitor.house)
    answer = await visitor.exchange(client, code, Pkce.new())

    expected = "invalid_grant" if code else "invalid_request"
    assert (answer.status_code, answer.json()["error"]) == (400, expected)


async def test_s5_2_a_client_without_the_grant_is_told_so(visitor: Visitor) -> None:
    client = await visitor.house.add_client()

    assert (await visitor.exchange(client, MALFORMED["unknown"])).json()["error"] == "unauthorized_client"


async def authenticated_badly(visitor: Visitor, client: Registered, code: str, pkce: Pkce) -> str:
    wrong = Registered(client.client, "wrong")
    answer = await visitor.exchange(wrong, code, pkce)
    return str(answer.json()["error"])


async def test_s3_2_1_who_is_not_the_client_does_not_burn_its_code(visitor: Visitor) -> None:
    client, other, pkce = await app_of(visitor.house), await app_of(visitor.house), Pkce.new()
    code = await visitor.code(client, pkce)

    assert (await visitor.exchange(other, code, pkce)).json()["error"] == "invalid_grant"
    assert await authenticated_badly(visitor, client, code, pkce) == "invalid_client"
    assert (await visitor.exchange(client, code, pkce)).status_code == 200


async def test_s2_3_1_a_client_may_authenticate_in_the_form(visitor: Visitor) -> None:
    client, pkce = await app_of(visitor.house), Pkce.new()
    form = {
        "grant_type": "authorization_code",
        "code": await visitor.code(client, pkce),
        "redirect_uri": REDIRECT_URI,
        "code_verifier": pkce.verifier,
        "client_id": client.id,
        "client_secret": client.secret,
    }

    assert (await visitor.house.post("/oauth2/token", **form)).status_code == 200


async def test_rfc7636_s4_5_a_public_client_needs_no_secret_but_its_verifier(visitor: Visitor) -> None:
    client, pkce = await app_of(visitor.house, public=True), Pkce.new()
    code = await visitor.code(client, pkce)
    assert (await visitor.exchange(client, code, pkce)).status_code == 200

    code = await visitor.code(client, pkce)
    assert (await visitor.exchange(client, code)).json()["error"] == "invalid_grant"


async def test_rfc7636_s4_3_only_a_confidential_client_can_be_let_off_it(visitor: Visitor) -> None:
    let_off = await app_of(visitor.house, require_pkce=False)
    code = (await visitor.agreed(let_off, **NO_PKCE))["code"]
    assert (await visitor.exchange(let_off, code)).status_code == 200

    public = await app_of(visitor.house, require_pkce=False, public=True)
    for client in (await app_of(visitor.house), public):
        assert told(await visitor.ask(client, **NO_PKCE))["error"] == "invalid_request"


async def test_rfc9700_s2_1_1_a_verifier_that_nobody_asked_for_is_refused(visitor: Visitor) -> None:
    client = await app_of(visitor.house, require_pkce=False)
    code = (await visitor.agreed(client, **NO_PKCE))["code"]

    assert (await visitor.exchange(client, code, Pkce.new())).json()["error"] == "invalid_grant"


async def test_s4_1_2_a_challenge_binds_also_a_client_that_need_not_use_one(visitor: Visitor) -> None:
    client, pkce = await app_of(visitor.house, require_pkce=False), Pkce.new()
    code = await visitor.code(client, pkce)

    assert (await visitor.exchange(client, code)).json()["error"] == "invalid_grant"


async def api(house: House, uri: str) -> str:
    await house.add_client(resource_server=True, audiences=frozenset({uri}), grants=())
    return uri


async def test_rfc8707_s2_1_the_token_is_for_what_was_asked_at_both_ends(visitor: Visitor) -> None:
    client = await app_of(visitor.house)
    one, two = [await api(visitor.house, f"https://{name}.example/{client.id}") for name in ("a", "b")]
    both = await visitor.tokens(client, scope="read", resource=[one, two])
    assert sorted(claims_of(both["access_token"])["aud"]) == [one, two]

    nothing = await visitor.tokens(client, scope="read")
    assert claims_of(nothing["access_token"])["aud"] == ISSUER


async def test_rfc8707_s2_2_the_token_request_narrows_and_the_refresh_token_stays_whole(
    visitor: Visitor,
) -> None:
    client, pkce = await app_of(visitor.house), Pkce.new()
    one, two = [await api(visitor.house, f"https://{name}.example/{client.id}") for name in ("a", "b")]
    code = await visitor.code(client, pkce, scope="read", resource=[one, two])
    tokens = (await visitor.exchange(client, code, pkce, resource=one)).json()
    assert claims_of(tokens["access_token"])["aud"] == one

    refresh = {"grant_type": "refresh_token", "refresh_token": tokens["refresh_token"]}
    refused = await visitor.house.token(client, **refresh, resource=ISSUER)
    assert refused.json()["error"] == "invalid_target"
    again = (await visitor.house.token(client, **refresh, resource=two)).json()
    assert claims_of(again["access_token"])["aud"] == two
    whole = await visitor.house.token(
        client, grant_type="refresh_token", refresh_token=again["refresh_token"]
    )
    assert sorted(claims_of(whole.json()["access_token"])["aud"]) == [one, two]


async def test_rfc8707_s2_nothing_is_given_for_what_was_not_agreed(visitor: Visitor) -> None:
    client, pkce = await app_of(visitor.house), Pkce.new()
    one, two = [await api(visitor.house, f"https://{name}.example/{client.id}") for name in ("a", "b")]
    for resource in (two, [one, two], ISSUER, "https://evil.example"):
        code = await visitor.code(client, pkce, scope="read", resource=one)
        refused = await visitor.exchange(client, code, pkce, resource=resource)
        assert (refused.status_code, refused.json()["error"]) == (400, "invalid_target")


async def test_s4_1_3_a_scope_at_the_token_endpoint_can_only_narrow(visitor: Visitor) -> None:
    client, pkce = await app_of(visitor.house), Pkce.new()
    code = await visitor.code(client, pkce, scope="openid read")
    assert (await visitor.exchange(client, code, pkce, scope="read write")).json()["error"] == "invalid_scope"

    code = await visitor.code(client, pkce, scope="openid read")
    narrowed = (await visitor.exchange(client, code, pkce, scope="read")).json()
    assert (narrowed["scope"], "id_token" in narrowed) == ("read", False)
    refreshed = await visitor.house.token(
        client, grant_type="refresh_token", refresh_token=narrowed["refresh_token"]
    )
    assert refreshed.json()["scope"] == "openid read"

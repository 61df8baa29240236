"""The userinfo endpoint: who may ask, how, and what is told (OIDC Core §5.3, RFC 6750)."""

from collections.abc import AsyncIterator
from typing import Any

import httpx2
import pytest
import pytest_asyncio
from joserfc import jwt
from joserfc.jwk import KeySet

from identity_service.domain.value_objects.profile import Address, Profile
from tests.forged import claims_of, forged, header_of, our_key, rs256
from tests.house import ISSUER, House, Registered
from tests.visitor import Visitor, app_of, visitor_of
from tests.visitor import told as answered

pytestmark = pytest.mark.asyncio(loop_scope="module")
USERINFO = "/oauth2/userinfo"
FORM = {"Content-Type": "application/x-www-form-urlencoded"}
CAROL = Profile(
    given_name="Carol",
    family_name="Baker",
    phone_number="+43 1 5550100",
    phone_number_verified=True,
    address=Address(formatted="Hauptplatz 1\nWien", locality="Wien", country="AT"),
)


@pytest_asyncio.fixture(loop_scope="module")
async def visitor(shared_house: House) -> AsyncIterator[Visitor]:
    async with visitor_of(shared_house) as browser:
        yield browser


def bearer(token: str) -> dict[str, str]:
    return {"Authorization": f"Bearer {token}"}


async def token_for(visitor: Visitor, client: Registered, scope: str, **params: Any) -> str:
    return str((await visitor.tokens(client, scope=scope, **params))["access_token"])


async def told(house: House, token: str) -> dict[str, Any]:
    answer = await house.http.get(USERINFO, headers=bearer(token))
    assert answer.status_code == 200, answer.text
    return dict(answer.json())


def is_refused(answer: httpx2.Response, status: int, code: str | None) -> bool:
    challenge = answer.headers.get("www-authenticate", "")
    return (
        answer.status_code == status
        and challenge.startswith("Bearer ")
        and (f'error="{code}"' in challenge if code else "error" not in challenge)
        and answer.headers["cache-control"] == "no-store"
    )


async def test_s5_3_1_it_is_asked_in_three_ways(visitor: Visitor) -> None:
    token = await token_for(visitor, await app_of(visitor.house), "openid email")
    http = visitor.house.http
    answers = [
        await http.get(USERINFO, headers=bearer(token)),
        await http.post(USERINFO, headers=bearer(token)),
        await http.post(USERINFO, headers=bearer(token) | FORM),
        await http.post(USERINFO, data={"access_token": token}),
    ]

    for answer in answers:
        assert (answer.status_code, answer.headers["cache-control"]) == (200, "no-store")
        assert answer.headers["content-type"] == "application/json"
        assert answer.json()["email"] == "alice@example.org"


async def test_rfc6750_s2_a_token_is_sent_in_one_way_and_never_in_the_query(visitor: Visitor) -> None:
    token = await token_for(visitor, await app_of(visitor.house), "openid")
    http, form = visitor.house.http, {"access_token": token}

    assert is_refused(await http.post(USERINFO, data=form, headers=bearer(token)), 400, "invalid_request")
    assert is_refused(await http.get(USERINFO, params=form), 401, None)
    assert is_refused(await http.post(USERINFO, params=form), 401, None)
    assert is_refused(await http.get(USERINFO), 401, None)
    assert is_refused(await http.post(USERINFO, data={"access_token": ""}), 401, None)
    assert (await http.post(USERINFO, content=f"access_token={token}&access_token=x", headers=FORM)).is_error


@pytest.mark.parametrize(
    ("scope", "names"),
    [
        ("openid", set()),
        ("openid email", {"email", "email_verified"}),
        ("openid phone", {"phone_number", "phone_number_verified"}),
        ("openid address", {"address"}),
        ("openid profile", {"name", "given_name", "family_name", "preferred_username", "updated_at"}),
        (
            "openid profile email address phone",
            {
                "name",
                "given_name",
                "family_name",
                "preferred_username",
                "updated_at",
                "email",
                "email_verified",
                "address",
                "phone_number",
                "phone_number_verified",
            },
        ),
    ],
)
async def test_s5_4_a_scope_asks_for_its_claims_and_no_others(
    visitor: Visitor, scope: str, names: set[str]
) -> None:
    username = f"carol-{len(names)}-{scope[-2:]}"
    await visitor.house.add_user(username, name="Carol Baker", profile=CAROL)
    client = await app_of(visitor.house)
    tokens = await visitor.tokens(client, scope=scope, username=username)
    found = await told(visitor.house, tokens["access_token"])

    assert found.keys() == names | {"sub"}
    assert found["sub"] == claims_of(tokens["id_token"])["sub"]
    if "address" in names:
        assert found["address"] == {
            "formatted": "Hauptplatz 1\nWien",
            "locality": "Wien",
            "country": "AT",
        }


async def test_s5_3_2_what_is_not_known_is_left_out(visitor: Visitor) -> None:
    found = await told(
        visitor.house, await token_for(visitor, await app_of(visitor.house), "openid profile phone address")
    )

    assert found.keys() == {"sub", "preferred_username", "updated_at"}


async def test_s5_3_2_a_client_may_have_it_signed(visitor: Visitor) -> None:
    client = await app_of(visitor.house, userinfo_signed_response_alg="RS256")
    token = await token_for(visitor, client, "openid email")
    answer = await visitor.house.http.get(USERINFO, headers=bearer(token))
    keys = KeySet.import_key_set((await visitor.house.http.get("/.well-known/jwks.json")).json())
    claims = jwt.decode(answer.text, keys, algorithms=["RS256"]).claims

    assert answer.headers["content-type"] == "application/jwt"
    assert (claims["iss"], claims["aud"], claims["email"]) == (ISSUER, client.id, "alice@example.org")
    assert claims["sub"] == claims_of(token)["sub"]


async def test_attack_19_signed_userinfo_is_no_id_token(visitor: Visitor) -> None:
    client = await app_of(visitor.house, userinfo_signed_response_alg="RS256")
    tokens = await visitor.tokens(client)
    answer = await visitor.house.http.get(USERINFO, headers=bearer(tokens["access_token"]))
    hints = ((answer.text, "invalid_request"), (tokens["id_token"], None))

    for hint, error in hints:
        asked = await visitor.ask(client, prompt="none", id_token_hint=hint)
        assert answered(asked).get("error") == error
        logout = await visitor.get("/oauth2/logout", id_token_hint=hint)
        assert (logout.status_code == 400) == (error is not None)


async def test_rfc6750_s3_1_a_token_without_openid_is_not_enough(visitor: Visitor) -> None:
    client = await app_of(visitor.house)
    http = visitor.house.http

    assert is_refused(
        await http.get(USERINFO, headers=bearer(await token_for(visitor, client, "email read"))),
        403,
        "insufficient_scope",
    )


async def test_rfc6750_s3_1_a_client_of_its_own_has_no_userinfo(visitor: Visitor) -> None:
    client = await visitor.house.add_client(scope="openid read")
    answer = await visitor.house.token(client, grant_type="client_credentials", scope="openid read")
    asked = await visitor.house.http.get(USERINFO, headers=bearer(answer.json()["access_token"]))

    assert is_refused(asked, 403, "insufficient_scope")


async def test_rfc9068_s4_a_token_for_another_resource_is_none_here(visitor: Visitor) -> None:
    client = await app_of(visitor.house)
    uri = f"https://api.example/{client.id}"
    await visitor.house.add_client(resource_server=True, audiences=frozenset({uri}), grants=())
    foreign = await token_for(visitor, client, "openid", resource=uri)
    shared = await token_for(visitor, client, "openid", resource=[uri, ISSUER])

    assert is_refused(await visitor.house.http.get(USERINFO, headers=bearer(foreign)), 401, "invalid_token")
    assert (await visitor.house.http.get(USERINFO, headers=bearer(shared))).status_code == 200


async def test_attack_19_nothing_else_is_an_access_token(visitor: Visitor) -> None:
    client = await app_of(visitor.house)
    tokens = await visitor.tokens(client)
    header, claims = header_of(tokens["access_token"]), claims_of(tokens["access_token"])
    for why, token in {
        "an ID token": tokens["id_token"],
        "a refresh token": tokens["refresh_token"],
        "of another type": forged(header | {"typ": "JWT"}, claims, rs256(our_key())),
        "run out": forged(header, claims | {"exp": 1}, rs256(our_key())),
        "of another issuer": forged(header, claims | {"iss": "https://evil"}, rs256(our_key())),
        "unsigned": forged(header | {"alg": "none"}, claims, lambda _: b""),
    }.items():
        answer = await visitor.house.http.get(USERINFO, headers=bearer(token))
        assert is_refused(answer, 401, "invalid_token"), why
    good = forged(header, claims, rs256(our_key()))
    assert (await visitor.house.http.get(USERINFO, headers=bearer(good))).status_code == 200


async def test_attack_13_a_token_that_was_ended_tells_nothing(visitor: Visitor) -> None:
    client = await app_of(visitor.house)
    tokens = await visitor.tokens(client)
    await told(visitor.house, tokens["access_token"])
    await visitor.house.post("/oauth2/revoke", client, token=tokens["refresh_token"])
    answer = await visitor.house.http.get(USERINFO, headers=bearer(tokens["access_token"]))

    assert is_refused(answer, 401, "invalid_token")

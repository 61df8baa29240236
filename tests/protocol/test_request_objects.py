"""Requests that clients sign (RFC 9101, OIDC Core §6.1), and what must not pass for one."""

from collections.abc import AsyncIterator, Callable
from typing import Any

import httpx2
import pytest
import pytest_asyncio
from joserfc import jwt
from joserfc.jwk import import_key

from identity_service.adapters.jwt.encoding import to_base64url
from identity_service.adapters.jwt.jwk import to_pem
from tests.house import ISSUER, House
from tests.protocol.test_authorize import is_shown
from tests.requester import Requester, requester_in
from tests.signer import GONE, Signer, jwk_of, key_for, signer_in
from tests.visitor import REDIRECT_URI, Pkce, Visitor, app_of, is_answer, told, visitor_of

pytestmark = pytest.mark.asyncio(loop_scope="module")
AUTHORIZE = "/oauth2/authorize"
EVIL = "https://evil.example/"


@pytest_asyncio.fixture(loop_scope="module")
async def visitor(shared_house: House) -> AsyncIterator[Visitor]:
    async with visitor_of(shared_house) as browser:
        yield browser


async def ask(visitor: Visitor, params: dict[str, Any]) -> httpx2.Response:
    return await visitor.get(AUTHORIZE, **params)


@pytest.mark.parametrize("alg", ["RS256", "PS256", "ES256", "EdDSA"])
async def test_rfc9101_s5_a_client_asks_by_an_object_that_it_signed(visitor: Visitor, alg: str) -> None:
    app, pkce = await requester_in(visitor.house, alg=alg), Pkce.new()
    params = app.params(pkce, nonce="n-1", header={"typ": "oauth-authz-req+jwt"})

    answer = told(await visitor.led_back(await ask(visitor, params)))
    tokens = await visitor.exchange(app.client, answer["code"], pkce)

    assert (answer["state"], answer["iss"]) == ("a state", ISSUER)
    assert tokens.status_code == 200
    assert "id_token" in tokens.json()


@pytest.mark.parametrize(("alg", "kind"), [("RS256", "RSA"), ("ES256", "EC")])
async def test_rfc9101_s4_objects_of_an_independent_library_are_understood(
    visitor: Visitor, alg: str, kind: Any
) -> None:
    app = await requester_in(visitor.house, alg=alg)
    key = import_key(to_pem(app.key.private_key), kind)
    claims = app.claims(prompt="none", claims={"id_token": {"name": None}}, resource=[ISSUER])

    token = jwt.encode({"alg": alg, "typ": "oauth-authz-req+jwt"}, claims, key)

    answer = told(await ask(visitor, app.beside(request=token)))
    assert answer["error"] in ("login_required", "consent_required")


async def test_conformance_oidcc_ensure_request_object_with_redirect_uri(visitor: Visitor) -> None:
    """The module names a place beside the object that nobody registered; that in the object counts."""
    app = await requester_in(visitor.house)
    params = app.params(prompt="none") | {"redirect_uri": EVIL, "scope": "openid", "response_type": "code"}

    answer = await ask(visitor, params)

    assert answer.headers["location"].startswith(f"{REDIRECT_URI}?")
    assert told(answer)["error"] in ("login_required", "consent_required")


async def test_conformance_oidcc_unsigned_request_object_supported_correctly_or_rejected(
    visitor: Visitor,
) -> None:
    """Modules with `alg` none are skipped where the metadata does not list it."""
    app = await requester_in(visitor.house)
    head, payload, _ = app.object(header={"alg": "none", "kid": GONE}).split(".")
    told_of = (await visitor.get("/.well-known/openid-configuration")).json()

    answer = await ask(visitor, app.beside(request=f"{head}.{payload}.", redirect_uri=REDIRECT_URI))

    assert told(answer)["error"] == "invalid_request_object"
    assert told_of["request_parameter_supported"] is True
    assert told_of["request_object_signing_alg_values_supported"] == ["RS256", "PS256", "ES256", "EdDSA"]


async def test_rfc9101_s6_3_only_what_is_in_the_object_counts(visitor: Visitor) -> None:
    app = await requester_in(visitor.house)
    beside = {"state": "evil", "scope": "evil", "max_age": "x", "prompt": "evil", "response_type": "token"}

    answer = told(await visitor.led_back(await ask(visitor, app.params() | beside)))
    incomplete = told(await ask(visitor, app.params(response_type=GONE) | {"response_type": "code"}))
    elsewhere = await ask(visitor, app.params(redirect_uri=EVIL) | {"redirect_uri": REDIRECT_URI})

    assert (answer["state"], "code" in answer) == ("a state", True)
    assert (incomplete["error"], incomplete["state"]) == ("invalid_request", "a state")
    assert is_shown(elsewhere)


async def test_oidc_core_s6_1_claims_and_resources_are_json_in_it(visitor: Visitor) -> None:
    app = await requester_in(visitor.house)
    acr = {"id_token": {"acr": {"essential": True, "values": ["unheard-of"]}}}

    unmet = told(await ask(visitor, app.params(claims=acr)))
    known = told(await visitor.led_back(await ask(visitor, app.params(resource=[ISSUER], max_age=9999))))
    unknown = told(await ask(visitor, app.params(resource=[ISSUER, EVIL])))
    repeated = told(await ask(visitor, app.params(scope=["openid", "read"])))

    assert unmet["error"] == "unmet_authentication_requirements"
    assert "code" in known
    assert unknown["error"] == "invalid_target"
    assert repeated["error"] == "invalid_request"


async def test_rfc9101_s5_a_posted_object_is_taken_too(visitor: Visitor) -> None:
    app = await requester_in(visitor.house)

    posted = await visitor.http.post(AUTHORIZE, data=app.params())

    assert posted.status_code == 303
    assert "code" in told(await visitor.led_back(posted))


REFUSED: dict[str, dict[str, Any]] = {
    "18: none": {"header": {"alg": "none"}},
    "15: HMAC": {"header": {"alg": "HS256"}},
    "16: an unknown kid": {"header": {"kid": "unknown"}},
    "16: a key of its own": {"header": {"jwk": jwk_of(key_for("EdDSA"))}},
    "16: keys from elsewhere": {"header": {"jku": EVIL}},
    "17: crit": {"header": {"crit": ["exp"]}},
    "17: a nested JWT": {"header": {"cty": "JWT"}},
    "19: another typ": {"header": {"typ": "at+jwt"}},
    "19: the sub of an assertion": {"sub": "{client}"},
    "another issuer": {"iss": "somebody"},
    "another client": {"client_id": "somebody"},
    "another server": {"aud": EVIL},
    "nobody's": {"aud": GONE},
    "run out": {"exp": 1},
    "38: a text for an end": {"exp": "9999999999"},
    "not yet": {"nbf": 2**40},
    "made later": {"iat": 2**40},
    "another object in it": {"request": "x"},
    "a reference in it": {"request_uri": EVIL},
    "20: once, without an end": {"jti": "x", "exp": GONE},
}


@pytest.mark.parametrize("changes", REFUSED.values(), ids=REFUSED)
async def test_attacks_15_to_20_what_is_no_such_object_leads_nowhere_but_to_where_was_registered(
    visitor: Visitor, changes: dict[str, Any]
) -> None:
    app = await requester_in(visitor.house)
    made = {name: app.client.id if value == "{client}" else value for name, value in changes.items()}
    params = app.params(redirect_uri=EVIL, **made)

    answer = await ask(visitor, params | {"redirect_uri": REDIRECT_URI, "state": "beside"})
    members = told(answer)

    assert answer.headers["location"].startswith(f"{REDIRECT_URI}?")
    assert (members["error"], members["state"]) == ("invalid_request_object", "beside")
    for beside in ({"scope": "openid"}, {"redirect_uri": EVIL}, {"redirect_uri": [REDIRECT_URI, EVIL]}):
        assert is_shown(await ask(visitor, params | beside), "invalid_request_object")


Forge = Callable[[str], str]
FORGED: dict[str, Forge] = {
    "cut": lambda token: token[:-2],
    "another signature": lambda token: token.rpartition(".")[0] + "." + "A" * 86,
    "no signature": lambda token: token.rpartition(".")[0] + ".",
    "other claims": lambda token: ".".join((token.split(".")[0], "e30", token.split(".")[2])),
    "five parts": lambda token: f"{token}.x.y",
    "no JSON": lambda token: to_base64url(b"{").decode() + token[token.index(".") :],
    "not ASCII": lambda token: f"{token}é",
    "a space": lambda token: f" {token}",
    "35: a long one": lambda token: token + "x" * 20_000,
}


@pytest.mark.parametrize("forge", FORGED.values(), ids=FORGED)
async def test_attacks_17_18_what_the_client_did_not_sign_is_refused(
    visitor: Visitor, caplog: pytest.LogCaptureFixture, forge: Forge
) -> None:
    app = await requester_in(visitor.house)

    caplog.set_level("INFO")
    answer = await ask(visitor, app.beside(request=forge(app.object()), redirect_uri=REDIRECT_URI))

    assert told(answer)["error"] == "invalid_request_object"
    assert "refused: invalid_request_object" in caplog.messages


async def test_attack_16_another_clients_key_and_no_key_at_all_sign_nothing(visitor: Visitor) -> None:
    app, without = await requester_in(visitor.house), await app_of(visitor.house)
    other = Requester(app.client, key_for("EdDSA"))

    for asking in (other, Requester(without, key_for())):
        params = asking.params() | {"redirect_uri": REDIRECT_URI}
        assert told(await ask(visitor, params))["error"] == "invalid_request_object"


async def test_attack_19_an_assertion_is_no_request_and_a_request_no_assertion(visitor: Visitor) -> None:
    signer = await signer_in(visitor.house, redirect_uris=(REDIRECT_URI,), grants=("authorization_code",))
    app = Requester(signer.client, signer.key)
    form = {"grant_type": "authorization_code", "code": "x"}

    asked = await ask(visitor, app.beside(request=signer.assertion(), redirect_uri=REDIRECT_URI))
    proved = await visitor.http.post(
        "/oauth2/token", data=Signer(signer.client, signer.key).form(app.object(jti="j")) | form
    )

    assert told(asked)["error"] == "invalid_request_object"
    assert (proved.status_code, proved.json()["error"]) == (401, "invalid_client")


async def test_rfc9101_s5_the_client_stands_beside_its_object(visitor: Visitor) -> None:
    app, other = await requester_in(visitor.house), await requester_in(visitor.house)

    assert is_shown(await ask(visitor, app.params() | {"client_id": ""}))
    foreign = await ask(visitor, app.params() | {"client_id": other.client.id, "redirect_uri": REDIRECT_URI})
    assert told(foreign)["error"] == "invalid_request_object"
    both = await ask(visitor, app.params() | {"request_uri": EVIL, "redirect_uri": REDIRECT_URI})
    assert told(both)["error"] == "invalid_request"


async def test_attack_20_an_object_with_a_jti_counts_once_and_one_without_as_often_as_it_is_sent(
    visitor: Visitor,
) -> None:
    app, other = await requester_in(visitor.house), await requester_in(visitor.house)
    once, often = app.params(jti="same"), app.params()

    assert not is_answer(await ask(visitor, once))
    for _ in range(2):
        again = await ask(visitor, once | {"redirect_uri": REDIRECT_URI})
        assert told(again)["error"] == "invalid_request_object"
        assert not is_answer(await ask(visitor, often))
    assert not is_answer(await ask(visitor, other.params(jti="same")))


async def test_rfc9101_s10_5_a_client_that_has_to_sign_asks_in_no_other_way(visitor: Visitor) -> None:
    strict = await requester_in(visitor.house, require_signed_request_object=True)
    free = await requester_in(visitor.house)

    assert told(await visitor.ask(strict.client))["error"] == "invalid_request"
    assert told(await visitor.ask(strict.client, request=""))["error"] == "invalid_request"
    assert not is_answer(await ask(visitor, strict.params()))
    assert not is_answer(await visitor.ask(free.client))


async def test_oidc_registration_s2_one_algorithm_and_no_other(visitor: Visitor) -> None:
    fits = await requester_in(visitor.house, request_object_signing_alg="ES256")
    other = await requester_in(visitor.house, request_object_signing_alg="RS256")

    assert not is_answer(await ask(visitor, fits.params()))
    refused = await ask(visitor, other.params() | {"redirect_uri": REDIRECT_URI})
    assert told(refused)["error"] == "invalid_request_object"

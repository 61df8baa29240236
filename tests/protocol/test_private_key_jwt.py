"""Clients that prove themselves by a signed assertion (RFC 7523, OIDC Core §9), and what must not pass for one."""

from typing import Any

import httpx2
import pytest
from authlib.oauth2.rfc7523 import private_key_jwt_sign
from joserfc.jwk import import_key

from identity_service.adapters.jwt.jwk import to_pem
from tests.api_caller import program
from tests.house import ISSUER, House
from tests.signer import GONE, Signer, jwk_of, key_for, signer_in

pytestmark = pytest.mark.asyncio(loop_scope="module")
TOKEN, INTROSPECT, REVOKE = PATHS = ("/oauth2/token", "/oauth2/introspect", "/oauth2/revoke")
FORM = {"grant_type": "client_credentials", "token": "x"}


async def ask(house: House, form: dict[str, str], path: str = TOKEN) -> httpx2.Response:
    return await house.http.post(path, data=FORM | form)


def is_invalid_client(answer: httpx2.Response) -> bool:
    return (answer.status_code, answer.json().get("error")) == (401, "invalid_client")


@pytest.mark.parametrize("alg", ["RS256", "PS256", "ES256", "EdDSA"])
async def test_oidc_core_s9_an_assertion_authenticates_wherever_a_secret_would(
    shared_house: House, alg: str
) -> None:
    signer = await signer_in(shared_house, alg=alg)

    for path in PATHS:
        assert (await ask(shared_house, signer.form(), path)).status_code == 200
    named = signer.form(client_id=signer.client.id)
    assert (await ask(shared_house, named)).json()["scope"] == "read write"
    to_the_endpoint = signer.form(signer.assertion(aud=f"{ISSUER}/oauth2/token"))
    assert (await ask(shared_house, to_the_endpoint)).status_code == 200


async def test_rfc7523_s2_2_assertions_of_an_independent_library_are_understood(shared_house: House) -> None:
    for alg in ("RS256", "ES256"):
        signer = await signer_in(shared_house, alg=alg)
        key = import_key(to_pem(signer.key.private_key), "RSA" if alg == "RS256" else "EC")

        assertion = private_key_jwt_sign(key, signer.client.id, f"{ISSUER}{TOKEN}", alg=alg)

        assert (await ask(shared_house, signer.form(assertion))).status_code == 200
        assert is_invalid_client(await ask(shared_house, signer.form(assertion)))


async def test_rfc7523_s3_every_grant_takes_one(shared_house: House) -> None:
    signer = await signer_in(shared_house)
    signed_in = {"grant_type": "password", "username": "alice", "password": "correct horse battery staple"}

    tokens = (await ask(shared_house, signer.form(**signed_in))).json()
    refreshed = await ask(
        shared_house, signer.form(grant_type="refresh_token", refresh_token=tokens["refresh_token"])
    )
    told = await ask(shared_house, signer.form(token=refreshed.json()["access_token"]), INTROSPECT)

    assert told.json()["active"] is True


async def test_attack_20_an_assertion_counts_once_at_all_endpoints(shared_house: House) -> None:
    signer = await signer_in(shared_house)
    for first in PATHS:
        form = signer.form()
        assert (await ask(shared_house, form, first)).status_code == 200
        for path in PATHS:
            assert is_invalid_client(await ask(shared_house, form, path))


async def test_rfc7523_s3_a_jti_is_one_clients_own(shared_house: House) -> None:
    one, two = await signer_in(shared_house), await signer_in(shared_house)
    for signer in (one, two):
        assert (await ask(shared_house, signer.form(signer.assertion(jti="same")))).status_code == 200
    assert is_invalid_client(await ask(shared_house, one.form(one.assertion(jti="same"))))


@pytest.mark.parametrize(
    "changes",
    [
        pytest.param({"aud": "https://other.example"}, id="meant for another server"),
        pytest.param({"aud": [ISSUER, "https://other.example"]}, id="and for another server"),
        pytest.param({"exp": GONE}, id="without an end"),
        pytest.param({"exp": 1}, id="run out"),
        pytest.param({"exp": 2**40}, id="for ages"),
        pytest.param({"jti": GONE}, id="without a jti"),
        pytest.param({"iss": "another"}, id="of another issuer"),
        pytest.param({"header": {"typ": "at+jwt"}}, id="19: of another type"),
        pytest.param({"header": {"alg": "none"}}, id="18: none"),
        pytest.param({"header": {"alg": "HS256"}}, id="15: HMAC"),
        pytest.param({"header": {"kid": "unknown"}}, id="16: unknown kid"),
        pytest.param({"header": {"jwk": jwk_of(key_for("EdDSA"))}}, id="16: its own key"),
        pytest.param({"header": {"crit": ["exp"]}}, id="17: crit"),
    ],
)
async def test_attacks_15_to_20_what_is_no_such_assertion_looks_like_a_wrong_secret(
    shared_house: House, changes: dict[str, Any]
) -> None:
    signer, other = await signer_in(shared_house), await shared_house.add_client()
    wrong = await shared_house.http.post(TOKEN, data=FORM, auth=(other.id, "wrong"))

    answer = await ask(shared_house, signer.form(signer.assertion(**changes)))

    assert is_invalid_client(answer)
    assert answer.content == wrong.content
    assert answer.headers["www-authenticate"] == wrong.headers["www-authenticate"]


async def test_oidc_core_s9_one_method_and_no_other(shared_house: House) -> None:
    signer = await signer_in(shared_house)
    secret = await shared_house.add_client(jwks={"keys": [jwk_of(key_for())]})
    public = await shared_house.add_client(public=True, jwks={"keys": [jwk_of(key_for())]})

    assert is_invalid_client(await ask(shared_house, {"client_id": signer.client.id}))
    assert is_invalid_client(await ask(shared_house, {"client_id": signer.client.id, "client_secret": "x"}))
    for client in (secret, public):
        assert is_invalid_client(await ask(shared_house, Signer(client, key_for()).form()))
    both = await shared_house.http.post(TOKEN, data=FORM | signer.form(), auth=(signer.client.id, "x"))
    assert both.json()["error"] == "invalid_request"
    other = await ask(shared_house, signer.form(client_id=secret.id))
    assert other.json()["error"] == "invalid_request"


async def test_attack_12_another_clients_key_proves_nothing(shared_house: House) -> None:
    signer = await signer_in(shared_house)
    stranger = await signer_in(shared_house, alg="EdDSA")

    forged = Signer(signer.client, stranger.key)

    assert is_invalid_client(await ask(shared_house, forged.form()))
    own = stranger.assertion(sub=signer.client.id)
    assert is_invalid_client(await ask(shared_house, {**signer.form(own)}))


async def test_the_registered_algorithm_is_pinned(shared_house: House) -> None:
    rsa = jwk_of(key_for("RS256"))
    del rsa["alg"]
    members: dict[str, Any] = {"jwks": {"keys": [rsa]}, "token_endpoint_auth_signing_alg": "PS256"}
    signer = await signer_in(shared_house, alg="RS256", **members)

    assert is_invalid_client(await ask(shared_house, signer.form()))


async def test_attack_13_an_inactive_client_gets_nothing_for_its_assertion(shared_house: House) -> None:
    signer = await signer_in(shared_house)
    admin = await program(shared_house)
    assert (await ask(shared_house, signer.form())).status_code == 200

    await admin("POST", f"/clients/{signer.client.id}/deactivate")

    for path in PATHS:
        assert is_invalid_client(await ask(shared_house, signer.form(), path))
    assert is_invalid_client(await ask(shared_house, signer.form(signer.assertion(sub="nobody"))))


async def test_attack_20_a_proof_by_assertion_is_not_remembered(shared_house: House) -> None:
    """Introspection remembers callers by their secret; here each request needs an assertion of its own."""
    signer = await signer_in(shared_house)
    assert (await ask(shared_house, signer.form(), INTROSPECT)).status_code == 200

    for forged in (signer.form(signer.assertion({"kid": "x"})), {"client_id": signer.client.id}):
        assert is_invalid_client(await ask(shared_house, forged, INTROSPECT))


async def test_rfc7591_s2_a_client_that_signs_is_registered_without_a_secret(shared_house: House) -> None:
    admin = await program(shared_house)
    method = {"token_endpoint_auth_method": "private_key_jwt"}
    keys = {"jwks": {"keys": [jwk_of(key_for())]}}

    made = await admin.made(
        "/clients", client_name="Job", grant_types=["client_credentials"], **method, **keys
    )

    assert "client_secret" not in made
    assert made["jwks"] == keys["jwks"]
    path = f"/clients/{made['client_id']}"
    assert (await admin("POST", f"{path}/rotate-secret")).status_code == 409
    to_basic = await admin("PATCH", path, json={"token_endpoint_auth_method": "client_secret_basic"})
    secret = to_basic.json()["client_secret"]
    assert (
        await shared_house.http.post(TOKEN, data=FORM, auth=(made["client_id"], secret))
    ).status_code == 200
    back = await admin("PATCH", path, json=method | {"jwks": None, "jwks_uri": "https://app.example/jwks"})
    assert "client_secret" not in back.json()
    late = await shared_house.http.post(TOKEN, data=FORM, auth=(made["client_id"], secret))
    assert is_invalid_client(late)

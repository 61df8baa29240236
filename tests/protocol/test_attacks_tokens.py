"""Tokens that say how they want to be checked (attacks 15 to 19, RFC 8725), presented over HTTP."""

import hmac
import json
from collections.abc import Iterator
from hashlib import sha256, sha384, sha512
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from identity_service.adapters.jwt.jwk import generate_private_key
from tests.forged import claims_of, encoded, forged, header_of, our_key, rs256
from tests.house import House, Registered

SQL = "x' OR '1'='1' --"


@pytest.fixture
async def client(small_house: House) -> Registered:
    return await small_house.add_client(scope="read users:read")


async def good_token(house: House, client: Registered) -> str:
    answer = await house.token(client, grant_type="client_credentials", scope="users:read")
    return str(answer.json()["access_token"])


async def believed(house: House, client: Registered, token: str) -> bool:
    """Whether any door lets the token in. Nothing but a plain no is an acceptable refusal."""
    told = await house.introspect(client, token)
    if not told["active"]:
        assert told == {"active": False}
    assert await opens_the_api(house, token) is told["active"]
    revoked = await house.post("/oauth2/revoke", client, token=token)
    assert (revoked.status_code, revoked.json()) == (200, {})
    return bool(told["active"])


async def opens_the_api(house: House, token: str) -> bool:
    """Whether it gets in as a bearer token; else it is 401, or 400 where it has not even the form of one."""
    answer = await house.http.get("/users", headers=[(b"authorization", b"Bearer " + token.encode())])
    assert answer.status_code in (200, 400, 401)
    assert answer.status_code == 200 or answer.headers["www-authenticate"].startswith("Bearer realm=")
    return bool(answer.status_code == 200)


async def refuses(house: House, client: Registered, good: str, forgeries: Iterator[str]) -> None:
    """None of the forgeries is believed or ends the token that it was made from; the token itself is believed."""
    tried = 0
    for token in forgeries:
        assert not await believed(house, client, token), token[:200]
        tried += 1
    assert tried
    assert await house.is_active(client, good)


async def test_the_forger_can_make_a_good_token_so_that_each_refusal_has_its_one_reason(
    small_house: House, client: Registered
) -> None:
    good = await good_token(small_house, client)

    assert await believed(small_house, client, forged(header_of(good), claims_of(good), rs256(our_key())))


async def test_attack_15_our_public_key_is_no_hmac_secret(small_house: House, client: Registered) -> None:
    good = await good_token(small_house, client)
    public = our_key().public_key()
    jwk = (await small_house.http.get("/.well-known/jwks.json")).json()["keys"][0]
    secrets = [
        public.public_bytes(form, kind)
        for form in (Encoding.PEM, Encoding.DER)
        for kind in (PublicFormat.SubjectPublicKeyInfo, PublicFormat.PKCS1)
    ]
    secrets += [secret.strip() for secret in secrets[:2]]
    secrets += [json.dumps(jwk).encode(), jwk["n"].encode(), jwk["kid"].encode(), b""]

    def forgeries() -> Iterator[str]:
        for name, digestmod in (("HS256", sha256), ("HS384", sha384), ("HS512", sha512)):
            for secret in secrets:
                for header in (header_of(good) | {"alg": name}, {"alg": name, "typ": "at+jwt"}):
                    yield forged(
                        header,
                        claims_of(good),
                        lambda data, secret=secret, how=digestmod: hmac.new(secret, data, how).digest(),
                    )

    await refuses(small_house, client, good, forgeries())


async def test_attack_15_another_algorithm_of_the_same_key_is_refused(
    small_house: House, client: Registered
) -> None:
    good = await good_token(small_house, client)

    await refuses(
        small_house,
        client,
        good,
        (
            forged(header_of(good) | {"alg": alg}, claims_of(good), rs256(our_key()))
            for alg in ("RS384", "RS512", "PS256", "ES256", "EdDSA", "RSA1_5", "rs256", "RS256 ", "", None, 5)
        ),
    )


async def test_attack_16_a_key_in_the_token_is_not_looked_at(small_house: House, client: Registered) -> None:
    good = await good_token(small_house, client)
    theirs = generate_private_key("RS256")
    assert isinstance(theirs, rsa.RSAPrivateKey)
    numbers = theirs.public_key().public_numbers()
    jwk = {
        "kty": "RSA",
        "n": encoded(numbers.n.to_bytes(256, "big")),
        "e": "AQAB",
        "alg": "RS256",
        "use": "sig",
        "kid": header_of(good)["kid"],
    }
    certificate = encoded(theirs.public_key().public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo))
    pointers: list[dict[str, Any]] = [
        {"jwk": jwk},
        {"jku": "https://evil.example/jwks.json"},
        {"jku": "https://id.example/.well-known/jwks.json#@evil.example"},
        {"x5u": "https://evil.example/cert.pem"},
        {"x5c": [certificate]},
        {"x5t": "x"},
        {"jwk": jwk, "kid": "theirs"},
        {},
    ]

    await refuses(
        small_house,
        client,
        good,
        (forged(header_of(good) | pointer, claims_of(good), rs256(theirs)) for pointer in pointers),
    )


KIDS: tuple[object, ...] = (
    "../../../../dev/null",
    "/etc/passwd",
    "file:///dev/null",
    SQL,
    "'; DROP TABLE signing_keys; --",
    "$(id)",
    "%00",
    "\0",
    "\ud800",
    "",
    None,
    0,
    [],
    {},
    True,
    "k" * 40_000,
    ["k"] * 1000,
)


async def test_attack_16_a_strange_kid_finds_no_key(small_house: House, client: Registered) -> None:
    good = await good_token(small_house, client)

    await refuses(
        small_house,
        client,
        good,
        (forged(header_of(good) | {"kid": kid}, claims_of(good), rs256(our_key())) for kid in KIDS),
    )


async def test_attack_16_a_kid_of_a_megabyte_does_not_get_in(small_house: House, client: Registered) -> None:
    good = await good_token(small_house, client)
    token = forged(header_of(good) | {"kid": "k" * 1_000_000}, claims_of(good), rs256(our_key()))

    answer = await small_house.post("/oauth2/introspect", client, token=token)

    assert (answer.status_code, answer.json()["error"]) == (413, "invalid_request")


async def test_attack_17_unknown_header_demands_nesting_and_compression_are_refused(
    small_house: House, client: Registered
) -> None:
    good = await good_token(small_house, client)
    header, claims, sign = header_of(good), claims_of(good), rs256(our_key())

    def forgeries() -> Iterator[str]:
        for demand in (
            {"crit": ["exp"]},
            {"crit": ["b64"], "b64": False},
            {"crit": []},
            {"crit": "exp"},
            {"crit": ["http://example.com/unknown"], "http://example.com/unknown": 1},
            {"b64": False},
            {"zip": "DEF"},
            {"cty": "JWT"},
        ):
            yield forged(header | demand, claims, sign)
        yield forged(header | {"cty": "JWT"}, good, sign)
        yield forged(header, good, sign)
        yield f"{good}.{good}"
        yield f"{encoded(b'{}')}.{good}"

    await refuses(small_house, client, good, forgeries())


async def test_attack_17_a_member_that_is_there_twice_is_refused(
    small_house: House, client: Registered
) -> None:
    good = await good_token(small_house, client)
    header, claims, sign = json.dumps(header_of(good)), json.dumps(claims_of(good)), rs256(our_key())

    def forgeries() -> Iterator[str]:
        yield forged(header[:-1] + ', "alg": "RS256"}', claims, sign)
        yield forged('{"alg": "none", ' + header[1:], claims, sign)
        yield forged(header, claims[:-1] + ', "sub": "somebody else"}', sign)
        yield forged(header, '{"scope": "admin", ' + claims[1:], sign)

    await refuses(small_house, client, good, forgeries())


NONE = ("none", "None", "NONE", "nOnE", "none ", " none", "no\u200bne", "ｎｏｎｅ", "", None)


async def test_attack_18_alg_none_is_refused_in_every_spelling(
    small_house: House, client: Registered
) -> None:
    good = await good_token(small_house, client)
    signature = good.rsplit(".", 1)[1]

    def forgeries() -> Iterator[str]:
        for spelling in NONE:
            unsigned = forged(header_of(good) | {"alg": spelling}, claims_of(good), lambda data: b"")
            yield unsigned
            yield unsigned.rstrip(".")
            yield unsigned + signature
        without = {name: value for name, value in header_of(good).items() if name != "alg"}
        yield forged(without, claims_of(good), rs256(our_key()))

    await refuses(small_house, client, good, forgeries())


async def test_attack_18_a_signature_counts_whole(small_house: House, client: Registered) -> None:
    good = await good_token(small_house, client)
    signed, signature = good.rsplit(".", 1)
    header, claims = signed.split(".")
    promoted = encoded(json.dumps(claims_of(good) | {"scope": "admin"}).encode())

    def forgeries() -> Iterator[str]:
        for cut in (0, 1, 8, len(signature) // 2, len(signature) - 1):
            yield f"{signed}.{signature[:cut]}"
        yield f"{signed}.{'A' * len(signature)}"
        yield f"{signed}.{signature[::-1]}"
        yield f"{header}.{promoted}.{signature}"
        yield f"{good}="
        yield f"{good}A"
        yield f"{good}\n"
        yield f"{good[:40]} {good[40:]}"
        yield f"{signed}"
        yield f"{header}..{signature}"
        yield f".{claims}.{signature}"
        yield ".."
        yield good.replace(".", "。")

    await refuses(small_house, client, good, forgeries())


async def test_attack_19_another_kind_of_token_is_no_access_token(
    small_house: House, client: Registered
) -> None:
    good = await good_token(small_house, client)

    await refuses(
        small_house,
        client,
        good,
        (
            forged(header_of(good) | {"typ": typ}, claims_of(good), rs256(our_key()))
            for typ in (
                "JWT",
                "logout+jwt",
                "dpop+jwt",
                "oauth-authz-req+jwt",
                "",
                None,
                "at+jwtx",
                ["at+jwt"],
            )
        ),
    )


async def test_attack_38_strange_times_and_claims_are_refused(small_house: House, client: Registered) -> None:
    good = await good_token(small_house, client)
    strange: list[dict[str, Any]] = [
        {"exp": value} for value in (0, -1, 1.5, "9999999999", None, True, 10**40, -(10**40), [], 1e308)
    ]
    strange += [{"iss": value} for value in ("https://evil.example", "https://id.example/", "", None, ["x"])]
    strange += [{"aud": []}, {"aud": None}, {"aud": {"a": 1}}, {"aud": [1]}]
    strange += [{"epochs": value} for value in (None, [], [1], [1, 0, 0, 0], ["1", "0", "1"], [1, 0, 10**30])]
    strange += [{"client_id": SQL}, {"client_id": 5}, {"sub": 5}, {"jti": None}, {"fid": 5}, {"scope": ["x"]}]

    await refuses(
        small_house,
        client,
        good,
        (forged(header_of(good), claims_of(good) | claims, rs256(our_key())) for claims in strange),
    )

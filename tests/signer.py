"""A client that proves itself by assertions of its own key (RFC 7523 §2.2)."""

import time
from collections.abc import Mapping
from functools import cache
from typing import Any
from uuid import uuid4

import orjson

from identity_service.adapters.jwt.encoding import to_base64url
from identity_service.adapters.jwt.jwk import generate_private_key, public_jwk, signing_key
from identity_service.adapters.jwt.jws import SigningKey
from tests.house import ISSUER, House, Registered

JWT_BEARER = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"
GONE = object()


@cache
def key_for(alg: str = "ES256") -> SigningKey:
    """One key of each algorithm for all tests of a process."""
    return signing_key(generate_private_key(alg), alg)


def jwk_of(key: SigningKey, **changes: Any) -> dict[str, Any]:
    """What the client registers or publishes of it."""
    return {**public_jwk(key.verification_key()), **changes}


def signed(key: SigningKey, claims: Mapping[str, Any], header: Mapping[str, Any] | None = None) -> str:
    """A JWT of this key with other members in its header where they are named."""
    heads = {"alg": key.alg, "kid": key.kid, "typ": "JWT"} | dict(header or {})
    head = to_base64url(orjson.dumps({name: value for name, value in heads.items() if value is not GONE}))
    data = head + b"." + to_base64url(orjson.dumps(claims))
    return (data + b"." + to_base64url(key._sign(data))).decode()


class Signer:
    """A client, its key, and the forms that it authenticates with."""

    def __init__(self, client: Registered, key: SigningKey) -> None:
        self.client = client
        self.key = key

    def claims(self, **changes: Any) -> dict[str, Any]:
        now = int(time.time())
        usual = {
            "iss": self.client.id,
            "sub": self.client.id,
            "aud": ISSUER,
            "iat": now,
            "exp": now + 60,
            "jti": str(uuid4()),
        }
        return {name: value for name, value in (usual | changes).items() if value is not GONE}

    def assertion(self, header: Mapping[str, Any] | None = None, **changes: Any) -> str:
        """A new one, with other claims or another header where they are named."""
        return signed(self.key, self.claims(**changes), header)

    def form(self, assertion: str | None = None, **members: str) -> dict[str, str]:
        """What is sent, with a new assertion if none is given."""
        proof = {"client_assertion": assertion or self.assertion(), "client_assertion_type": JWT_BEARER}
        return proof | members


async def signer_in(house: House, *, alg: str = "ES256", **members: Any) -> Signer:
    """A client of the house whose one key is registered, unless the members say something else."""
    key = key_for(alg)
    keys = {} if "jwks_uri" in members else {"jwks": {"keys": [jwk_of(key)]}}
    made = {"token_endpoint_auth_method": "private_key_jwt", "secrets": ()} | keys | members
    return Signer(await house.add_client(**made), key)

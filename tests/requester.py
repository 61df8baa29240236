"""A client that signs what it asks (RFC 9101 §4), and the parameters that go beside it."""

import time
from collections.abc import Mapping
from typing import Any

from identity_service.adapters.jwt.jws import SigningKey
from tests.house import ISSUER, House, Registered
from tests.signer import GONE, jwk_of, key_for, signed
from tests.visitor import Pkce, app_of, asked


class Requester:
    """A client and its key."""

    def __init__(self, client: Registered, key: SigningKey) -> None:
        self.client = client
        self.key = key

    def claims(self, pkce: Pkce | None = None, **changes: Any) -> dict[str, Any]:
        """What a good object says; a claim that is GONE is left out."""
        now = int(time.time())
        usual = {"iss": self.client.id, "aud": ISSUER, "iat": now, "exp": now + 60}
        claims = asked(self.client, pkce) | usual | changes
        return {name: value for name, value in claims.items() if value is not GONE}

    def object(
        self, pkce: Pkce | None = None, *, header: Mapping[str, Any] | None = None, **changes: Any
    ) -> str:
        """It, signed."""
        return signed(self.key, self.claims(pkce, **changes), header)

    def beside(self, **changes: Any) -> dict[str, Any]:
        """The parameters that go with it; one that is None is left out."""
        usual = {"client_id": self.client.id}
        return {name: value for name, value in (usual | changes).items() if value is not None}

    def params(self, pkce: Pkce | None = None, **changes: Any) -> dict[str, Any]:
        """A whole request."""
        return self.beside(request=self.object(pkce, **changes))


async def requester_in(house: House, *, alg: str = "ES256", **members: Any) -> Requester:
    """A client of the code flow whose key is registered, unless the members say something else."""
    key = key_for(alg)
    keys = {} if "jwks_uri" in members else {"jwks": {"keys": [jwk_of(key)]}}
    return Requester(await app_of(house, **(keys | members)), key)

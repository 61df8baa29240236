"""Lets the servers of one test process share RSA keys: making one takes a tenth of a second, checking one a fortieth.

`tests/unit/adapters/jwt` makes and reads keys without this.
"""

from functools import cache
from itertools import count
from typing import Any

from identity_service.adapters.jwt import jwk, key_maker, key_ring

DIFFERENT = 8
"""So many keys made one after the other differ: more than any test makes."""


@cache
def _rsa(number: int, bits: int) -> Any:
    return jwk.generate_private_key("RS256", bits=bits)


def share() -> None:
    """From now on."""
    numbers = count()

    def generate(alg: str = "RS256", *, bits: int = jwk.LEAST_BITS) -> Any:
        if alg in ("RS256", "PS256") and bits == jwk.LEAST_BITS:
            return _rsa(next(numbers) % DIFFERENT, bits)
        return jwk.generate_private_key(alg, bits=bits)

    key_maker.generate_private_key = generate
    key_maker.load_private_key = cache(jwk.load_private_key)
    key_maker.from_pkcs8 = key_ring.from_pkcs8 = cache(jwk.from_pkcs8)

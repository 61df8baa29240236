"""Lets the servers of one test process share RSA keys: making one takes a tenth of a second, checking one a fortieth.

`tests/unit/adapters/jwt` makes and reads keys without this.
"""

from functools import cache
from itertools import count
from typing import Any

from identity_service.adapters.jwt import key_maker, key_ring
from identity_service.adapters.jwt.jwk import from_pkcs8, generate_private_key, load_private_key
from identity_service.adapters.jwt.rsa_strength import LEAST_BITS

DIFFERENT = 8
"""So many keys made one after the other differ: more than any test makes."""


@cache
def _rsa(number: int, bits: int) -> Any:
    return generate_private_key("RS256", bits=bits)


def share() -> None:
    """From now on."""
    numbers = count()

    def generate(alg: str = "RS256", *, bits: int = LEAST_BITS) -> Any:
        if alg in ("RS256", "PS256") and bits == LEAST_BITS:
            return _rsa(next(numbers) % DIFFERENT, bits)
        return generate_private_key(alg, bits=bits)

    maker: Any = key_maker
    ring: Any = key_ring
    maker.generate_private_key = generate
    maker.load_private_key = cache(load_private_key)
    maker.from_pkcs8 = ring.from_pkcs8 = cache(from_pkcs8)

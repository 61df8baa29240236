"""Decides which RSA keys are too weak to sign or verify with."""

from typing import Final

from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicNumbers

LEAST_BITS: Final = 2048
"""RFC 7518 §3.3."""
_MOST_BITS: Final = 8192  # verification time grows with the square: a foreign key must not be a lever
_MOST_EXPONENT_BITS: Final = 33  # likewise; 65537 is what everybody uses
# the primes by which the Infineon generator's fingerprint is told (CVE-2017-15361)
_PRIMES: Final = tuple(n for n in range(3, 168, 2) if all(n % d for d in range(3, n, 2)))
_POWERS: Final = tuple((p, frozenset(pow(65537, k, p) for k in range(p))) for p in _PRIMES)


def refuse_weak(numbers: RSAPublicNumbers) -> None:
    """Raises ValueError for a modulus under 2048 or over 8192 bits, a strange exponent, or a ROCA modulus."""
    bits = numbers.n.bit_length()
    if not LEAST_BITS <= bits <= _MOST_BITS:
        raise ValueError(f"an RSA key must have {LEAST_BITS} to {_MOST_BITS} bits; this one has {bits}")
    if numbers.e < 3 or numbers.e % 2 == 0 or numbers.e.bit_length() > _MOST_EXPONENT_BITS:
        raise ValueError("an RSA key must have an odd public exponent of 3 or more and 33 bits or fewer")
    if _is_roca(numbers.n):
        raise ValueError(
            "this RSA key was made by a defective generator and can be factored (CVE-2017-15361)"
        )


def _is_roca(modulus: int) -> bool:
    """Modulo each small prime, N is a power of 65537 (Nemec and others, 2017, §3.3: the fingerprint)."""
    return all(modulus % prime in powers for prime, powers in _POWERS)

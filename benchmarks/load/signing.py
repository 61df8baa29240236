"""`python -m benchmarks.load.signing ALGORITHM SECONDS`: CPU µs of one signature by `cryptography`."""

import sys
import time
from collections.abc import Callable

from cryptography.hazmat.primitives.asymmetric import ec, padding, rsa
from cryptography.hazmat.primitives.hashes import SHA256

MESSAGE = b"x" * 400


def signer(algorithm: str) -> Callable[[], bytes]:
    """Signs one message of a token's size."""
    if algorithm == "RS256":
        key, scheme, digest = rsa.generate_private_key(65537, 2048), padding.PKCS1v15(), SHA256()
        return lambda: key.sign(MESSAGE, scheme, digest)
    curve, ecdsa = ec.generate_private_key(ec.SECP256R1()), ec.ECDSA(SHA256())
    return lambda: curve.sign(MESSAGE, ecdsa)


def main() -> None:
    """Prints the mean."""
    sign, seconds, count = signer(sys.argv[1]), float(sys.argv[2]), 0
    started = time.process_time()
    while (used := time.process_time() - started) < seconds:
        for _ in range(20):
            sign()
        count += 20
    print(used / count * 1e6)


if __name__ == "__main__":
    main()

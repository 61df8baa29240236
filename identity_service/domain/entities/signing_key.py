"""A key that signs tokens, and its place in the rotation."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Final, Literal, get_args

SigningAlgorithm = Literal["RS256", "PS256", "ES256", "EdDSA"]
"""What a token can be signed with (RFC 7518 §3.1; EdDSA with Ed25519, RFC 8037 §3.1)."""
SIGNING_ALGORITHMS: Final[tuple[str, ...]] = get_args(SigningAlgorithm)


@dataclass(frozen=True, slots=True, kw_only=True)
class SigningKey:
    """One key of one algorithm. `status` is `next` (published, not used yet), `current` or `retired`
    (verifies until `verify_until`). `sealed` is the PKCS#8 private key, sealed under the master key."""

    kid: str
    alg: str
    status: str
    public_jwk: Mapping[str, Any]
    sealed: bytes = field(repr=False)
    created_at: datetime
    activated_at: datetime | None
    verify_until: datetime | None

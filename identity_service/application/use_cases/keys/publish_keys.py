"""The keys that others verify our tokens with (RFC 7517 §5)."""

from typing import Any

from identity_service.ports.tokens.key_ring import KeyRing, KeysUnavailable


class PublishKeys:
    """Answers the key set. An empty one is never published: whoever caches it would refuse every token for a while."""

    def __init__(self, ring: KeyRing) -> None:
        self._ring = ring

    def __call__(self) -> dict[str, Any]:
        """Raises KeysUnavailable."""
        keys = [dict(key) for key in self._ring.public_jwks()]
        if not keys:
            raise KeysUnavailable
        return {"keys": keys}

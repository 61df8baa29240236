"""The keys that others verify our tokens with (RFC 7517 §5)."""

from typing import Any

from identity_service.ports.tokens.key_ring import KeyRing, KeysUnavailable


class PublishKeys:
    """Answers the key set. An empty one is never published: whoever caches it would refuse every token for a while."""

    def __init__(self, ring: KeyRing) -> None:
        self._ring = ring
        self._published: tuple[object, dict[str, Any]] = ((), {})

    def __call__(self) -> dict[str, Any]:
        """The same object for as long as nothing changes; it is not to be changed. Raises KeysUnavailable."""
        keys = self._ring.public_jwks()
        if not keys:
            raise KeysUnavailable
        if self._published[0] is not keys:
            self._published = (keys, {"keys": [dict(key) for key in keys]})
        return self._published[1]

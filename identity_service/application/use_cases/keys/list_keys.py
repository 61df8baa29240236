"""Which signing keys there are."""

from identity_service.application.dto.key import KeyView
from identity_service.domain.entities.signing_key import SigningKey
from identity_service.domain.services.key_rotation import RotationPolicy
from identity_service.ports.tokens.key_ring import HeldKey
from identity_service.ports.unit_of_work import Read


class ListKeys:
    """Shows every key that signs or may still verify a token, a key from the settings first."""

    def __init__(self, *, read: Read, policy: RotationPolicy, given: HeldKey | None) -> None:
        self._read = read
        self._policy = policy
        self._given = given

    async def __call__(self) -> list[KeyView]:
        """Raises StorageUnavailable."""
        async with self._read() as uow:
            stored = await uow.keys.all()
        views = [key_view(key, self._policy) for key in stored]
        if self._given is not None:
            kid, alg = self._given.kid, self._given.alg
            views.insert(0, KeyView(kid=kid, alg=alg, status="current", source="settings"))
        return views


def key_view(key: SigningKey, policy: RotationPolicy) -> KeyView:
    """What may be seen of a key."""
    return KeyView(
        kid=key.kid,
        alg=key.alg,
        status=key.status,
        source="database",
        created_at=key.created_at,
        activated_at=key.activated_at,
        usable_from=policy.usable_from(key) if key.status == "next" else None,
        verify_until=key.verify_until,
    )

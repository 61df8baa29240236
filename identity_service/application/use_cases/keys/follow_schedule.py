"""The signing key is replaced when it is old enough."""

from identity_service.application.use_cases.keys.add_key import GenerateKey, KeyConflict
from identity_service.application.use_cases.keys.rotate_keys import KeyRotation, RotateKeys
from identity_service.domain.services.key_rotation import Due, RotationPolicy
from identity_service.ports.tokens.key_ring import HeldKey
from identity_service.ports.unit_of_work import Read

BY = "system"


class FollowKeySchedule:
    """Publishes a next key, and puts it to use, when each is due; a key from the settings is left alone.

    Harmless when done twice: a key waits already, or was put to use already.
    """

    def __init__(
        self,
        *,
        read: Read,
        generate: GenerateKey,
        rotate: RotateKeys,
        policy: RotationPolicy,
        alg: str,
        given: HeldKey | None,
    ) -> None:
        self._read = read
        self._generate = generate
        self._rotate = rotate
        self._policy = policy
        self._alg = alg
        self._given = given

    async def __call__(self) -> Due:
        """Answers what was due. Raises StorageUnavailable."""
        if self._given is not None:
            return Due.NOTHING
        async with self._read() as uow:
            keys = [key for key in await uow.keys.all() if key.alg == self._alg]
            now = await uow.server.now()
        due = self._policy.due(keys, now=now)
        try:
            await self._do(due)
        except KeyConflict:
            return Due.NOTHING
        return due

    async def _do(self, due: Due) -> None:
        if due is Due.PUBLISH:
            await self._generate(by=BY)
        elif due is Due.PROMOTE:
            await self._rotate(KeyRotation(by=BY))

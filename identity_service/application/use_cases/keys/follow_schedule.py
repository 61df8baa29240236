"""Signing keys are replaced when they are old enough."""

from identity_service.application.use_cases.keys.add_key import GenerateKey, KeyConflict
from identity_service.application.use_cases.keys.rotate_keys import KeyRotation, RotateKeys
from identity_service.domain.services.key_rotation import Due, RotationPolicy
from identity_service.ports.tokens.key_ring import HeldKey
from identity_service.ports.unit_of_work import Read

BY = "system"


class FollowKeySchedule:
    """For each algorithm that has keys, publishes a next key, and puts it to use, when each is due; a key from the
    settings is left alone.

    Harmless when done twice: a key waits already, or was put to use already.
    """

    def __init__(
        self,
        *,
        read: Read,
        generate: GenerateKey,
        rotate: RotateKeys,
        policy: RotationPolicy,
        given: HeldKey | None,
    ) -> None:
        self._read = read
        self._generate = generate
        self._rotate = rotate
        self._policy = policy
        self._given = given

    async def __call__(self) -> dict[str, Due]:
        """Answers what was due and is done, by algorithm. Raises StorageUnavailable."""
        async with self._read() as uow:
            keys = await uow.keys.all()
            now = await uow.server.now()
        given = {self._given.alg} if self._given is not None else set()
        done: dict[str, Due] = {}
        for alg in sorted({key.alg for key in keys} - given):
            due = self._policy.due((key for key in keys if key.alg == alg), now=now)
            if due is not Due.NOTHING and await self._do(due, alg):
                done[alg] = due
        return done

    async def _do(self, due: Due, alg: str) -> bool:
        try:
            if due is Due.PUBLISH:
                await self._generate(by=BY, alg=alg)
            else:
                await self._rotate(KeyRotation(by=BY, alg=alg))
        except KeyConflict:  # somebody else was quicker
            return False
        return True

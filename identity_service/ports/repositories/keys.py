"""Where signing keys are kept, sealed."""

from typing import Protocol

from identity_service.domain.entities.signing_key import SigningKey


class SigningKeys(Protocol):
    """At most one `current` and one `next` key per algorithm: the database sees to it."""

    async def all(self) -> list[SigningKey]:
        """Every key that may still verify a token, newest first (`verify_until` judged by the database's clock)."""

    async def add(self, key: SigningKey) -> bool:
        """Stores a key. False, changing nothing, when there is one of its status and algorithm, or of its kid."""

    async def promote(self, kid: str, *, retire_for_seconds: int) -> bool:
        """Makes the `next` key current, and retires the one before it, which verifies for `retire_for_seconds` more.

        Of concurrent callers one is told True; the others change nothing.
        """

    async def end_retired(self, alg: str) -> None:
        """From now on no retired key of the algorithm verifies anything."""

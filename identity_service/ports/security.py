"""Decides what the core may ask of cryptography: hash a password, seal bytes, make a keyed digest."""

from dataclasses import dataclass
from enum import IntEnum
from typing import Protocol


class Standing(IntEnum):
    """What is known of who wants something hashed; the least goes first where not everybody can."""

    KNOWN = 0
    """From there somebody has signed in to this account."""
    FRESH = 1
    """Nothing is known."""
    SUSPECT = 2
    """From there several have tried lately who were not right."""


@dataclass(frozen=True, slots=True)
class Verdict:
    """What a password check found.

    `outdated` is told only with a match: the password should be hashed anew and stored, because scheme, cost
    or pepper are no longer the current ones.
    """

    matches: bool
    outdated: bool


class HashingBusy(Exception):
    """The hashing queue is full; the caller may come back after `retry_after_seconds` (at least 1)."""

    def __init__(self, retry_after_seconds: int) -> None:
        super().__init__(f"password hashing is busy for about {retry_after_seconds} s")
        self.retry_after_seconds = retry_after_seconds


class Unsealable(Exception):
    """Sealed bytes cannot be opened: another key, purpose or context, or tampering.

    `key_id` names the key the bytes were sealed under; None where they are too damaged to tell.
    """

    def __init__(self, reason: str, *, key_id: str | None = None) -> None:
        super().__init__(reason)
        self.key_id = key_id


class PasswordHasher(Protocol):
    """Hashes passwords off the event loop.

    `address` is the caller's, for a fair queue; None stands for one shared place. `standing` is the caller's, too.
    """

    async def hash(self, password: str, *, address: str | None, standing: Standing = Standing.FRESH) -> str:
        """Returns the string to store, made with the current scheme, cost and pepper.

        Raises HashingBusy when the queue is full, ValueError for a password over 1,024 characters.
        """
        ...

    async def verify(
        self,
        password: str,
        stored: str | None,
        *,
        address: str | None,
        standing: Standing = Standing.FRESH,
    ) -> Verdict:
        """Says whether `stored` was made from `password`, whichever known scheme made it.

        None stands for an unknown user: the same work with the current scheme, never a match. A stored string
        that is unknown or malformed is no match and never an exception. A password over 1,024 characters is
        no match and is not hashed. Raises HashingBusy when the queue is full.
        """
        ...

    def expect_room(self, *, address: str | None, standing: Standing) -> None:
        """Raises HashingBusy where `verify` would do so at this moment; it may still do so later."""
        ...

    async def can_read(self, stored: str, *, address: str | None) -> bool:
        """Whether some password can match `stored`: a known form, not too costly, under a pepper that is there.

        Takes as long as one `verify`. Raises HashingBusy.
        """
        ...


class Sealer(Protocol):
    """Keeps secrets to be revealed later: authenticated encryption, bound to purpose and context."""

    @property
    def key_id(self) -> str:
        """Names the key without telling anything of it; it stands in whatever is sealed."""
        ...

    def seal(self, plaintext: bytes, *, purpose: str, context: str) -> bytes:
        """Encrypts; the same purpose and context are needed to open. Two seals of one plaintext differ."""
        ...

    def open(self, sealed: bytes, *, purpose: str, context: str) -> bytes:
        """Returns the plaintext. Raises Unsealable; for a wrong key it names the one that is wanted."""
        ...


class KeyedDigest(Protocol):
    """HMAC-SHA-256 under a key derived from the master key for one purpose (RFC 5869, RFC 2104)."""

    def mac(self, purpose: str, *parts: bytes) -> bytes:
        """Returns 32 bytes over length-framed parts: a byte moved to the next part changes the result."""
        ...

"""Decides what the core may ask of cryptography: hash a password, seal bytes, make a keyed digest."""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import IntEnum
from typing import Literal, Protocol


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


@dataclass(frozen=True, slots=True)
class HashForm:
    """What a stored password was made by: for example `bcrypt`, `12` and the id of a pepper (`none`: without).

    `cost` is None where it is not told, `pepper` where the hash was made elsewhere. `standing` is `current`,
    `outdated` (the next sign-in makes it anew) or `unreadable` (it matches nothing here).
    """

    scheme: str
    cost: str | None
    pepper: str | None
    standing: Literal["current", "outdated", "unreadable"]


class HashForms(Protocol):
    """Tells the form of hashes without having any password."""

    def form_of(self, head: str) -> HashForm:
        """`head` is what stands before salt and digest."""
        ...


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


class KeyEncryption(Protocol):
    """Wraps data keys: a key management service, or a master key that the process was given.

    What it wraps with may change while it runs elsewhere: `unwrap` knows the keys of before too.
    """

    @property
    def key_id(self) -> str:
        """Names the key that `wrap` uses, without telling anything of it."""
        ...

    @property
    def former_ids(self) -> frozenset[str]:
        """The keys that `unwrap` knows besides."""
        ...

    async def wrap(self, data_key: bytes, *, context: str) -> bytes:
        """Encrypts 32 bytes; the same context is needed to unwrap."""
        ...

    async def unwrap(self, wrapped: bytes, *, context: str) -> bytes:
        """Returns the data key. Raises Unsealable; for an unknown key it names the one that is wanted."""
        ...


class KeyedDigest(Protocol):
    """HMAC-SHA-256 under a key derived for one purpose (RFC 5869, RFC 2104)."""

    def mac(self, purpose: str, *parts: bytes) -> bytes:
        """Returns 32 bytes over length-framed parts: a byte moved to the next part changes the result."""
        ...


class DataKeyRing(Sealer, KeyedDigest, Protocol):
    """Seals and digests with the data keys of the database, once it was given them."""

    @property
    def held(self) -> frozenset[str]:
        """The ids of the keys that it opens with."""
        ...

    def id_of(self, key: bytes) -> str:
        """The id that names a data key."""
        ...

    def take(self, keys: Mapping[str, bytes], *, sealing: str, digesting: str) -> None:
        """From now on opens with all of these, by their ids, and seals and digests with the named ones."""
        ...

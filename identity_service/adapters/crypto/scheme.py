"""Decides what a password hashing scheme must be able to do to be current or to be read."""

from typing import Protocol


class MalformedHash(Exception):
    """A stored hash is not of the form it claims or asks for too much work; the text is for the log."""


class Reader(Protocol):
    """Verifies hashes of one form, wherever they were made."""

    def verify(self, secret: bytes, encoded: str) -> bool:
        """Whether `encoded` was made from these bytes, in any length. Raises MalformedHash."""
        ...


class Scheme(Reader, Protocol):
    """A form in which this server makes hashes itself, with one cost."""

    def hash(self, secret: bytes) -> str:
        """Makes a hash with a fresh salt."""
        ...

    def is_current(self, encoded: str) -> bool:
        """Whether the hash is of this scheme and has exactly this cost."""
        ...

    def unmatchable(self) -> str:
        """A well-formed hash made from nothing, as costly to verify as any other of this cost."""
        ...

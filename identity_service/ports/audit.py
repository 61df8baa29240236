"""What signs statements about the log, and where they are brought."""

from typing import Protocol


class Signatures(Protocol):
    """Ed25519 (RFC 8032) over raw keys of 32 bytes."""

    def make(self) -> bytes:
        """A new private key."""

    def public(self, private: bytes) -> bytes:
        """The public half."""

    def sign(self, private: bytes, message: bytes) -> bytes:
        """64 bytes."""

    def verify(self, public: bytes, signature: bytes, message: bytes) -> bool:
        """Whether the signature is of this key over this message; never raises for what somebody made up."""


class DestinationFailed(Exception):
    """The statement was not taken, or perhaps not; the text is a line for the log."""


class Destination(Protocol):
    """A place outside of the database. Who can change the database should not be able to change what stands there."""

    @property
    def name(self) -> str:
        """For the log, and for figures."""

    async def put(self, name: str, line: str) -> None:
        """Keeps the line for good, under the name where things have names. Twice is as good as once.

        Raises DestinationFailed.
        """

"""What the password hashes in the database were made by."""

from dataclasses import dataclass
from typing import Literal, Protocol


@dataclass(frozen=True, slots=True)
class HashHeads:
    """So many hashes begin alike: `head` is what stands before salt and digest. `owner` says whose they are."""

    owner: Literal["user", "client"]
    head: str
    number: int


class PasswordStock(Protocol):
    """The hashes of users, and of clients whose secrets were brought along. Reads every row: not for a request."""

    async def heads(self) -> list[HashHeads]:
        """By owner and head. Of a form whose salt has no fixed length the head is its name alone."""

"""What an e-mail address is to an account: where mail goes, and what it is compared by."""

from dataclasses import dataclass

MAX_OCTETS = 254
"""RFC 5321 §4.5.3.1.3 allows 256 for a path, two of which are its angle brackets."""


@dataclass(frozen=True, slots=True)
class Email:
    """Made by the `AccountNames` port, which does the Unicode work.

    Attributes:
        address: as entered; mail goes here and nowhere else.
        key: equal for addresses that are the same account's. Compare and index this.
    """

    address: str
    key: str

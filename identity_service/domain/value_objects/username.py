"""What a username is, and when it may look like an e-mail address."""

from dataclasses import dataclass

from identity_service.domain.value_objects.email import Email
from identity_service.domain.value_objects.invalid_name import InvalidName

MAX_CODE_POINTS = 64

_ASCII_LOWER = {upper: upper + 32 for upper in range(ord("A"), ord("Z") + 1)}


@dataclass(frozen=True, slots=True)
class Username:
    """Made by the `AccountNames` port, which does the Unicode work.

    Attributes:
        entered: as entered; shown to people.
        key: UsernameCaseMapped form (RFC 8265 §3.3). Compare and index this.
    """

    entered: str
    key: str


def check_at_sign(username: Username, own: Email | None) -> None:
    """A username with `@` has to be the account's own address, or it would pass for somebody else's.

    The username's key is already lower case. It may equal the address as it was entered, or its key (domain
    in A-labels). ASCII alone is lower-cased here: full case folding would make ß one with ss, and thereby
    one person's address another's.

    Args:
        username: what the account wants to be called.
        own: the account's address if it is verified, or set by an administrator; None without one.

    Raises:
        InvalidName: there is an `@`, and it is not that address.
    """
    if "@" not in username.key:
        return
    if own is None or username.key not in (own.key, own.address.translate(_ASCII_LOWER)):
        raise InvalidName("username", "at_sign")

"""The role that turns typed names into names an account can have."""

from typing import Protocol

from identity_service.domain.value_objects.email import Email
from identity_service.domain.value_objects.username import Username


class AccountNames(Protocol):
    """Unicode rules for names: the same text gives the same key in every process and at every time.

    Both methods are pure, idempotent on their own keys, and refuse hostile input quickly by its length.
    """

    def username(self, text: str) -> Username:
        """Apply UsernameCaseMapped (RFC 8265 §3.3), at most 64 code points before and after.

        Whether an `@` may stay is `check_at_sign`'s question; which scripts a new name may mix, `check_scripts`'s.

        Raises:
            InvalidName: field `username`.
        """
        ...

    def email(self, text: str) -> Email:
        """Split an address; the key has the domain as UTS-46 A-labels and the local part ASCII-lower-cased.

        Raises:
            InvalidName: field `email`; also for quoted local parts and address literals.
        """
        ...

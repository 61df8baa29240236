"""When a message that did not arrive is sent again, and when never."""

from typing import Final

FIRST_SECONDS: Final = 5.0
LONGEST_SECONDS: Final = 3600.0


class NotDelivered(Exception):
    """The attempt failed; another one may succeed. The reason is for the operator, and tells no secret."""


class Undeliverable(Exception):
    """No attempt will ever succeed: whom the message is for does not want it, or is gone."""


def seconds_to_wait(attempts: int, *, chance: float) -> float:
    """How long to wait after so many failed attempts, at least 1.

    It doubles each time up to an hour; `chance`, from 0 to 1, takes away up to a half of it, so that messages that
    failed together do not come back together.
    """
    longest = min(FIRST_SECONDS * 2.0 ** (min(attempts, 30) - 1), LONGEST_SECONDS)
    return longest * (1 - chance / 2)

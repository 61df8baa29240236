"""When a signing key is published, put to use, and no longer needed."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import Enum

from identity_service.domain.entities.signing_key import SigningKey
from identity_service.domain.oauth.access_token import LEEWAY_SECONDS, LONGEST_LIFE_SECONDS

RETIRED_FOR_SECONDS = LONGEST_LIFE_SECONDS + LEEWAY_SECONDS
"""How long a key that signs no more still verifies: until the last token that it can have signed is dead."""

SPREAD_SECONDS = 60
"""Within this time every process has read the keys again, whatever message it missed."""


class Due(Enum):
    """What the schedule wants done."""

    PUBLISH = "publish"
    PROMOTE = "promote"
    NOTHING = "nothing"


@dataclass(frozen=True, slots=True, kw_only=True)
class RotationPolicy:
    """`jwks_max_age` is how long others may cache the key set, `rotate_after` the age (seconds both) at which a current
    key is replaced by itself; 0: never."""

    jwks_max_age: int
    rotate_after: int

    @property
    def published_for(self) -> timedelta:
        """How long a key is published before it signs: whoever cached the key set before has then fetched it again."""
        return timedelta(seconds=self.jwks_max_age + SPREAD_SECONDS)

    def usable_from(self, key: SigningKey) -> datetime:
        """When a `next` key may be put to use."""
        return key.created_at + self.published_for

    def due(self, keys: Iterable[SigningKey], *, now: datetime) -> Due:
        """What is due for the keys of one algorithm, at most one of them `current` and one `next`.

        The next key is published so early that it can be used as soon as the current one is old enough.
        """
        by_status = {key.status: key for key in keys}
        current, waiting = by_status.get("current"), by_status.get("next")
        if not self.rotate_after or current is None or current.activated_at is None:
            return Due.NOTHING
        old_at = current.activated_at + timedelta(seconds=self.rotate_after)
        if waiting is None:
            return Due.PUBLISH if now >= old_at - self.published_for else Due.NOTHING
        return Due.PROMOTE if now >= max(old_at, self.usable_from(waiting)) else Due.NOTHING

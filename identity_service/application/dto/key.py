"""What may be seen of a signing key: never the key."""

from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class KeyView:
    """`status` is `next`, `current` or `retired`; `source` is `database`, or `settings` for JWT_PRIVATE_KEY.

    A `next` key may sign from `usable_from` on; a `retired` one verifies until `verify_until`. A key from the settings
    has no times.
    """

    kid: str
    alg: str
    status: str
    source: str
    created_at: datetime | None = None
    activated_at: datetime | None = None
    usable_from: datetime | None = None
    verify_until: datetime | None = None

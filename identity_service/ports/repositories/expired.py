"""Where rows end that nobody needs any more."""

from enum import Enum
from typing import Protocol


class Expired(Enum):
    """What can be purged. Each is aged by a moment of its own: an expiry, a deletion, or when it was written."""

    REFRESH_TOKENS = "refresh tokens of expired families"
    FAMILIES = "expired families"
    REVOKED_TOKENS = "revocations of expired access tokens"
    SPENT_JTIS = "assertions that were used"
    AUTHORIZATION_CODES = "authorization codes"
    INTERACTIONS = "abandoned and finished sign-ins"
    SESSIONS = "sessions of browsers"
    ENDINGS = "rows of the feed"
    DELIVERED_MESSAGES = "delivered messages of the outbox"
    UNDELIVERED_MESSAGES = "messages of the outbox that never arrived"
    CLIENT_SECRETS = "expired client secrets"
    INITIAL_ACCESS_TOKENS = "expired initial access tokens"
    SIGNING_KEYS = "retired signing keys"
    EVENTS = "events, with what is personal about them"
    USERS_REFRESH_TOKENS = "refresh tokens of deleted users"
    USERS_FAMILIES = "families of deleted users"
    USERS_PERSONAL_DATA = "what events say of deleted users as persons"
    USERS_SALTS = "what events say of deleted users could be read with"
    USERS = "deleted users"
    CLIENTS_REFRESH_TOKENS = "refresh tokens of deleted clients"
    CLIENTS_FAMILIES = "families of deleted clients"
    CLIENTS = "deleted clients"


class ExpiredRows(Protocol):
    """Deletes in small steps. Safe if several processes do it at once: no row is counted twice."""

    async def delete(self, kind: Expired, *, older_than: int, limit: int) -> int:
        """Deletes at most `limit` rows whose moment is at least `older_than` seconds past (database clock).

        Answers how many rows it deleted; 0 when none is left, or others have them in hand.
        """

    async def erase_nonces(self, *, limit: int) -> int:
        """Erases the nonces of at most `limit` refresh tokens whose grace is over; answers how many."""

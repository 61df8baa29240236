"""What nobody needs any more is deleted."""

from collections.abc import AsyncGenerator
from dataclasses import dataclass

from identity_service.application.use_cases.audit.remove_entries import RemoveEntries
from identity_service.domain.entities.authorization_code import KEPT_SECONDS
from identity_service.domain.oauth.access_token import LEEWAY_SECONDS, LONGEST_LIFE_SECONDS
from identity_service.ports.repositories.expired import Expired
from identity_service.ports.unit_of_work import Begin

BATCH = 500
"""Rows a transaction: it holds the writers of an embedded database up for some milliseconds."""

TOKENS_KEPT = LONGEST_LIFE_SECONDS + LEEWAY_SECONDS
"""How long (seconds) a family outlives its expiry: its last access token may have been issued just before."""
ENDINGS_KEPT = 2 * TOKENS_KEPT
"""A process reads a row once, and drops all it remembers when it has not read for a minute; this is ample."""
A_DAY = 86_400
DELIVERED_KEPT = 7 * A_DAY
UNDELIVERED_KEPT = 30 * A_DAY
"""Seconds in which an operator can still see, or send again, what never arrived."""
INITIAL_ACCESS_TOKENS_KEPT = 30 * A_DAY
"""Seconds in which an operator can still see which ones there were, and how much of each was used."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Purged:
    """A batch: how many rows of this kind were deleted."""

    kind: Expired
    rows: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Retention:
    """How long events, and deleted users and clients, are kept (days)."""

    events: int
    deleted: int

    def ages(self) -> dict[Expired, int]:
        """The age (seconds) at which each kind is deleted, in the order in which that is done: what hangs on a row goes
        before the row. `principals` are not here: an identifier is never given again."""
        deleted = self.deleted * A_DAY
        return {
            Expired.REFRESH_TOKENS: TOKENS_KEPT,
            Expired.FAMILIES: TOKENS_KEPT,
            Expired.REVOKED_TOKENS: LEEWAY_SECONDS,
            Expired.SPENT_JTIS: LEEWAY_SECONDS,
            Expired.AUTHORIZATION_CODES: KEPT_SECONDS,
            Expired.INTERACTIONS: 0,
            Expired.SESSIONS: 0,
            Expired.ENDINGS: ENDINGS_KEPT,
            Expired.DELIVERED_MESSAGES: DELIVERED_KEPT,
            Expired.UNDELIVERED_MESSAGES: UNDELIVERED_KEPT,
            Expired.CLIENT_SECRETS: 0,
            Expired.INITIAL_ACCESS_TOKENS: INITIAL_ACCESS_TOKENS_KEPT,
            Expired.SIGNING_KEYS: 0,
            Expired.EVENTS: self.events * A_DAY,
            Expired.USERS_REFRESH_TOKENS: deleted,
            Expired.USERS_FAMILIES: deleted,
            Expired.USERS_PERSONAL_DATA: deleted,
            Expired.USERS_SALTS: deleted,
            Expired.USERS: deleted,
            Expired.CLIENTS_REFRESH_TOKENS: deleted,
            Expired.CLIENTS_FAMILIES: deleted,
            Expired.CLIENTS: deleted,
        }


class Purge:
    """Deletes everything that has outlived its use, in small batches, each a transaction of its own.

    It may be stopped after any batch, and run by several processes at once.
    """

    def __init__(
        self, *, begin: Begin, retention: Retention, remove_entries: RemoveEntries, batch: int = BATCH
    ) -> None:
        self._begin = begin
        self._remove_entries = remove_entries
        self._retention = retention
        self._batch = batch

    async def __call__(self) -> AsyncGenerator[Purged, None]:
        """Yields after every batch, for each kind at least once (then with 0 rows). Raises StorageUnavailable."""
        for kind, older_than in self._retention.ages().items():
            if kind is Expired.EVENTS:
                await self._remove_entries(older_than=older_than)
            rows = self._batch
            while rows == self._batch:
                rows = await self._delete(kind, older_than)
                yield Purged(kind=kind, rows=rows)

    async def _delete(self, kind: Expired, older_than: int) -> int:
        async with self._begin() as uow:
            rows = await uow.expired.delete(kind, older_than=older_than, limit=self._batch)
            await uow.commit()
        return rows


class EraseNonces:
    """Erases what refresh tokens could be repeated with, as soon as their grace is over."""

    def __init__(self, *, begin: Begin, batch: int = BATCH) -> None:
        self._begin = begin
        self._batch = batch

    async def __call__(self) -> int:
        """How many were erased, in one transaction for each batch. Raises StorageUnavailable."""
        total, rows = 0, self._batch
        while rows == self._batch:
            async with self._begin() as uow:
                rows = await uow.expired.erase_nonces(limit=self._batch)
                await uow.commit()
            total += rows
        return total

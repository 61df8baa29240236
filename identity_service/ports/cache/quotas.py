"""Counting requests against quotas."""

from collections.abc import Sequence
from typing import NamedTuple, Protocol

from identity_service.domain.services.quota import Quota


class Charge(NamedTuple):
    """A quota, and whose: `key` is an address, the id of a client or of a person, nothing for what all share."""

    quota: Quota
    key: str


class Standing(NamedTuple):
    """How a quota stands for its key: how many may still come, and in how many seconds (at least 1) all of it is there
    again."""

    quota: Quota
    remaining: int
    reset_seconds: int


class Taken(NamedTuple):
    """What was got. `granted` 0: nothing was counted anywhere, `refused_by` says which quota had no room, and
    `wait_seconds` (at least 1) when it will have some."""

    granted: int
    standings: tuple[Standing, ...]
    refused_by: Quota | None = None
    wait_seconds: int = 0


class Quotas(Protocol):
    """Counts requests, in several quotas at once or in none: who is refused by one has used up nothing of another.

    Exact within one process, and across processes where they share a store, whatever comes at the same time. While the
    store is away each process counts for itself, in a part of each quota: never no limit, and never a stop.
    """

    async def take(self, charges: Sequence[Charge], *, most: int = 1, without: float = 1.0) -> Taken:
        """As many as there is room for everywhere, `most` at most. `without`: the part of each quota, above 0 and at
        most 1, that this process has while the shared store is away."""

    def take_at_once(self, charges: Sequence[Charge], *, most: int = 1) -> Taken | None:
        """The same; None, and nothing counted, where somebody has to be asked."""

"""Who judges whether a refresh is suspicious."""

from collections.abc import Sequence
from typing import Protocol

from identity_service.domain.entities.origin import Finding
from identity_service.domain.services.refresh_risk import Sighting


class RefreshRules(Protocol):
    """Asked about refreshes that came from elsewhere than those before, were repeated, or come very often; about no
    others. No connection to the database is held meanwhile, so it may ask a service of its own; the caller waits.
    """

    async def __call__(self, seen: Sighting) -> Sequence[Finding]:
        """What is suspicious about it, each kind once. An error is as if nothing were."""

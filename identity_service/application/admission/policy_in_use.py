"""Which policy of quotas holds now, and what a request is counted in by it."""

from collections.abc import Callable

from identity_service.domain.services.quota import Level, Quota
from identity_service.domain.services.quota_policy import QuotaPolicy
from identity_service.ports.cache.quotas import Charge


class PolicyInUse:
    """Answers what requests are charged to, from memory; `replace` puts another policy in its place for what comes
    next. Counts go on under the new limits."""

    def __init__(self, policy: QuotaPolicy) -> None:
        self.policy = policy
        self.broken = False
        """Whether the file has become one that cannot be used, so that an older one holds."""
        self.on_replaced: list[Callable[[], None]] = []
        self._known: dict[tuple[Level, str, str | None], tuple[Quota, ...]] = {}

    def replace(self, policy: QuotaPolicy) -> None:
        """From now on this one holds."""
        self.policy = policy
        self._known.clear()
        for tell in self.on_replaced:
            tell()

    def charges(self, endpoint: str, level: Level, key: str, *, tier: str | None = None) -> list[Charge]:
        """What a request at this endpoint is counted in, for somebody of this level."""
        asked = (level, endpoint, tier if tier in self.policy.tiers else None)
        found = self._known.get(asked)
        if found is None:
            found = self._known[asked] = self.policy.of(level, endpoint, tier=asked[2])
        return [Charge(quota, key) for quota in found]

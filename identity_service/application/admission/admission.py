"""Who is let in: requests are counted in every quota that is theirs, before anything is done for them."""

from collections.abc import Sequence

from identity_service.application.admission.policy_in_use import PolicyInUse
from identity_service.domain.entities.client import Client
from identity_service.domain.oauth.errors import TooManyRequests
from identity_service.domain.services.quota import Level
from identity_service.domain.value_objects.network import SITE, network_of
from identity_service.ports.cache.quotas import Charge, Quotas, Standing, Taken

ALLOWED, LIMITED = "allowed", "limited"
NOBODY = "unknown"
"""The address of whoever has none: they share what one address may."""


class Tally:
    """How many requests were allowed and limited, by endpoint and level. Nothing of a caller's is a label."""

    def __init__(self) -> None:
        self.counts: dict[tuple[str, str, str], int] = {}

    def count(self, endpoint: str, level: str, result: str, number: int = 1) -> None:
        """`number` more."""
        key = endpoint, level, result
        self.counts[key] = self.counts.get(key, 0) + number


class Arrival:
    """A request on its way in: at which endpoint, and how the quotas stand that it was counted in."""

    __slots__ = ("_admission", "client_id", "endpoint", "standings")

    def __init__(self, admission: "Admission", endpoint: str) -> None:
        self._admission = admission
        self.endpoint = endpoint
        self.client_id: str | None = None
        self.standings: list[Standing] = []

    async def of_address(self, address: str | None) -> None:
        """Counts it for who is known by no better name yet. Raises TooManyRequests."""
        await self._admission.take(self, "address", whom(address))

    async def of_client(self, client: Client) -> None:
        """Counts it, once, for the client that it proved to come from. A public client proves nothing: under its name a
        stranger could use up what is its own.

        Raises TooManyRequests.
        """
        if self.client_id is None and not client.is_public:
            self.client_id = client.client_id
            await self._admission.take(self, "client", client.client_id, tier=client.rate_limit_tier)

    async def of_bearer(self, subject: str) -> None:
        """Counts it for whom its access token stands for. Raises TooManyRequests."""
        await self._admission.take(self, "user", subject)

    def of_client_at_once(self, client: Client) -> bool:
        """As `of_client`, for a client that is not public; False, and nothing counted, where it is refused or somebody
        has to be asked."""
        self.client_id = client.client_id
        return self._admission.take_at_once(self, "client", client.client_id, tier=client.rate_limit_tier)


class Admission:
    """Takes what requests need from the quotas.

    What all share is counted once for each request, with the first name that it has: who is refused for an own quota
    uses up nothing of it.
    """

    def __init__(self, *, quotas: Quotas, policy: PolicyInUse, tally: Tally) -> None:
        self._quotas = quotas
        self._policy = policy
        self._tally = tally

    def arrival(self, endpoint: str) -> Arrival:
        """A request that was counted nowhere yet."""
        return Arrival(self, endpoint)

    async def take(self, arrival: Arrival, level: Level, key: str, *, tier: str | None = None) -> None:
        """Raises TooManyRequests."""
        charges = self._charges(arrival, level, key, tier)
        if not charges:
            return
        taken = self._quotas.take_at_once(charges)
        if taken is None:
            taken = await self._quotas.take(charges, without=self._policy.policy.without_redis)
        self._note(arrival, level, taken)
        if not taken.granted:
            raise TooManyRequests(retry_after_seconds=taken.wait_seconds)

    def take_at_once(self, arrival: Arrival, level: Level, key: str, *, tier: str | None) -> bool:
        """Whether it was let in here and now."""
        taken = self._quotas.take_at_once(self._charges(arrival, level, key, tier))
        if taken is None or not taken.granted:
            return False
        self._note(arrival, level, taken)
        return True

    def _charges(self, arrival: Arrival, level: Level, key: str, tier: str | None) -> Sequence[Charge]:
        own = self._policy.charges(arrival.endpoint, level, key, tier=tier)
        first = not arrival.standings
        return [*self._policy.charges(arrival.endpoint, "global", ""), *own] if first else own

    def _note(self, arrival: Arrival, level: Level, taken: Taken) -> None:
        if taken.refused_by is None:
            self._tally.count(arrival.endpoint, level, ALLOWED)
        else:
            self._tally.count(arrival.endpoint, taken.refused_by.level, LIMITED)
        arrival.standings += taken.standings


def whom(address: str | None) -> str:
    """Whom an address stands for. Of IPv6 everybody has a /64 at least, and 2^64 addresses in it."""
    if address is None or ":" not in address:
        return address or NOBODY
    return network_of(address, bits=SITE) or NOBODY

"""Where it is kept what people agreed to."""

from collections.abc import Collection
from typing import Protocol

from identity_service.domain.entities.consent import Consent
from identity_service.domain.value_objects.ids import ClientId, UserId
from identity_service.domain.value_objects.scope import Scope


class Consents(Protocol):
    """One for each user and client at most."""

    async def get(self, user_id: UserId, client_id: ClientId) -> Consent | None: ...

    async def grant(
        self, user_id: UserId, client_id: ClientId, *, scope: Scope, claims: Collection[str]
    ) -> None:
        """Adds these to what was agreed to before."""

    async def revoke(self, user_id: UserId, client_id: ClientId) -> bool:
        """True for the one caller that took it back."""

    async def hold(self, user_id: UserId, client_id: ClientId) -> bool:
        """Whether there is one; until this transaction is over, nobody takes it back."""

    async def forget(self, client_id: ClientId) -> None:
        """Takes back what everybody agreed to for this client."""

    async def of_user(self, user_id: UserId) -> list[Consent]:
        """All of them, the newest first."""

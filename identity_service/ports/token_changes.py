"""Changes of the token path that stand alone."""

from collections.abc import Callable
from typing import Protocol

from identity_service.domain.entities.authorization_code import AuthorizationCode
from identity_service.domain.entities.event import Event
from identity_service.domain.entities.token import Family
from identity_service.domain.value_objects.ids import ClientId, FamilyId
from identity_service.ports.repositories.tokens import Bounds, Spend, Spent


class TokenChanges(Protocol):
    """Each call is a transaction of its own: the change, its event and what the event ends, all or nothing. Where the
    database can it is one statement, sent once.

    True for the call that made the change; for any other nothing is written. What the event ends is applied to this
    process before a call returns, whoever made the change, and also if the answer was lost. Every method may raise
    StorageUnavailable, `in_doubt` when the connection broke meanwhile.
    """

    async def start(self, family: Family, first: bytes, *, event: Event) -> bool:
        """As `Families.start`."""

    async def spend_code(self, digest: bytes, *, client_id: ClientId) -> AuthorizationCode | None:
        """As `AuthorizationCodes.spend`; it records nothing."""

    async def rotate(self, spend: Spend, *, event: Event) -> bool:
        """As `RefreshTokens.spend`."""

    async def rotate_unseen(
        self, spend: Spend, *, bounds: Bounds, event: Callable[[FamilyId], Event]
    ) -> Spent | None:
        """As `rotate`, of a family that is read by the same statement and must keep within the bounds.

        None where nothing was spent, whatever the reason; also where this database would need several statements.
        """

    async def end(self, family_id: FamilyId, *, reason: str, event: Event) -> bool:
        """As `Families.end`."""

    async def revoke(self, jti: str, *, expires_at: int, event: Event) -> bool:
        """As `RevokedTokens.add`."""

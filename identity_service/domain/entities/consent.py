"""What a person has agreed that a client may have."""

from dataclasses import dataclass
from datetime import datetime

from identity_service.domain.value_objects.ids import ClientId, UserId
from identity_service.domain.value_objects.scope import Scope


@dataclass(frozen=True, slots=True, kw_only=True)
class Consent:
    """All scopes and single claims that were agreed to so far, whichever requests asked for them."""

    user_id: UserId
    client_id: ClientId
    scope: Scope
    claims: frozenset[str]
    updated_at: datetime

    def covers(self, scope: Scope, claims: frozenset[str]) -> bool:
        """Whether nothing is asked for beyond it."""
        return scope <= self.scope and claims <= self.claims

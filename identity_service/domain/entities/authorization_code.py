"""An authorization code: one agreement of one person, to be exchanged once."""

from dataclasses import dataclass, field
from datetime import datetime

from identity_service.domain.entities.token import Epochs, Family
from identity_service.domain.value_objects.ids import ClientId, FamilyId, SessionId, UserId
from identity_service.domain.value_objects.scope import Scope

LIFETIME_SECONDS = 60
"""RFC 6749 §4.1.2 recommends ten minutes at most; a program needs a second."""
KEPT_SECONDS = 3600
"""How long a code outlives itself, so that a second use of it is recognised as one."""

FORBIDDEN_SECONDS = 86_400
"""How long a family is kept that must not start: ample for a token request that is under way."""


@dataclass(frozen=True, slots=True, kw_only=True)
class AuthorizationCode:
    """What the tokens will say, fixed when the person agreed.

    Attributes:
        family_id: of the tokens to come: whoever shows the code again can end them before they are made.
        subject: what `sub` is to the client.
        redirect_uri: what the token request has to repeat; None where the authorization request did not name it.
        id_token_claims, userinfo_claims: single claims that were asked for (OIDC Core §5.5).
    """

    family_id: FamilyId
    client_id: ClientId
    user_id: UserId
    subject: str
    session_id: SessionId
    redirect_uri: str | None
    code_challenge: str | None = field(repr=False)
    scope: Scope
    audience: tuple[str, ...]
    nonce: str | None
    id_token_claims: tuple[str, ...]
    userinfo_claims: tuple[str, ...]
    epochs: Epochs
    auth_time: datetime
    amr: tuple[str, ...]
    acr: str

    def family(self) -> Family:
        """The tokens that must not come of it, to be forbidden."""
        return Family(
            id=self.family_id,
            client_id=self.client_id,
            user_id=self.user_id,
            scope=self.scope,
            audience=self.audience,
            epochs=self.epochs,
            auth_time=self.auth_time,
            amr=self.amr,
            lifetime_seconds=FORBIDDEN_SECONDS,
            subject=self.subject if self.subject != self.user_id else None,
            acr=self.acr,
            session_id=self.session_id,
        )

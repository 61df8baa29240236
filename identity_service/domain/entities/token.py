"""Token families, refresh tokens and the claims of access tokens."""

from dataclasses import dataclass, field
from datetime import datetime
from typing import NamedTuple

from identity_service.domain.entities.origin import UNKNOWN, Noted, Origin
from identity_service.domain.value_objects.ids import ClientId, FamilyId, SessionId, UserId
from identity_service.domain.value_objects.scope import Scope


class Epochs(NamedTuple):
    """The epochs something was made under. A lower one than today's is dead for ever, also after reactivation.

    `user` is 0 where no person stands behind the token.
    """

    server: int
    user: int
    client: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Family:
    """All tokens that go back to one authorization. Rotation never extends `expires_at`.

    `subject` is what `sub` is to the client, where that is not the user's id (OIDC Core §8.1).
    `session_id` and `acr` are there where the person signed in with a browser; `userinfo_claims` were asked for one by
    one (OIDC Core §5.5). `origin` is where its tokens were asked for, until they are asked for from elsewhere.
    """

    id: FamilyId
    client_id: ClientId
    user_id: UserId
    scope: Scope
    audience: tuple[str, ...]
    epochs: Epochs
    auth_time: datetime
    amr: tuple[str, ...]
    lifetime_seconds: int
    subject: str | None = None
    acr: str | None = None
    session_id: SessionId | None = None
    userinfo_claims: tuple[str, ...] = ()
    origin: Origin = UNKNOWN


@dataclass(frozen=True, slots=True, kw_only=True)
class FamilyState:
    """A family as it stands in the database, beside the epochs and states it is measured against.

    `ended`, `expired` and `grace_open` were judged by the database with its own clock.
    """

    family: Family
    started_at: datetime
    expires_at: datetime
    ended: bool
    expired: bool
    user_active: bool
    client_active: bool
    current: Epochs
    username: str
    user_is_admin: bool

    @property
    def alive(self) -> bool:
        """Whether tokens of this family may still be used or issued (PROTOCOL: epochs and families)."""
        return (
            not (self.ended or self.expired)
            and self.user_active
            and self.client_active
            and self.current == self.family.epochs
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class FamilyRecord:
    """A family as it is shown to those who administer it.

    `last_used_at` is when it was last refreshed; None before the first time.
    """

    state: FamilyState
    client_name: str
    last_used_at: datetime | None
    ended_at: datetime | None
    ended_reason: str | None
    noted: tuple[Noted, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class RefreshTokenState:
    """A presented refresh token as the database knows it."""

    digest: bytes = field(repr=False)
    spent: bool
    grace_open: bool
    successor_digest: bytes | None = field(repr=False)
    successor_spent: bool
    nonce: bytes | None = field(repr=False)
    state: FamilyState


class AccessClaims(NamedTuple):
    """The claims of an access token (RFC 9068 §2.2) with the private ones that end it.

    Times are whole seconds since 1970 (NumericDate). `fid` names the family; None where there is none. `user_id` is
    None where no person stands behind the token, and where `sub` is pairwise: then the family knows who it is.
    """

    iss: str
    sub: str
    aud: tuple[str, ...]
    exp: int
    iat: int
    jti: str
    client_id: ClientId
    scope: Scope
    epochs: Epochs
    user_id: UserId | None
    fid: FamilyId | None = None
    auth_time: int | None = None
    amr: tuple[str, ...] = ()
    acr: str | None = None
    sid: SessionId | None = None

    @property
    def ties(self) -> "TokenTies":
        """What the token hangs on."""
        return TokenTies(self.jti, self.fid, self.user_id, self.client_id)


class TokenTies(NamedTuple):
    """What an access token hangs on, by the names in its claims."""

    jti: str
    fid: FamilyId | None
    user_id: UserId | None
    client_id: ClientId


class AccessState(NamedTuple):
    """What the database says of everything an access token hangs on. A missing row is inactive.

    `user_id` is whom the token speaks for: of a pairwise client's token only its family knows.
    """

    current: Epochs
    user_active: bool
    client_active: bool
    family_ended: bool
    jti_revoked: bool
    username: str | None
    user_id: UserId | None = None

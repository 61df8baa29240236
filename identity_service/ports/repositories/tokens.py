"""Where families, refresh tokens and revoked access tokens are kept."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import NamedTuple, Protocol

from identity_service.domain.entities.origin import Noted, Origin
from identity_service.domain.entities.token import (
    AccessState,
    Family,
    FamilyRecord,
    FamilyState,
    RefreshTokenState,
    TokenTies,
)
from identity_service.domain.value_objects.ids import ClientId, FamilyId, SessionId, UserId
from identity_service.domain.value_objects.scope import Scope


@dataclass(frozen=True, slots=True, kw_only=True)
class Spend:
    """What the spending statement needs: the token, whose it is, its successor, and how long it may be repeated.

    `nonce` is None and `grace_seconds` 0 where no repetition is allowed.
    """

    digest: bytes = field(repr=False)
    client_id: ClientId
    successor: bytes = field(repr=False)
    nonce: bytes | None = field(repr=False)
    grace_seconds: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Bounds:
    """What a family that nobody has seen must be like for its token to be spent: its scope holds all of `scope`, and
    its audiences are among `audience`."""

    scope: Scope
    audience: frozenset[str]


class Spent(NamedTuple):
    """The family of a token that was just spent, and whether its user is an administrator."""

    family: Family
    user_is_admin: bool


class Families(Protocol):
    """Token families."""

    async def start(self, family: Family, first: bytes) -> datetime | None:
        """Creates the family and its first refresh token (its digest), answers when it expires.

        In one statement, and only if user and client are active and every epoch is still the one that the family
        names, and nobody forbade it; None when refused.
        """

    async def get(self, family_id: FamilyId) -> FamilyState | None: ...

    async def end(self, family_id: FamilyId, *, reason: str) -> bool:
        """Ends the family; True for the one caller whose statement did it."""

    async def forbid(self, family: Family, *, reason: str) -> bool:
        """Ends the family, or sees to it that it never starts, should it not have started yet: a family's id is taken
        once. True for the one caller whose statement did it."""

    async def end_of_session(self, session_id: SessionId, *, reason: str) -> list[FamilyId]:
        """Ends what a session gave, but for what was to outlive it (`offline_access`, OIDC Core §11); answers what."""

    async def end_of_grant(self, user_id: UserId, client_id: ClientId, *, reason: str) -> list[FamilyId]:
        """Ends all that a client got from a person; answers what."""


@dataclass(frozen=True, slots=True, kw_only=True)
class FamilyQuery:
    """Exact filters (None: any). The newest come first; `after` is the id of the last one of the page before."""

    limit: int
    after: FamilyId | None = None
    user_id: UserId | None = None
    client_id: ClientId | None = None
    session_id: SessionId | None = None
    alive: bool | None = None


class Watched(NamedTuple):
    """What was noted of a family, and what time it is for the database."""

    noted: tuple[Noted, ...]
    now: datetime


class FamilyDesk(Protocol):
    """Families as people and administrators see them, and as they are watched."""

    async def get(self, family_id: FamilyId) -> FamilyRecord | None: ...

    async def page(self, query: FamilyQuery) -> list[FamilyRecord]:
        """Families, dead ones too until they are purged, unless `alive` says which."""

    async def watched(self, family_id: FamilyId) -> Watched | None:
        """What was noted of it; nobody else notes anything until the transaction ends. None for one that is over."""

    async def last_use(self, token: bytes, *, repeated: bool) -> timedelta | None:
        """How long ago the family of this token (its digest) was last used, before the token was presented just now:
        for the first time, or after somebody else has spent it."""

    async def note(self, family_id: FamilyId, *, origin: Origin, noted: Iterable[Noted]) -> None:
        """From now on it is refreshed from there, and these findings stand in the place of those before."""


class RefreshTokens(Protocol):
    """Refresh tokens, by the SHA-256 digest of what the client holds."""

    async def get(self, digest: bytes) -> RefreshTokenState | None:
        """The token with its family, as one statement sees them."""

    async def spend(self, spend: Spend) -> datetime | None:
        """Spends the token and stores its successor.

        Of any number of concurrent calls with one digest at most one is answered (with the family's expiry), and
        only if the token was unspent and belongs to the client, and the family is alive under its epochs. The nonce
        of the predecessor is erased in the same transaction. The losers change nothing.
        """


class RevokedTokens(Protocol):
    """Access tokens that were revoked one by one."""

    async def add(self, jti: str, *, expires_at: int) -> bool:
        """Remembers that `jti` is revoked until `expires_at` (NumericDate); True for the first caller."""

    async def access_states(self, wanted: Sequence[TokenTies]) -> list[AccessState]:
        """Everything these access tokens hang on, as one statement on the primary sees it; in the order asked for."""

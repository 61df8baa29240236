"""What an operator hands out so that programs can register themselves (RFC 7591 §3)."""

from dataclasses import dataclass
from datetime import datetime

from identity_service.domain.value_objects.ids import InitialAccessTokenId


@dataclass(frozen=True, slots=True, kw_only=True)
class InitialAccessToken:
    """An initial access token, without the token: only its digest is kept.

    `note` is what the operator wrote about it; `uses` is how many clients it is for, `uses_left` how many of them have
    not come yet.
    """

    id: InitialAccessTokenId
    note: str | None
    uses: int
    uses_left: int
    created_at: datetime
    expires_at: datetime
    revoked_at: datetime | None


@dataclass(frozen=True, slots=True, kw_only=True)
class NewInitialAccessToken:
    """One to be kept; it lives `life_seconds` from now on."""

    id: InitialAccessTokenId
    digest: bytes
    note: str | None
    uses: int
    life_seconds: int

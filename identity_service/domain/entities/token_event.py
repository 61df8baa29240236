"""What happens to families of tokens, and to single ones."""

from dataclasses import dataclass

from identity_service.domain.entities.event import Event, personal
from identity_service.domain.entities.tag import family_tag, token_tag


@dataclass(frozen=True, slots=True, kw_only=True)
class _FamilyEvent(Event):
    family_id: str
    client_id: str


@dataclass(frozen=True, slots=True, kw_only=True)
class FamilyStarted(_FamilyEvent):
    name = "family.started"
    user_id: str
    grant_type: str
    address: str | None = personal()

    @property
    def subject(self) -> str | None:
        return self.user_id


@dataclass(frozen=True, slots=True, kw_only=True)
class RefreshTokenRotated(_FamilyEvent):
    name = "refresh_token.rotated"


@dataclass(frozen=True, slots=True, kw_only=True)
class RefreshTokenRepeated(_FamilyEvent):
    """A spent token was presented again within its grace and received the same successor."""

    name = "refresh_token.repeated"


@dataclass(frozen=True, slots=True, kw_only=True)
class RefreshSuspected(_FamilyEvent):
    """Rules that the refresh broke, or others of the last hour before it, and their points together."""

    name = "refresh_token.suspected"
    user_id: str
    found: tuple[str, ...]
    score: int
    address: str | None = personal()
    user_agent: str | None = personal()

    @property
    def subject(self) -> str | None:
        return self.user_id


@dataclass(frozen=True, slots=True, kw_only=True)
class FamilyEnded(_FamilyEvent):
    """`reason` is `revoked` (its client gave a refresh token back), `replay`, `risk` (with what was found in a refresh,
    and where that came from), or `ended` (somebody's order)."""

    name = "family.ended"
    reason: str
    user_id: str | None = None
    found: tuple[str, ...] | None = None
    score: int | None = None
    address: str | None = personal()
    user_agent: str | None = personal()

    @property
    def subject(self) -> str | None:
        return self.user_id

    def endings(self) -> tuple[str, ...]:
        return (family_tag(self.family_id),)


@dataclass(frozen=True, slots=True, kw_only=True)
class AccessTokenIssued(Event):
    """Recorded only where every token has to be on record; otherwise a token that stands alone is merely counted."""

    name = "access_token.issued"
    jti: str
    client_id: str


@dataclass(frozen=True, slots=True, kw_only=True)
class AccessTokenRevoked(Event):
    name = "access_token.revoked"
    jti: str
    client_id: str

    def endings(self) -> tuple[str, ...]:
        return (token_tag(self.jti),)

"""What a grant is: it answers which subject, and which ceiling of scope."""

from dataclasses import dataclass, field
from typing import Protocol, runtime_checkable

from identity_service.domain.entities.client import Client
from identity_service.domain.entities.origin import Origin
from identity_service.domain.entities.token import Epochs, RefreshTokenState
from identity_service.domain.oauth.parameters import Parameters
from identity_service.domain.value_objects.ids import FamilyId, SessionId, UserId
from identity_service.domain.value_objects.scope import Scope
from identity_service.domain.value_objects.secret import Secret


@dataclass(frozen=True, slots=True, kw_only=True)
class TokenCall:
    """A token request whose client is known. `address` is where it came from, for fairness and the record, `user_agent`
    what its program calls itself."""

    client: Client
    form: Parameters
    address: str | None
    user_agent: str | None = None

    @property
    def origin(self) -> Origin:
        """Both, as far as they are kept."""
        return Origin.of(self.address, self.user_agent)


@dataclass(frozen=True, slots=True, kw_only=True)
class Subject:
    """The person a token speaks for, and how they signed in (`amr`: RFC 8176; `acr`, `session_id`: with a browser).

    `sub` is how the client knows them: the user's id, unless the client is pairwise (OIDC Core §8.1).
    """

    user_id: UserId
    sub: str
    admin: bool
    epochs: Epochs
    auth_time: int
    amr: tuple[str, ...]
    acr: str | None = None
    session_id: SessionId | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class NewFamily:
    """The tokens begin a family, of this id if it was fixed before; a refresh token is given if the client may use
    one. `userinfo_claims` were asked for one by one."""

    id: FamilyId | None = None
    userinfo_claims: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Rotation:
    """The presented refresh token is to be spent for its successor."""

    presented: str = field(repr=False)
    token: RefreshTokenState


@dataclass(frozen=True, slots=True, kw_only=True)
class Rotated:
    """The presented refresh token was spent by the statement that found it."""

    family: FamilyId
    successor: Secret


@dataclass(frozen=True, slots=True, kw_only=True)
class Authorization:
    """A grant's answer. `issue_token` alone narrows and mints.

    Attributes:
        subject: None when the client acts for itself.
        ceiling: the most the token may carry.
        default: the scope when none is asked for; None for the client's own.
        audience: the most the token may be meant for; None for whatever the client asks.
        lineage: whether the token begins a family, continues one, or stands alone (None).
        nonce, id_token_claims: for the ID token, where there is one (OIDC Core §2, §5.5).
    """

    subject: Subject | None
    ceiling: Scope
    default: Scope | None = None
    audience: tuple[str, ...] | None = None
    lineage: NewFamily | Rotation | Rotated | None = None
    nonce: str | None = None
    id_token_claims: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class GrantParameter:
    """A parameter of a grant, beside those that every grant has, for the description of the API."""

    name: str
    description: str
    example: str
    secret: bool = False
    required: bool = True


class Grant(Protocol):
    """One way to obtain a token. `name` is the `grant_type`, `parameters` are what only this grant reads."""

    @property
    def name(self) -> str: ...
    @property
    def parameters(self) -> tuple[GrantParameter, ...]: ...

    async def authorize(self, call: TokenCall) -> Authorization:
        """Judges the request. Writes nothing that a refusal would have to undo, and holds no transaction.

        Raises an OAuthError, as a rule InvalidGrant.
        """


@runtime_checkable
class DecidesUnasked(Grant, Protocol):
    """A grant that judges by the call alone, so that no time passes meanwhile."""

    def decide(self, call: TokenCall) -> Authorization:
        """As `authorize`."""

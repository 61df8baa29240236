"""What an access token says, and the one place where it is signed."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, NamedTuple

from identity_service.application.grants.base import Authorization, NewFamily, Rotated, Rotation
from identity_service.application.use_cases.oauth2.target import Target
from identity_service.domain.entities.client import Client
from identity_service.domain.entities.token import AccessClaims, Epochs
from identity_service.domain.oauth.access_token import TYP, to_claims
from identity_service.domain.value_objects.ids import FamilyId
from identity_service.domain.value_objects.scope import Scope
from identity_service.domain.value_objects.secret import Secret
from identity_service.ports.tokens.signer import TokenSigner


@dataclass(slots=True, kw_only=True)
class TokenResponse:
    """What RFC 6749 §5.1 answers; `expires_in` is seconds."""

    access_token: str = field(repr=False)
    expires_in: int
    scope: Scope
    refresh_token: Secret | None = None
    id_token: str | None = field(default=None, repr=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class TokenPolicy:
    """The server's settings for tokens; a client may have a `signing_alg` and durations (seconds) of its own."""

    issuer: str
    signing_alg: str
    access_token_ttl: int
    refresh_token_ttl: int
    record_every_token: bool


class Plan(NamedTuple):
    """A token that was decided on, without a name and without times; any number of tokens may be made by it.

    `claims` are those of every such token. `family` names the family that it belongs to, if it belongs to one.
    """

    grant_type: str
    alg: str
    lifetime: int
    scope: Scope
    audience: tuple[str, ...]
    epochs: Epochs
    family: FamilyId | None
    claims: Mapping[str, Any]


class Mint:
    """Plans tokens, and makes them."""

    def __init__(
        self, *, sign: TokenSigner, clock: Callable[[], float], new_id: Callable[[], str], policy: TokenPolicy
    ) -> None:
        self._sign = sign
        self._clock = clock
        self._new_id = new_id
        self._policy = policy

    def plan(
        self, client: Client, grant_type: str, authorization: Authorization, target: Target, scope: Scope
    ) -> Plan:
        """What was granted, as a token will say it."""
        subject = authorization.subject
        epochs = Epochs(client.server_epoch, 0, client.epoch) if subject is None else subject.epochs
        family = self._family(authorization)
        undated = AccessClaims(
            iss=self._policy.issuer,
            sub=client.client_id if subject is None else subject.sub,
            aud=target.audience,
            exp=0,
            iat=0,
            jti="",
            client_id=client.client_id,
            scope=scope,
            epochs=epochs,
            user_id=None if subject is None else subject.user_id,
            fid=family,
            auth_time=None if subject is None else subject.auth_time,
            amr=() if subject is None else subject.amr,
            acr=None if subject is None else subject.acr,
            sid=None if subject is None else subject.session_id,
        )
        return Plan(
            grant_type=grant_type,
            alg=self._alg(client),
            lifetime=client.access_token_ttl or self._policy.access_token_ttl,
            scope=scope,
            audience=target.audience,
            epochs=epochs,
            family=family,
            claims=to_claims(undated),
        )

    def can_make_for(self, client: Client) -> bool:
        """Whether a key is held by which this client's tokens are signed."""
        return self._sign.signs(self._alg(client))

    def new_jti(self) -> str:
        """A name that no token has had before."""
        return self._new_id()

    def make(self, plan: Plan, jti: str) -> str:
        """The token of this name, which is good from now on. Raises KeysUnavailable."""
        now = int(self._clock())
        own = {"exp": now + plan.lifetime, "iat": now, "jti": jti}
        return self._sign.sign({**plan.claims, **own}, typ=TYP, alg=plan.alg)

    def _alg(self, client: Client) -> str:
        return client.access_token_signed_response_alg or self._policy.signing_alg

    def _family(self, authorization: Authorization) -> FamilyId | None:
        match authorization.lineage:
            case Rotated(family=family):
                return family
            case Rotation(token=token):
                return token.state.family.id
            case NewFamily(id=fixed):
                return fixed or FamilyId(self._new_id())
        return None

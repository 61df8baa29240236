"""The only place where tokens are made."""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime

from identity_service.application.authentication.client import AuthenticateClient
from identity_service.application.grants.base import Authorization, NewFamily, Rotation, TokenCall
from identity_service.application.grants.registry import Grants
from identity_service.application.use_cases.oauth2.id_tokens import MintIdToken
from identity_service.application.use_cases.oauth2.rotate_refresh_token import RotateRefreshToken
from identity_service.application.use_cases.oauth2.target import Target, TargetPolicy
from identity_service.domain.entities.client import Client
from identity_service.domain.entities.event import AccessTokenIssued, FamilyStarted
from identity_service.domain.entities.token import AccessClaims, Epochs, Family
from identity_service.domain.oauth.access_token import TYP, to_claims
from identity_service.domain.oauth.client_auth import PresentedClient
from identity_service.domain.oauth.errors import InvalidGrant
from identity_service.domain.oauth.parameters import Parameters
from identity_service.domain.oauth.scope_policy import may_hold_reserved, narrow
from identity_service.domain.value_objects.ids import FamilyId
from identity_service.domain.value_objects.scope import Scope
from identity_service.domain.value_objects.secret import OpaqueKind, Secret, digest, opaque_token
from identity_service.ports.token_changes import TokenChanges
from identity_service.ports.tokens.signer import TokenSigner
from identity_service.ports.unit_of_work import Begin


@dataclass(frozen=True, slots=True, kw_only=True)
class TokenRequest:
    """A request to the token endpoint; `address` is where it came from."""

    presented: PresentedClient
    form: Parameters
    address: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
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


@dataclass(frozen=True, slots=True, kw_only=True)
class Making:
    """The machinery a token is made with. `random` gives that many unpredictable bytes."""

    sign: TokenSigner
    clock: Callable[[], float]
    random: Callable[[int], bytes]
    new_id: Callable[[], str]


class IssueToken:
    """Gives a client the tokens that its grant allows.

    - The client is authenticated first, then the grant judged; each refusal is one of RFC 6749 §5.2.
    - The scope is what was asked for, within what the grant, the client, the audience and the person allow.
    - A family begins only under the epochs that the sign-in saw: whoever was deactivated meanwhile gets nothing.
    - A refresh token is spent after everything else was judged, and before anything leaves.
    - What was given is counted in `issued`, by grant; each is an event only where the policy says so.
    """

    def __init__(
        self,
        *,
        authenticate_client: AuthenticateClient,
        grants: Grants,
        targets: TargetPolicy,
        rotate: RotateRefreshToken,
        changes: TokenChanges,
        mint_id_token: MintIdToken,
        begin: Begin,
        making: Making,
        policy: TokenPolicy,
    ) -> None:
        self._authenticate_client = authenticate_client
        self._grants = grants
        self._targets = targets
        self._rotate = rotate
        self._changes = changes
        self._mint_id_token = mint_id_token
        self._begin = begin
        self._making = making
        self._policy = policy
        self.issued: dict[str, int] = {}

    async def __call__(self, request: TokenRequest) -> TokenResponse:
        """Raises an OAuthError, or StorageUnavailable."""
        client = await self._authenticate_client(request.presented, address=request.address)
        grant = self._grants.choose(request.form.require("grant_type"), client)
        call = TokenCall(client=client, form=request.form, address=request.address)
        authorization = await grant.authorize(call)
        target = await self._targets(call.form.all("resource"), allowed=authorization.audience)
        scope = _scope(call, authorization, target)
        claims = self._claims(client, authorization, target, scope)
        alg = client.access_token_signed_response_alg or self._policy.signing_alg
        token = self._making.sign.sign(to_claims(claims), typ=TYP, alg=alg)
        id_token = await self._mint_id_token(client, authorization, claims, token)
        refresh_token = await self._continue(call, grant.name, authorization, claims)
        self.issued[grant.name] = self.issued.get(grant.name, 0) + 1
        return TokenResponse(
            access_token=token,
            expires_in=claims.exp - claims.iat,
            scope=scope,
            refresh_token=refresh_token,
            id_token=id_token,
        )

    async def _continue(
        self, call: TokenCall, grant_type: str, authorization: Authorization, claims: AccessClaims
    ) -> Secret | None:
        """What has to be on record before the answer leaves; answers the refresh token that goes with it."""
        match authorization.lineage:
            case Rotation() as rotation:
                return await self._rotate(rotation, client=call.client)
            case NewFamily() as new if claims.fid is not None:
                return await self._start_family(call, grant_type, claims, authorization, new)
        if self._policy.record_every_token:
            async with self._begin() as uow:
                uow.events.add(
                    AccessTokenIssued(
                        by=call.client.client_id, jti=claims.jti, client_id=call.client.client_id
                    )
                )
                await uow.commit()
        return None

    async def _start_family(
        self,
        call: TokenCall,
        grant_type: str,
        claims: AccessClaims,
        authorization: Authorization,
        new: NewFamily,
    ) -> Secret | None:
        subject = authorization.subject
        if subject is None or claims.fid is None:
            raise RuntimeError("a family needs a person")
        refresh_token = opaque_token(OpaqueKind.REFRESH_TOKEN, self._making.random(32))
        family = Family(
            id=claims.fid,
            client_id=call.client.client_id,
            user_id=subject.user_id,
            scope=claims.scope,
            audience=claims.aud,
            epochs=claims.epochs,
            auth_time=datetime.fromtimestamp(subject.auth_time, UTC),
            amr=subject.amr,
            lifetime_seconds=call.client.refresh_token_ttl or self._policy.refresh_token_ttl,
            acr=subject.acr,
            session_id=subject.session_id,
            userinfo_claims=new.userinfo_claims,
        )
        started = FamilyStarted(
            by=call.client.client_id,
            family_id=family.id,
            client_id=family.client_id,
            user_id=family.user_id,
            grant_type=grant_type,
            address=call.address,
        )
        if not await self._changes.start(family, digest(refresh_token.reveal()), event=started):
            raise InvalidGrant(detail="user, client or server changed while signing in")
        return refresh_token if "refresh_token" in call.client.grant_types else None

    def _claims(
        self, client: Client, authorization: Authorization, target: Target, scope: Scope
    ) -> AccessClaims:
        now = int(self._making.clock())
        subject = authorization.subject
        return AccessClaims(
            iss=self._policy.issuer,
            sub=client.client_id if subject is None else subject.user_id,
            aud=target.audience,
            exp=now + (client.access_token_ttl or self._policy.access_token_ttl),
            iat=now,
            jti=self._making.new_id(),
            client_id=client.client_id,
            scope=scope,
            epochs=Epochs(client.server_epoch, 0, client.epoch) if subject is None else subject.epochs,
            user_id=None if subject is None else subject.user_id,
            fid=self._family_id(authorization),
            auth_time=None if subject is None else subject.auth_time,
            amr=() if subject is None else subject.amr,
            acr=None if subject is None else subject.acr,
            sid=None if subject is None else subject.session_id,
        )

    def _family_id(self, authorization: Authorization) -> FamilyId | None:
        match authorization.lineage:
            case Rotation(token=token):
                return token.state.family.id
            case NewFamily(id=fixed):
                return fixed or FamilyId(self._making.new_id())
        return None


def _scope(call: TokenCall, authorization: Authorization, target: Target) -> Scope:
    subject = authorization.subject
    asked = call.form.get("scope")
    return narrow(
        None if asked is None else Scope.parse(asked),
        ceiling=authorization.ceiling,
        client=call.client.scope,
        audience=target.scope,
        may_hold_reserved=may_hold_reserved(
            acts_for_itself=subject is None, user_is_administrator=subject is not None and subject.admin
        ),
        default=authorization.default,
    )

"""Who may have a token, and what has to be on record before it leaves. `minting.py` makes it."""

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

from identity_service.application.authentication.client import AuthenticateClient
from identity_service.application.grants.base import (
    Authorization,
    Grant,
    NewFamily,
    Rotated,
    Rotation,
    TokenCall,
)
from identity_service.application.grants.refresh_token import RefreshToken
from identity_service.application.grants.registry import Grants
from identity_service.application.liveness.known_callers import KnownCallers
from identity_service.application.use_cases.oauth2.id_tokens import MintIdToken
from identity_service.application.use_cases.oauth2.minting import Mint, Plan, TokenPolicy, TokenResponse
from identity_service.application.use_cases.oauth2.rotate_refresh_token import RotateRefreshToken
from identity_service.application.use_cases.oauth2.target import Target, TargetPolicy
from identity_service.domain.entities.client import Client
from identity_service.domain.entities.token import Family
from identity_service.domain.entities.token_event import AccessTokenIssued, FamilyStarted
from identity_service.domain.oauth.client_auth import OF_A_CLIENT, parse_client_credentials
from identity_service.domain.oauth.errors import InvalidGrant
from identity_service.domain.oauth.parameters import Parameters
from identity_service.domain.oauth.scope_policy import may_hold_reserved, narrow
from identity_service.domain.value_objects.scope import Scope
from identity_service.domain.value_objects.secret import OpaqueKind, Secret, digest, opaque_token
from identity_service.ports.token_changes import TokenChanges
from identity_service.ports.unit_of_work import Begin


async def uncounted(_: Client) -> None:
    """Where nobody counts requests."""


@dataclass(frozen=True, slots=True, kw_only=True)
class TokenRequest:
    """A request to the token endpoint; `address` is where it came from, `authorizations` are the values of its
    Authorization headers, `user_agent` is the one that says what program it is. `count` is told who the client proved
    to be, and may refuse it as too many.
    """

    form: Parameters
    address: str | None
    authorizations: Sequence[bytes] = ()
    user_agent: str | None = None
    count: Callable[[Client], Awaitable[None]] = uncounted


class IssueToken:
    """Gives a client the tokens that its grant allows.

    - The client is authenticated first, and counted, then the grant judged; each refusal is one of RFC 6749 §5.2.
    - The scope is what was asked for, within what the grant, the client, the audience and the person allow.
    - A token that is narrowed to one of several resources, or to less scope, leaves its family as wide as it was
      agreed to (RFC 8707 §2.2).
    - A family begins only under the epochs that the sign-in saw: whoever was deactivated meanwhile gets nothing.
    - A refresh token is spent after everything else was judged or where nothing else can be refused, and before
      anything leaves.
    - A client that proved itself lately is known from memory where its grant can do with that (`Grants.remembering`).
    - What was given is counted in `issued`, by grant; each is an event only where the policy says so.
    """

    def __init__(
        self,
        *,
        authenticate_client: AuthenticateClient,
        known_callers: KnownCallers,
        grants: Grants,
        targets: TargetPolicy,
        rotate: RotateRefreshToken,
        changes: TokenChanges,
        begin: Begin,
        mint: Mint,
        mint_id_token: MintIdToken,
        random: Callable[[int], bytes],
        policy: TokenPolicy,
    ) -> None:
        self._authenticate_client = authenticate_client
        self._known_callers = known_callers
        self._grants = grants
        self._targets = targets
        self._rotate = rotate
        self._changes = changes
        self._begin = begin
        self._mint = mint
        self._mint_id_token = mint_id_token
        self._random = random
        self._policy = policy
        self.issued: dict[str, int] = {}

    async def __call__(self, request: TokenRequest) -> TokenResponse:
        """Raises an OAuthError, StorageUnavailable, or KeysUnavailable."""
        client = await self._client(request)
        await request.count(client)
        grant = self._grants.choose(request.form.require("grant_type"), client)
        call = TokenCall(
            client=client, form=request.form, address=request.address, user_agent=request.user_agent
        )
        authorization = await self._authorize(grant, call)
        target = await self._targets(call.form.all("resource"), allowed=authorization.audience)
        plan = self._plan(call, grant.name, authorization, target)
        jti = self._mint.new_jti()
        token = self._mint.make(plan, jti)
        id_token = await self._mint_id_token(client, authorization, plan, token)
        refresh_token = await self._continue(call, authorization, plan, jti)
        return self._given(plan, token, refresh_token, id_token)

    def plan_unasked(self, client: Client, form: Parameters) -> Plan | None:
        """What a client that is known gets for this form, where nobody has to be asked and nothing written; else None.

        Raises an OAuthError.
        """
        if self._policy.record_every_token:
            return None
        grant = self._grants.deciding_unasked(form.get("grant_type"), client)
        if grant is None:
            return None
        call = TokenCall(client=client, form=form, address=None)
        authorization = grant.decide(call)
        target = self._targets.unasked(form.all("resource"), allowed=authorization.audience)
        return None if target is None else self._plan(call, grant.name, authorization, target)

    def carry_out(self, plan: Plan) -> TokenResponse:
        """The token of a plan that was made unasked. Raises KeysUnavailable."""
        return self._given(plan, self._mint.make(plan, self._mint.new_jti()), None, None)

    async def _client(self, request: TokenRequest) -> Client:
        """Credentials that were proved lately, to the byte and by themselves, need not be read again."""
        remembering = self._grants.remembering(request.form.get("grant_type"))
        given = request.authorizations[0] if len(request.authorizations) == 1 else None
        if remembering and given is not None and OF_A_CLIENT.isdisjoint(request.form.names):
            known = self._known_callers.known(given)
            if known is not None:
                return known.client
        presented = parse_client_credentials(request.authorizations, request.form)
        if not remembering:
            return await self._authenticate_client(presented, address=request.address)
        proved = await self._known_callers(presented, address=request.address, authorization=given)
        return proved.client

    async def _authorize(self, grant: Grant, call: TokenCall) -> Authorization:
        """A refresh token is spent where it is found if nothing but the token itself can still be refused."""
        spent = None
        if isinstance(grant, RefreshToken) and self._can_make_for(call.client):
            spent = await self._rotate.unseen(call, audience=self._targets.own)
        return spent or await grant.authorize(call)

    def _can_make_for(self, client: Client) -> bool:
        return self._mint.can_make_for(client) and self._mint_id_token.can_make_for(client)

    def _plan(self, call: TokenCall, grant_type: str, authorization: Authorization, target: Target) -> Plan:
        return self._mint.plan(
            call.client, grant_type, authorization, target, _scope(call, authorization, target)
        )

    def _given(
        self, plan: Plan, token: str, refresh_token: Secret | None, id_token: str | None
    ) -> TokenResponse:
        self.issued[plan.grant_type] = self.issued.get(plan.grant_type, 0) + 1
        return TokenResponse(
            access_token=token,
            expires_in=plan.lifetime,
            scope=plan.scope,
            refresh_token=refresh_token,
            id_token=id_token,
        )

    async def _continue(
        self, call: TokenCall, authorization: Authorization, plan: Plan, jti: str
    ) -> Secret | None:
        """What has to be on record before the answer leaves; answers the refresh token that goes with it."""
        match authorization.lineage:
            case Rotated(successor=successor):
                return successor
            case Rotation() as rotation:
                return await self._rotate(rotation, call=call)
            case NewFamily() as new:
                return await self._start_family(call, plan, authorization, new)
        if self._policy.record_every_token:
            async with self._begin() as uow:
                uow.events.add(
                    AccessTokenIssued(by=call.client.client_id, jti=jti, client_id=call.client.client_id)
                )
                await uow.commit()
        return None

    async def _start_family(
        self, call: TokenCall, plan: Plan, authorization: Authorization, new: NewFamily
    ) -> Secret | None:
        subject = authorization.subject
        if subject is None or plan.family is None:
            raise RuntimeError("a family needs a person")
        refresh_token = opaque_token(OpaqueKind.REFRESH_TOKEN, self._random(32))
        family = Family(
            id=plan.family,
            client_id=call.client.client_id,
            user_id=subject.user_id,
            scope=plan.scope if authorization.default is None else authorization.default,
            audience=authorization.audience or plan.audience,
            epochs=plan.epochs,
            auth_time=datetime.fromtimestamp(subject.auth_time, UTC),
            amr=subject.amr,
            lifetime_seconds=call.client.refresh_token_ttl or self._policy.refresh_token_ttl,
            subject=subject.sub if subject.sub != subject.user_id else None,
            acr=subject.acr,
            session_id=subject.session_id,
            userinfo_claims=new.userinfo_claims,
            origin=call.origin,
        )
        started = FamilyStarted(
            by=call.client.client_id,
            family_id=family.id,
            client_id=family.client_id,
            user_id=family.user_id,
            grant_type=plan.grant_type,
            address=call.address,
        )
        if not await self._changes.start(family, digest(refresh_token.reveal()), event=started):
            raise InvalidGrant(detail="user, client or server changed while signing in")
        return refresh_token if "refresh_token" in call.client.grant_types else None


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

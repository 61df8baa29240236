"""A code, brought back by the client that its person was sent here by (RFC 6749 §4.1.3, RFC 7636 §4.5)."""

from identity_service.application.grants.base import (
    Authorization,
    GrantParameter,
    NewFamily,
    Subject,
    TokenCall,
)
from identity_service.domain.entities.authorization_code import AuthorizationCode
from identity_service.domain.entities.token_event import FamilyEnded
from identity_service.domain.oauth.errors import InvalidGrant
from identity_service.domain.oauth.pkce import verify
from identity_service.domain.value_objects.ids import ClientId
from identity_service.domain.value_objects.secret import OpaqueKind, digest, is_opaque_token
from identity_service.ports.token_changes import TokenChanges
from identity_service.ports.unit_of_work import Begin

REPLAY = "code replayed"


class AuthorizationCodeGrant:
    """Spends the code before anything of it is judged.

    - A wrong redirect_uri or verifier from the code's own client leaves it burnt; another client changes nothing.
    - Whoever shows a spent code again ends the tokens that it gave, even those that are still being made: the client
      and a thief cannot be told apart (RFC 6749 §4.1.2).
    """

    name = "authorization_code"
    parameters = (
        GrantParameter(
            name="code",
            description="The code that the authorization endpoint answered with. It lives for a minute.",
            example="idc_2f0cB1cQ3rQ8Qm7mZr1n8m2rYbq0o5bq3Jr8s0v9w1x2zzAAAA",
            secret=True,
        ),
        GrantParameter(
            name="redirect_uri",
            description="The redirect_uri of the authorization request, if that had one.",
            example="https://app.example/callback",
            required=False,
        ),
        GrantParameter(
            name="code_verifier",
            description="What the code_challenge was made from (RFC 7636); needed if there was one.",
            example="dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk",
            required=False,
        ),
    )

    def __init__(self, *, changes: TokenChanges, begin: Begin) -> None:
        self._changes = changes
        self._begin = begin

    async def authorize(self, call: TokenCall) -> Authorization:
        """What the person agreed to is ceiling and default; no scope is asked for here (RFC 6749 §4.1.3)."""
        presented = call.form.require("code")
        if not is_opaque_token(OpaqueKind.AUTHORIZATION_CODE, presented):
            raise InvalidGrant(detail="not a code of this server")
        code = await self._spend(digest(presented), call.client.client_id)
        if call.form.get("redirect_uri") != code.redirect_uri:
            raise InvalidGrant("redirect_uri is not that of the authorization request")
        verify(code.code_challenge, call.form.get("code_verifier"))
        return Authorization(
            subject=Subject(
                user_id=code.user_id,
                sub=code.subject,
                admin=bool(code.scope.reserved()),
                epochs=code.epochs,
                auth_time=int(code.auth_time.timestamp()),
                amr=code.amr,
                acr=code.acr,
                session_id=code.session_id,
            ),
            ceiling=code.scope,
            default=code.scope,
            audience=code.audience or None,
            lineage=NewFamily(id=code.family_id, userinfo_claims=code.userinfo_claims),
            nonce=code.nonce,
            id_token_claims=code.id_token_claims,
        )

    async def _spend(self, presented: bytes, client_id: ClientId) -> AuthorizationCode:
        code = await self._changes.spend_code(presented, client_id=client_id)
        if code is not None:
            return code
        async with self._begin() as uow:
            replayed = await uow.codes.spent(presented, client_id=client_id)
            if replayed is None:
                raise InvalidGrant(detail="the code is unknown, expired, or another client's")
            ended = FamilyEnded(
                by=client_id,
                family_id=replayed.family_id,
                client_id=client_id,
                user_id=replayed.user_id,
                reason=REPLAY,
            )
            new = await uow.families.forbid(replayed.family(), reason=REPLAY)
            uow.events.add(ended, new=new)
            await uow.commit()
        raise InvalidGrant(detail="the code was spent before: what it gave is ended")

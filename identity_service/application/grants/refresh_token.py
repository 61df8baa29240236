"""A refresh token for its successor (RFC 6749 §6, RFC 9700 §4.14.2)."""

from identity_service.application.grants.base import (
    Authorization,
    GrantParameter,
    Rotated,
    Rotation,
    Subject,
    TokenCall,
)
from identity_service.domain.entities.token import Family
from identity_service.domain.oauth.errors import InvalidGrant
from identity_service.domain.value_objects.secret import OpaqueKind, digest, is_opaque_token
from identity_service.ports.unit_of_work import Read


class RefreshToken:
    """Finds the token and whose it is. Spending it is left to the one place that mints, so that a refusal for another
    reason (a scope too wide, say) costs the client nothing."""

    name = "refresh_token"
    parameters = (
        GrantParameter(
            name="refresh_token",
            description="The newest refresh token; it is spent by this, and the answer holds its successor.",
            example="idr_2f0cB1cQ3rQ8Qm7mZr1n8m2rYbq0o5bq3Jr8s0v9w1x2zzAAAA",
            secret=True,
        ),
    )

    def __init__(self, read: Read) -> None:
        self._read = read

    async def authorize(self, call: TokenCall) -> Authorization:
        """The family's scope is ceiling and default. Another client's token is an unknown one."""
        presented = call.form.require("refresh_token")
        if not is_opaque_token(OpaqueKind.REFRESH_TOKEN, presented):
            raise InvalidGrant(detail="not a refresh token of this server")
        async with self._read() as uow:
            token = await uow.refresh_tokens.get(digest(presented))
        if token is None or token.state.family.client_id != call.client.client_id:
            raise InvalidGrant(detail="unknown refresh token, or another client's")
        return authorization_of(
            token.state.family,
            user_is_admin=token.state.user_is_admin,
            lineage=Rotation(presented=presented, token=token),
        )


def authorization_of(family: Family, *, user_is_admin: bool, lineage: Rotation | Rotated) -> Authorization:
    """What a token of this family stands for."""
    return Authorization(
        subject=Subject(
            user_id=family.user_id,
            sub=family.subject or family.user_id,
            admin=user_is_admin,
            epochs=family.epochs,
            auth_time=int(family.auth_time.timestamp()),
            amr=family.amr,
            acr=family.acr,
            session_id=family.session_id,
        ),
        ceiling=family.scope,
        default=family.scope,
        audience=family.audience,
        lineage=lineage,
    )

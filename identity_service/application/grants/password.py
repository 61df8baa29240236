"""A person's password, handed over by the client (RFC 6749 §4.3).

Opt-in per client: RFC 9700 §2.4 advises against it.
"""

from identity_service.application.authentication.doors import Door
from identity_service.application.authentication.subjects import Subjects
from identity_service.application.authentication.user import AuthenticateUser, Typed
from identity_service.application.grants.base import (
    Authorization,
    GrantParameter,
    NewFamily,
    Subject,
    TokenCall,
)
from identity_service.domain.entities.token import Epochs
from identity_service.domain.oauth.scope_policy import LEFT_OUT_QUIETLY


class Password:
    """Signs the person in. What was wrong with the pair is never told, not even by time."""

    name = "password"
    parameters = (
        GrantParameter(
            name="username",
            description="The username, or a verified e-mail address of the person.",
            example="alice",
        ),
        GrantParameter(
            name="password",
            description="The password of the person.",
            example="correct horse battery staple",
            secret=True,
        ),
    )

    def __init__(self, authenticate: AuthenticateUser, *, subjects: Subjects) -> None:
        self._authenticate = authenticate
        self._subjects = subjects

    async def authorize(self, call: TokenCall) -> Authorization:
        """The client's scope is the ceiling; which reserved scopes a person may hold is decided when narrowing."""
        signed_in = await self._authenticate(
            Typed(
                username=call.form.require("username"),
                password=call.form.require("password"),
                door=Door.PASSWORD_GRANT,
                client_id=call.client.client_id,
                address=call.address,
            )
        )
        user = signed_in.user
        return Authorization(
            subject=Subject(
                user_id=user.id,
                sub=await self._subjects(call.client, user.id),
                admin=user.admin,
                epochs=Epochs(call.client.server_epoch, user.epoch, call.client.epoch),
                auth_time=signed_in.auth_time,
                amr=("pwd",),
            ),
            ceiling=call.client.scope - LEFT_OUT_QUIETLY,
            lineage=NewFamily(),
        )

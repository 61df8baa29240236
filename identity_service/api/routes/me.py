"""/users/me: one's own account."""

from typing import Annotated, Any

from fastapi import APIRouter
from pydantic import SecretStr
from starlette.requests import Request
from starlette.responses import Response

from identity_service.api.access import own_account, person
from identity_service.api.json_body import MERGE_PATCH, members, read_patch
from identity_service.api.openapi_accounts import UNLESS_KNOWN, answers, body
from identity_service.api.preconditions import seen_versions, versioned, versioned_unless_known
from identity_service.api.routes.user_bodies import OwnProfilePatch
from identity_service.application.authentication.bearer import Bearer
from identity_service.application.dto.user_view import UserView
from identity_service.application.use_cases.users.update_own_profile import ProfileUpdate
from identity_service.domain.value_objects.secret import Secret
from identity_service.http.caller import client_address
from identity_service.http.services import users

routes = APIRouter(tags=["Users"])
Person = Annotated[Bearer, own_account()]


@routes.get(
    "/users/me",
    operation_id="get_me",
    responses=answers(200, UserView, "The account.", known=True),
    openapi_extra=UNLESS_KNOWN,
)
async def get_me(request: Request, caller: Person) -> Response:
    """Shows the account of the person the token stands for."""
    return versioned_unless_known(request, await users(request).get_user(person(caller)))


@routes.patch(
    "/users/me",
    operation_id="update_me",
    responses=answers(
        200, UserView, "The account as it is now.", conflict=True, lost=True, reads_body=True, throttled=True
    ),
    openapi_extra=body(OwnProfilePatch, MERGE_PATCH, conditional=True),
)
async def update_me(request: Request, caller: Person) -> Response:
    """Changes one's own account.

    Another username, e-mail address or password needs the current password; a new password ends every token, this
    one too.
    """
    user_id = person(caller)
    sent = members(await read_patch(request, OwnProfilePatch))
    user = await users(request).update_own_profile(
        ProfileUpdate(
            user_id=user_id,
            password=_secret(sent.pop("password", None)),
            current_password=_secret(sent.pop("current_password", None)),
            members=sent,
            versions=seen_versions(request),
            address=client_address(request),
        )
    )
    return versioned(user)


def _secret(given: Any) -> Secret | None:
    return Secret(given.get_secret_value()) if isinstance(given, SecretStr) else None

"""/users: people's accounts, for those who administer them."""

from typing import Annotated

from fastapi import APIRouter, Query
from starlette.requests import Request
from starlette.responses import Response

from identity_service.api.access import OR_ADMIN, administering
from identity_service.api.answers import NO_STORE
from identity_service.api.json_body import (
    MERGE_PATCH,
    NoMembers,
    members,
    read_json,
    read_optional_json,
    read_patch,
)
from identity_service.api.listing import Listing, WellFormed, page_answer
from identity_service.api.openapi_accounts import UNLESS_KNOWN, answers, body, deleted
from identity_service.api.preconditions import seen_versions, versioned, versioned_unless_known
from identity_service.api.routes.user_bodies import NewUserBody, PasswordBody, UserPatch, UserQuery
from identity_service.application.authentication.bearer import Bearer
from identity_service.application.dto.user_view import UserView
from identity_service.application.use_cases.users.create_user import NewUser
from identity_service.application.use_cases.users.list_users import UserListing
from identity_service.application.use_cases.users.set_password import NewPassword
from identity_service.application.use_cases.users.update_user import UserUpdate
from identity_service.domain.value_objects.profile import PROFILE_MEMBERS
from identity_service.domain.value_objects.secret import Secret
from identity_service.http.caller import client_address
from identity_service.http.services import users
from identity_service.http.site import site

routes = APIRouter(tags=["Users"])
Reader = Annotated[Bearer, administering("users:read")]
Writer = Annotated[Bearer, administering("users:write")]


@routes.get(
    "/users",
    operation_id="list_users",
    dependencies=WellFormed,
    responses=answers(200, Listing[UserView], "A page of users.", link=True),
    openapi_extra=OR_ADMIN,
)
async def list_users(request: Request, caller: Reader, query: Annotated[UserQuery, Query()]) -> Response:
    """Lists users, page by page."""
    page = await users(request).list_users(UserListing(**query.model_dump()))
    return page_answer(request, page)


@routes.post(
    "/users",
    operation_id="create_user",
    status_code=201,
    responses=answers(201, UserView, "The new user.", conflict=True, location=True, reads_body=True),
    openapi_extra=OR_ADMIN | body(NewUserBody),
)
async def create_user(request: Request, caller: Writer) -> Response:
    """Makes an account."""
    wanted = await read_json(request, NewUserBody)
    password = wanted.password
    user = await users(request).create_user(
        NewUser(
            by=caller.actor,
            **wanted.model_dump(exclude={"password", *PROFILE_MEMBERS}),
            profile=wanted.model_dump(include=set(PROFILE_MEMBERS), exclude_unset=True),
            password=None if password is None else Secret(password.get_secret_value()),
            address=client_address(request),
        )
    )
    return versioned(user, status=201, location=f"{site(request).issuer}/users/{user.id}")


@routes.get(
    "/users/{user_id}",
    operation_id="get_user",
    responses=answers(200, UserView, "The user.", missing=True, known=True),
    openapi_extra=OR_ADMIN | UNLESS_KNOWN,
)
async def get_user(request: Request, caller: Reader, user_id: str) -> Response:
    """Shows one user."""
    return versioned_unless_known(request, await users(request).get_user(user_id))


@routes.patch(
    "/users/{user_id}",
    operation_id="update_user",
    responses=answers(
        200, UserView, "The user as it is now.", missing=True, conflict=True, lost=True, reads_body=True
    ),
    openapi_extra=OR_ADMIN | body(UserPatch, MERGE_PATCH, conditional=True),
)
async def update_user(request: Request, caller: Writer, user_id: str) -> Response:
    """Changes the members that are sent."""
    patch = await read_patch(request, UserPatch)
    user = await users(request).update_user(
        UserUpdate(by=caller.actor, user_id=user_id, members=members(patch), versions=seen_versions(request))
    )
    return versioned(user)


@routes.delete(
    "/users/{user_id}",
    operation_id="delete_user",
    status_code=204,
    responses=deleted("The account is gone, and everything it gave out has ended."),
    openapi_extra=OR_ADMIN | body(conditional=True),
)
async def delete_user(request: Request, caller: Writer, user_id: str) -> Response:
    """Ends everything of the account and gives it up; its username stays taken until the purge."""
    await users(request).delete_user(user_id, by=caller.actor, versions=seen_versions(request))
    return Response(status_code=204, headers=NO_STORE)


@routes.post(
    "/users/{user_id}/deactivate",
    operation_id="deactivate_user",
    responses=answers(200, UserView, "The user, inactive.", missing=True, lost=True, reads_body=True),
    openapi_extra=OR_ADMIN | body(NoMembers, conditional=True, optional=True),
)
async def deactivate_user(request: Request, caller: Writer, user_id: str) -> Response:
    """Ends everything the account gave out, for ever, and refuses to sign it in."""
    await read_optional_json(request, NoMembers)
    user = await users(request).deactivate_user(user_id, by=caller.actor, versions=seen_versions(request))
    return versioned(user)


@routes.post(
    "/users/{user_id}/activate",
    operation_id="activate_user",
    responses=answers(200, UserView, "The user, active.", missing=True, lost=True, reads_body=True),
    openapi_extra=OR_ADMIN | body(NoMembers, conditional=True, optional=True),
)
async def activate_user(request: Request, caller: Writer, user_id: str) -> Response:
    """Lets the person sign in again."""
    await read_optional_json(request, NoMembers)
    user = await users(request).activate_user(user_id, by=caller.actor, versions=seen_versions(request))
    return versioned(user)


@routes.post(
    "/users/{user_id}/set-password",
    operation_id="set_password",
    responses=answers(
        200, UserView, "The user; only the version is new.", missing=True, lost=True, reads_body=True
    ),
    openapi_extra=OR_ADMIN | body(PasswordBody, conditional=True),
)
async def set_password(request: Request, caller: Writer, user_id: str) -> Response:
    """Sets a password and ends everything the account gave out before."""
    wanted = await read_json(request, PasswordBody)
    user = await users(request).set_password(
        NewPassword(
            by=caller.actor,
            user_id=user_id,
            password=Secret(wanted.password.get_secret_value()),
            address=client_address(request),
            versions=seen_versions(request),
        )
    )
    return versioned(user)

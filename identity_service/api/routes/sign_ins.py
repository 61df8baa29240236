"""Below /users/{user_id} and /users/me: the sessions in which people are signed in, and what they agreed to."""

from collections.abc import Sequence
from typing import Annotated, Any, Generic, TypeVar

from fastapi import APIRouter
from pydantic import BaseModel
from starlette.requests import Request
from starlette.responses import Response

from identity_service.api.access import OR_ADMIN, administering, own_account, person
from identity_service.api.answers import NO_STORE, private_answer
from identity_service.api.openapi_accounts import deleted, listed
from identity_service.application.authentication.bearer import Bearer
from identity_service.application.dto.consent_view import ConsentView
from identity_service.application.dto.session_view import SessionView
from identity_service.application.use_cases.consents.revoke_consent import ConsentRevocation
from identity_service.application.use_cases.sessions.revoke_session import SessionRevocation
from identity_service.http.services import consents, sessions

routes = APIRouter(tags=["Users"])
Reader = Annotated[Bearer, administering("users:read")]
Writer = Annotated[Bearer, administering("users:write")]
Person = Annotated[Bearer, own_account()]
View = TypeVar("View", bound=BaseModel)
SESSION_GONE = "The session and the tokens that it gave have ended, but for those with `offline_access`."
EVERYWHERE = (
    "Every session and whatever else the account gave out has ended, those with `offline_access` included."
)
CONSENT_GONE = "The consent is forgotten, and everything that the client got from the person has ended."


class All(BaseModel, Generic[View]):
    """All there are, the newest first."""

    items: list[View]


@routes.get(
    "/users/me/sessions",
    operation_id="list_my_sessions",
    responses=listed(All[SessionView], "One's own sessions."),
)
async def list_my_sessions(request: Request, caller: Person) -> Response:
    """Shows in which browsers one is signed in."""
    return _all(await sessions(request).list_sessions(person(caller), current=caller.session_id))


@routes.delete(
    "/users/me/sessions/{session_id}",
    operation_id="revoke_my_session",
    status_code=204,
    responses=deleted(SESSION_GONE, conditional=False),
)
async def revoke_my_session(request: Request, caller: Person, session_id: str) -> Response:
    """Signs one out in a browser."""
    return await _end_session(request, caller, person(caller), session_id)


@routes.delete(
    "/users/me/sessions",
    operation_id="sign_me_out_everywhere",
    status_code=204,
    responses=deleted(EVERYWHERE, conditional=False),
)
async def sign_me_out_everywhere(request: Request, caller: Person) -> Response:
    """Signs one out everywhere; the token that was used here ends, too."""
    return await _end_all_sessions(request, caller, person(caller))


@routes.get(
    "/users/me/consents",
    operation_id="list_my_consents",
    responses=listed(All[ConsentView], "What one has agreed to."),
)
async def list_my_consents(request: Request, caller: Person) -> Response:
    """Shows what each client may have of one."""
    return _all(await consents(request).list_consents(person(caller)))


@routes.delete(
    "/users/me/consents/{client_id}",
    operation_id="revoke_my_consent",
    status_code=204,
    responses=deleted(CONSENT_GONE, conditional=False),
)
async def revoke_my_consent(request: Request, caller: Person, client_id: str) -> Response:
    """Takes back what one agreed to; the client has to ask again."""
    return await _take_back(request, caller, person(caller), client_id)


@routes.get(
    "/users/{user_id}/sessions",
    operation_id="list_sessions",
    responses=listed(All[SessionView], "The person's sessions.", missing=True),
    openapi_extra=OR_ADMIN,
)
async def list_sessions(request: Request, caller: Reader, user_id: str) -> Response:
    """Shows in which browsers a person is signed in."""
    return _all(await sessions(request).list_sessions(user_id, current=caller.session_id))


@routes.delete(
    "/users/{user_id}/sessions/{session_id}",
    operation_id="revoke_session",
    status_code=204,
    responses=deleted(SESSION_GONE, conditional=False),
    openapi_extra=OR_ADMIN,
)
async def revoke_session(request: Request, caller: Writer, user_id: str, session_id: str) -> Response:
    """Signs a person out in a browser."""
    return await _end_session(request, caller, user_id, session_id)


@routes.delete(
    "/users/{user_id}/sessions",
    operation_id="sign_out_everywhere",
    status_code=204,
    responses=deleted(EVERYWHERE, conditional=False),
    openapi_extra=OR_ADMIN,
)
async def sign_out_everywhere(request: Request, caller: Writer, user_id: str) -> Response:
    """Signs a person out everywhere."""
    return await _end_all_sessions(request, caller, user_id)


@routes.get(
    "/users/{user_id}/consents",
    operation_id="list_consents",
    responses=listed(All[ConsentView], "What the person has agreed to.", missing=True),
    openapi_extra=OR_ADMIN,
)
async def list_consents(request: Request, caller: Reader, user_id: str) -> Response:
    """Shows what each client may have of a person."""
    return _all(await consents(request).list_consents(user_id))


@routes.delete(
    "/users/{user_id}/consents/{client_id}",
    operation_id="revoke_consent",
    status_code=204,
    responses=deleted(CONSENT_GONE, conditional=False),
    openapi_extra=OR_ADMIN,
)
async def revoke_consent(request: Request, caller: Writer, user_id: str, client_id: str) -> Response:
    """Takes back what a person agreed to; the client has to ask again."""
    return await _take_back(request, caller, user_id, client_id)


async def _end_session(request: Request, caller: Bearer, user_id: str, session_id: str) -> Response:
    order = SessionRevocation(by=caller.actor, user_id=user_id, session_id=session_id)
    await sessions(request).revoke_session(order)
    return Response(status_code=204, headers=NO_STORE)


async def _end_all_sessions(request: Request, caller: Bearer, user_id: str) -> Response:
    await sessions(request).sign_out_everywhere(user_id, by=caller.actor)
    return Response(status_code=204, headers=NO_STORE)


async def _take_back(request: Request, caller: Bearer, user_id: str, client_id: str) -> Response:
    order = ConsentRevocation(by=caller.actor, user_id=user_id, client_id=client_id)
    await consents(request).revoke_consent(order)
    return Response(status_code=204, headers=NO_STORE)


def _all(views: Sequence[BaseModel]) -> Response:
    items: list[dict[str, Any]] = [view.model_dump(mode="json") for view in views]
    return private_answer({"items": items})

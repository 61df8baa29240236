"""POST /global-token-revocation (draft-parecki-oauth-global-token-revocation): all of a person's tokens end."""

from typing import Annotated, Literal

from fastapi import APIRouter
from fastapi.exceptions import RequestValidationError
from pydantic import ConfigDict, Field
from starlette.requests import Request
from starlette.responses import Response

from identity_service.api.access import OR_ADMIN, administering
from identity_service.api.answers import NO_STORE
from identity_service.api.errors import Problem
from identity_service.api.json_body import Body, read_json
from identity_service.api.openapi_accounts import body, revoked
from identity_service.application.authentication.bearer import Bearer
from identity_service.application.use_cases.sessions.revoke_globally import GlobalRevocation
from identity_service.domain.oauth.metadata import GLOBAL_REVOCATION
from identity_service.http.services import sessions

routes = APIRouter(tags=["OAuth 2"])
Revoker = Annotated[Bearer, administering("users:revoke")]
UNKNOWN = "the body must be an object with sub_id alone: an identifier of format opaque, iss_sub or email (RFC 9493)"


class OpaqueSubject(Body):
    """RFC 9493 §3.2.4: the id of a user."""

    format: Literal["opaque"]
    id: str = Field(max_length=200)


class IssuerSubject(Body):
    """RFC 9493 §3.2.3: `iss` is this server, `sub` the id of a user."""

    format: Literal["iss_sub"]
    iss: str = Field(max_length=2048)
    sub: str = Field(max_length=200)


class EmailSubject(Body):
    """RFC 9493 §3.2.2: an address that its owner has proved."""

    format: Literal["email"]
    email: str = Field(max_length=1000)


class GlobalRevocationBody(Body):
    """Whose tokens end."""

    model_config = ConfigDict(
        json_schema_extra={"examples": [{"sub_id": {"format": "email", "email": "alice@example.org"}}]}
    )

    sub_id: OpaqueSubject | IssuerSubject | EmailSubject


@routes.post(
    GLOBAL_REVOCATION,
    operation_id="revoke_globally",
    status_code=204,
    responses=revoked("Every session, code and token of the person has ended."),
    openapi_extra=OR_ADMIN | body(GlobalRevocationBody),
)
async def revoke_globally(request: Request, caller: Revoker) -> Response:
    """Ends everything that a person's account gave out; they have to sign in anew."""
    try:
        wanted = (await read_json(request, GlobalRevocationBody)).sub_id
    except RequestValidationError:
        raise Problem(400, "subject-identifier", UNKNOWN) from None
    await sessions(request).revoke_globally(_order(wanted, caller))
    return Response(status_code=204, headers=NO_STORE)


def _order(wanted: OpaqueSubject | IssuerSubject | EmailSubject, caller: Bearer) -> GlobalRevocation:
    match wanted:
        case OpaqueSubject():
            return GlobalRevocation(by=caller.actor, format=wanted.format, value=wanted.id)
        case IssuerSubject():
            return GlobalRevocation(by=caller.actor, format=wanted.format, value=wanted.sub, iss=wanted.iss)
    return GlobalRevocation(by=caller.actor, format=wanted.format, value=wanted.email)

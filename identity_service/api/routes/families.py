"""/families and /users/me/families: what sign-ins gave out, for administrators and for those who signed in."""

from typing import Annotated

from fastapi import APIRouter, Query
from pydantic import BaseModel, ConfigDict, Field
from starlette.requests import Request
from starlette.responses import Response

from identity_service.api.access import OR_ADMIN, administering, own_account, person
from identity_service.api.answers import NO_STORE, private_answer
from identity_service.api.listing import Listing, WellFormed, page_answer
from identity_service.api.openapi_accounts import deleted, listed, paged
from identity_service.application.authentication.bearer import Bearer
from identity_service.application.cursors import MOST_PER_PAGE
from identity_service.application.dto.family_view import FamilyView
from identity_service.application.use_cases.families.end_families import FamiliesEnding, FamilyEnding
from identity_service.application.use_cases.families.list_families import FamilyListing
from identity_service.http.services import families

routes = APIRouter(tags=["Token families"])
own = APIRouter(tags=["Users"])
Reader = Annotated[Bearer, administering("users:read")]
Writer = Annotated[Bearer, administering("users:write")]
Person = Annotated[Bearer, own_account()]
GONE = "The family has ended, with every refresh and access token of it."
ALL_GONE = "What lived of whom the query names has ended."


class OwnFamilyQuery(BaseModel):
    """The query of one's own listing: parameters that are not named are refused."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    limit: int = Field(50, ge=1, le=MOST_PER_PAGE, description="Most items of one page.")
    cursor: str | None = Field(
        None, max_length=2048, description="`next_cursor` of the page before, with the same filters."
    )
    client_id: str | None = Field(None, max_length=2048, description="Only those of this client.")
    session_id: str | None = Field(None, max_length=200, description="Only those of this session.")
    alive: bool | None = Field(None, description="Only living, or only dead ones.")


class FamilyQuery(OwnFamilyQuery):
    """The query of the listing: parameters that are not named are refused."""

    user_id: str | None = Field(None, max_length=200, description="Only those of this person.")


class EndingQuery(BaseModel):
    """Whose families end: at least one is named, and what is named counts together."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    user_id: str | None = Field(None, max_length=200, description="Of this person.")
    client_id: str | None = Field(None, max_length=2048, description="Of this client.")
    session_id: str | None = Field(None, max_length=200, description="Of this session.")


@own.get(
    "/users/me/families",
    operation_id="list_my_families",
    dependencies=WellFormed,
    responses=paged(Listing[FamilyView], "A page of one's own token families, the newest first."),
)
async def list_my_families(
    request: Request, caller: Person, query: Annotated[OwnFamilyQuery, Query()]
) -> Response:
    """Shows what one's sign-ins gave out."""
    order = FamilyListing(user_id=person(caller), **query.model_dump())
    return page_answer(request, await families(request).list_families(order))


@own.delete(
    "/users/me/families/{family_id}",
    operation_id="end_my_family",
    status_code=204,
    responses=deleted(GONE, conditional=False),
)
async def end_my_family(request: Request, caller: Person, family_id: str) -> Response:
    """Ends one of one's own."""
    return await _end(request, FamilyEnding(by=caller.actor, family_id=family_id, user_id=person(caller)))


@routes.get(
    "/families",
    operation_id="list_families",
    dependencies=WellFormed,
    responses=paged(Listing[FamilyView], "A page of token families, the newest first."),
    openapi_extra=OR_ADMIN,
)
async def list_families(request: Request, caller: Reader, query: Annotated[FamilyQuery, Query()]) -> Response:
    """Lists what sign-ins gave out, page by page; dead families, too, until they are purged."""
    return page_answer(request, await families(request).list_families(FamilyListing(**query.model_dump())))


@routes.delete(
    "/families",
    operation_id="end_families",
    status_code=204,
    dependencies=WellFormed,
    responses=deleted(ALL_GONE, conditional=False),
    openapi_extra=OR_ADMIN,
)
async def end_families(request: Request, caller: Writer, query: Annotated[EndingQuery, Query()]) -> Response:
    """Ends all of a person, a client, a session, or of what they have in common."""
    await families(request).end_families(FamiliesEnding(by=caller.actor, **query.model_dump()))
    return Response(status_code=204, headers=NO_STORE)


@routes.get(
    "/families/{family_id}",
    operation_id="get_family",
    responses=listed(FamilyView, "The family.", missing=True),
    openapi_extra=OR_ADMIN,
)
async def get_family(request: Request, caller: Reader, family_id: str) -> Response:
    """Shows one family."""
    view = await families(request).get_family(family_id)
    return private_answer(view.model_dump(mode="json"))


@routes.delete(
    "/families/{family_id}",
    operation_id="end_family",
    status_code=204,
    responses=deleted(GONE, conditional=False),
    openapi_extra=OR_ADMIN,
)
async def end_family(request: Request, caller: Writer, family_id: str) -> Response:
    """Ends one family."""
    return await _end(request, FamilyEnding(by=caller.actor, family_id=family_id))


async def _end(request: Request, order: FamilyEnding) -> Response:
    await families(request).end_family(order)
    return Response(status_code=204, headers=NO_STORE)

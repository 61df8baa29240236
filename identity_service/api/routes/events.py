"""/events: the chained log, for administrators."""

import re
from typing import Annotated, Any, Literal

from fastapi import APIRouter, Query
from pydantic import AwareDatetime, BaseModel, BeforeValidator, ConfigDict, Field
from starlette.requests import Request
from starlette.responses import Response

from identity_service.api.access import administrator
from identity_service.api.listing import Listing, WellFormed, page_answer
from identity_service.api.openapi_accounts import paged
from identity_service.application.authentication.bearer import Bearer
from identity_service.application.cursors import MOST_PER_PAGE
from identity_service.application.dto.event_view import EventView
from identity_service.application.use_cases.audit.search_events import EventListing
from identity_service.http.services import audit

routes = APIRouter(tags=["Events"])
LONGEST = 2048
_DATE = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}[Tt ]")


def _written_out(value: Any) -> Any:
    """Seconds since 1970 are a number, not a moment (RFC 3339 §5.6)."""
    if isinstance(value, str) and _DATE.match(value) is None:
        raise ValueError("must be a moment of ISO 8601, with a zone")
    return value


Moment = Annotated[AwareDatetime, BeforeValidator(_written_out)]


class EventsQuery(BaseModel):
    """The query of the listing: parameters that are not named are refused."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    limit: int = Field(50, ge=1, le=MOST_PER_PAGE, description="Most items of one page.")
    cursor: str | None = Field(
        None,
        max_length=LONGEST,
        description="`next_cursor` of the page before, with the same order and filters.",
    )
    sort: Literal["position", "-position"] = Field(
        "-position", description="Along the chain, or against it: the newest first."
    )
    name: str | None = Field(None, max_length=200, description="Only those, such as `family.ended`.")
    actor: str | None = Field(None, max_length=LONGEST, description="Only what this client or user did.")
    subject: str | None = Field(None, max_length=LONGEST, description="Only what is about this user.")
    client_id: str | None = Field(
        None, max_length=LONGEST, description="Only what this client had a part in."
    )
    address: str | None = Field(
        None,
        max_length=200,
        description="Only what came from there. Addresses are sealed: pages hold what matches among `limit` events.",
    )
    request_id: str | None = Field(None, max_length=200, description="Only what this request did.")
    since: Moment | None = Field(None, description="Not before (ISO 8601, with a zone).")
    until: Moment | None = Field(None, description="Only before (ISO 8601, with a zone).")

    def listing(self) -> EventListing:
        """As the use case is asked."""
        chosen = self.model_dump(exclude={"sort", "name", "client_id"})
        names = () if self.name is None else (self.name,)
        newest_first = self.sort.startswith("-")
        return EventListing(**chosen, names=names, client=self.client_id, newest_first=newest_first)


@routes.get(
    "/events",
    operation_id="list_events",
    dependencies=WellFormed,
    responses=paged(Listing[EventView], "A page of events."),
)
async def list_events(
    request: Request,
    caller: Annotated[Bearer, administrator()],
    query: Annotated[EventsQuery, Query()],
) -> Response:
    """Lists what happened, page by page, along the chain; an event is there within a second."""
    return page_answer(request, await audit(request).search_events(query.listing()))

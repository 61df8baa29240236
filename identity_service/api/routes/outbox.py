"""/outbox: messages on their way out, for administrators."""

from typing import Annotated, Literal

from fastapi import APIRouter, Query
from pydantic import BaseModel, ConfigDict, Field
from starlette.requests import Request
from starlette.responses import Response

from identity_service.api.access import administrator
from identity_service.api.answers import NO_STORE, private_answer
from identity_service.api.listing import Listing, WellFormed, page_answer
from identity_service.api.openapi_accounts import deleted, listed, paged
from identity_service.application.authentication.bearer import Bearer
from identity_service.application.cursors import MOST_PER_PAGE
from identity_service.application.dto.message_view import MessageView
from identity_service.application.use_cases.outbox.list_messages import MessageListing
from identity_service.http.services import outbox

routes = APIRouter(tags=["Outbox"])
Administrator = Annotated[Bearer, administrator()]
ARRIVED = "The message was delivered already."


class MessageQuery(BaseModel):
    """The query of the listing: parameters that are not named are refused."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    limit: int = Field(50, ge=1, le=MOST_PER_PAGE, description="Most items of one page.")
    cursor: str | None = Field(
        None, max_length=2048, description="`next_cursor` of the page before, with the same filters."
    )
    status: Literal["waiting", "delivered", "dead"] | None = Field(None, description="Only those.")
    kind: str | None = Field(None, max_length=200, description="Only those, such as `backchannel_logout`.")
    recipient: str | None = Field(None, max_length=2048, description="Only those for this client.")


@routes.get(
    "/outbox",
    operation_id="list_messages",
    dependencies=WellFormed,
    responses=paged(Listing[MessageView], "A page of messages, the newest first."),
)
async def list_messages(
    request: Request, caller: Administrator, query: Annotated[MessageQuery, Query()]
) -> Response:
    """Lists messages, page by page."""
    return page_answer(request, await outbox(request).list_messages(MessageListing(**query.model_dump())))


@routes.get(
    "/outbox/{message_id}",
    operation_id="get_message",
    responses=listed(MessageView, "The message.", missing=True),
)
async def get_message(request: Request, caller: Administrator, message_id: str) -> Response:
    """Shows one message, and why its last attempt failed."""
    return _shown(await outbox(request).get_message(message_id))


@routes.post(
    "/outbox/{message_id}/retry",
    operation_id="retry_message",
    responses=listed(MessageView, "The message, which is due now.", missing=True, state=ARRIVED),
)
async def retry_message(request: Request, caller: Administrator, message_id: str) -> Response:
    """Sends a message again, also one that was given up."""
    return _shown(await outbox(request).retry_message(message_id))


@routes.delete(
    "/outbox/{message_id}",
    operation_id="discard_message",
    status_code=204,
    responses=deleted("The message is gone.", conditional=False, state=ARRIVED),
)
async def discard_message(request: Request, caller: Administrator, message_id: str) -> Response:
    """Throws a message away that waits or was given up; whom it was for is told nothing."""
    await outbox(request).discard_message(message_id, by=caller.actor)
    return Response(status_code=204, headers=NO_STORE)


def _shown(view: MessageView) -> Response:
    return private_answer(view.model_dump(mode="json"))

"""POST /oauth2/token (RFC 6749 §3.2)."""

from typing import Final

from starlette.requests import Request
from starlette.responses import Response

from identity_service.api.answers import ready_private_answer
from identity_service.api.tokens import issued
from identity_service.http.admitting import client_counter
from identity_service.http.caller import authorizations, client_address, user_agent
from identity_service.http.raw_form import read_form_body
from identity_service.http.services import oauth2

RAISED: Final = "raised_at_the_token_door"
"""In the state of a request: what was raised at the door already, to be told here."""


async def token(request: Request) -> Response:
    """Exchanges a grant for tokens."""
    raised: Exception | None = request.scope["state"].pop(RAISED, None)
    if raised is not None:
        raise raised
    body = await read_form_body(request)
    answer = await issued(
        oauth2(request).issue_token,
        body,
        authorizations=authorizations(request),
        address=client_address(request),
        user_agent=user_agent(request),
        count=client_counter(request.scope),
    )
    return ready_private_answer(answer)

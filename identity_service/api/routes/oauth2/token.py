"""POST /oauth2/token (RFC 6749 §3.2)."""

from collections.abc import Awaitable, Callable, Sequence
from typing import Final

import orjson
from starlette.requests import Request
from starlette.responses import Response

from identity_service.api.answers import ready_private_answer
from identity_service.application.use_cases.oauth2.issue_token import TokenRequest, TokenResponse
from identity_service.domain.oauth.client_auth import parse_client_credentials
from identity_service.domain.oauth.parameters import parse_form
from identity_service.http.caller import authorizations, client_address
from identity_service.http.raw_form import read_form_body
from identity_service.http.services import oauth2

Issue = Callable[[TokenRequest], Awaitable[TokenResponse]]
RAISED: Final = "raised_at_the_token_door"
"""In the state of a request: what `issued` has raised already, to be told here."""


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
    )
    return ready_private_answer(answer)


async def issued(issue: Issue, body: bytes, *, authorizations: Sequence[bytes], address: str | None) -> bytes:
    """The JSON of the tokens that a form asks for. Raises what reading the form and issuing raise."""
    form = parse_form(body)
    presented = parse_client_credentials(authorizations, form)
    return _rendered(await issue(TokenRequest(presented=presented, form=form, address=address)))


def _rendered(answer: TokenResponse) -> bytes:
    """RFC 6749 §5.1; `scope` is always there."""
    members: dict[str, object] = {
        "access_token": answer.access_token,
        "token_type": "Bearer",
        "expires_in": answer.expires_in,
        "scope": str(answer.scope),
    }
    if answer.refresh_token is not None:
        members["refresh_token"] = answer.refresh_token.reveal()
    if answer.id_token is not None:
        members["id_token"] = answer.id_token
    return orjson.dumps(members)

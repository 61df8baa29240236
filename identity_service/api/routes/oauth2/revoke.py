"""POST /oauth2/revoke (RFC 7009)."""

from starlette.requests import Request
from starlette.responses import Response

from identity_service.api.answers import private_answer
from identity_service.http.admitting import client_counter
from identity_service.http.caller import client_address, presented_client
from identity_service.http.raw_form import read_form
from identity_service.http.services import oauth2


async def revoke(request: Request) -> Response:
    """Ends a token of the calling client. What is no token, or another's, is answered the same (§2.2)."""
    form = await read_form(request)
    use_cases = oauth2(request)
    caller = await use_cases.authenticate_client(
        presented_client(request, form), address=client_address(request)
    )
    await client_counter(request.scope)(caller)
    await use_cases.revoke_token(form.require("token"), caller=caller)
    return private_answer({})

"""POST /oauth2/introspect (RFC 7662)."""

from starlette.requests import Request
from starlette.responses import Response

from identity_service.api.answers import ready_private_answer
from identity_service.api.introspection import Introspection
from identity_service.domain.oauth.client_auth import parse_client_credentials
from identity_service.domain.oauth.errors import InvalidClient
from identity_service.domain.oauth.parameters import parse_form
from identity_service.http.admitting import client_counter
from identity_service.http.caller import authorizations, client_address
from identity_service.http.raw_form import read_form_body
from identity_service.http.services import oauth2


async def introspect(request: Request) -> Response:
    """Tells an authenticated client whether a token is alive."""
    introspection: Introspection = request.app.state.introspection
    body = await read_form_body(request)
    given = authorizations(request)
    proof = given[0] if len(given) == 1 else None
    ready = None if proof is None else introspection.ready(proof, body)
    if ready is not None:
        return ready_private_answer(ready)
    form = parse_form(body)
    presented = parse_client_credentials(given, form)
    caller = await oauth2(request).known_callers.or_while_away(
        presented, address=client_address(request), authorization=proof
    )
    if caller.client.is_public:
        raise InvalidClient("a public client may not introspect tokens")
    await client_counter(request.scope)(caller.client)
    return ready_private_answer(await introspection.answer(form.require("token"), caller))

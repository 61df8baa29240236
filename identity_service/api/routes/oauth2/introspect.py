"""POST /oauth2/introspect (RFC 7662)."""

from starlette.requests import Request
from starlette.responses import Response

from identity_service.api.answers import json_body, private_answer, ready_private_answer
from identity_service.application.use_cases.oauth2.introspect_token import ActiveToken
from identity_service.domain.oauth.errors import InvalidClient
from identity_service.http.caller import client_address, presented_client
from identity_service.http.raw_form import read_form
from identity_service.http.services import oauth2


async def introspect(request: Request) -> Response:
    """Tells an authenticated client whether a token is alive."""
    form = await read_form(request)
    use_cases = oauth2(request)
    caller = await use_cases.introspection_callers(
        presented_client(request, form), address=client_address(request)
    )
    if caller.is_public:
        raise InvalidClient("a public client may not introspect tokens")
    found = await use_cases.introspect_token(form.require("token"), caller=caller)
    if found is None:
        return private_answer({"active": False})
    if found.body is None:
        found.body = json_body(rendered(found))
    return ready_private_answer(found.body)


def rendered(token: ActiveToken) -> dict[str, object]:
    """RFC 7662 §2.2; members without a value are left out."""
    members = {
        "active": True,
        "scope": token.scope,
        "client_id": token.client_id,
        "username": token.username,
        "sub": token.sub,
        "aud": token.aud[0] if len(token.aud) == 1 else list(token.aud),
        "iss": token.iss,
        "exp": token.exp,
        "iat": token.iat,
        "jti": token.jti,
        "token_type": token.token_type,
    }
    return {name: value for name, value in members.items() if value is not None}

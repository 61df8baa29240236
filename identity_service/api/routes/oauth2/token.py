"""POST /oauth2/token (RFC 6749 §3.2)."""

from starlette.requests import Request
from starlette.responses import Response

from identity_service.api.answers import private_answer
from identity_service.application.use_cases.oauth2.issue_token import TokenRequest, TokenResponse
from identity_service.http.caller import client_address, presented_client
from identity_service.http.raw_form import read_form
from identity_service.http.services import oauth2


async def token(request: Request) -> Response:
    """Exchanges a grant for tokens."""
    form = await read_form(request)
    answer = await oauth2(request).issue_token(
        TokenRequest(presented=presented_client(request, form), form=form, address=client_address(request))
    )
    return private_answer(_rendered(answer))


def _rendered(answer: TokenResponse) -> dict[str, object]:
    """RFC 6749 §5.1; `scope` is always there."""
    members: dict[str, object] = {
        "access_token": answer.access_token,
        "token_type": "Bearer",
        "expires_in": answer.expires_in,
        "scope": str(answer.scope),
    }
    if answer.refresh_token is not None:
        members["refresh_token"] = answer.refresh_token.reveal()
    return members

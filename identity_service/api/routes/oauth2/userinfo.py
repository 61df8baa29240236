"""GET and POST /oauth2/userinfo (OIDC Core §5.3)."""

from functools import partial

from starlette.requests import Request
from starlette.responses import Response

from identity_service.api.answers import NO_STORE, private_answer
from identity_service.domain.oauth.errors import InvalidBearerRequest
from identity_service.http.admitting import count_bearer
from identity_service.http.bearer import bearer_token
from identity_service.http.raw_form import FORM, read_form
from identity_service.http.services import oauth2


async def userinfo(request: Request) -> Response:
    """The claims about the person behind the access token."""
    return await _told(request, bearer_token(request.headers))


async def userinfo_by_post(request: Request) -> Response:
    """The same; the token may be in a form (RFC 6750 §2.2), in one of the two places."""
    if not request.headers.get("content-type", "").lower().startswith(FORM):
        return await userinfo(request)
    in_form = (await read_form(request)).get("access_token")
    if in_form is None:
        return await userinfo(request)
    if "authorization" in request.headers:
        raise InvalidBearerRequest("the access token is sent in two ways")
    return await _told(request, in_form)


async def _told(request: Request, token: str) -> Response:
    found = await oauth2(request).get_userinfo(token, count=partial(count_bearer, request.scope))
    if found.signed is None:
        return private_answer(found.claims)
    return Response(found.signed, headers=NO_STORE, media_type="application/jwt")

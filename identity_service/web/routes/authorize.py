"""GET and POST /oauth2/authorize (RFC 6749 §3.1, OIDC Core §3.1.2.1)."""

from starlette.requests import Request
from starlette.responses import Response

from identity_service.domain.oauth.parameters import parse_query
from identity_service.http.raw_form import read_form_body
from identity_service.http.services import sign_in
from identity_service.http.site import site
from identity_service.web.answers import follow, see_other
from identity_service.web.cookies import browser

PATH = "/oauth2/authorize"


async def authorize(request: Request) -> Response:
    """Begins a sign-in, or answers the client at once."""
    query = parse_query(request.scope["query_string"])
    return follow(request, await sign_in(request).authorize(query, browser(request)))


async def authorize_by_post(request: Request) -> Response:
    """The same request as a form. A form from another site comes without our cookies (SameSite=Lax); the GET that this
    leads to has them. Parameters beside the form, in the query, are left out."""
    query = parse_query(await read_form_body(request))
    return see_other(f"{site(request).issuer_path}{PATH}?{query.encoded}")

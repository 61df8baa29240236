"""GET /oauth2/check-session, the one page that may be framed (OIDC Session Management 1.0 §3.2)."""

from starlette.requests import Request
from starlette.responses import Response

from identity_service.domain.oauth.metadata import CHECK_SESSION
from identity_service.http.site import site
from identity_service.web.answers import pages
from identity_service.web.cookies import STATE, name_of

PATH = CHECK_SESSION


async def check_session(request: Request) -> Response:
    """Tells nobody anything but whether a `session_state` still holds; whoever asks has to know it."""
    request.state.framed = True
    return pages(request).for_frames(cookie=name_of(STATE, site(request)))

"""GET /metrics where METRICS=guarded: what the server has counted, for whoever shows METRICS_TOKEN."""

from hashlib import sha256
from hmac import compare_digest

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from identity_service.api.answers import NO_STORE
from identity_service.domain.oauth.errors import InvalidToken
from identity_service.http.bearer import bearer_token

PATH = "/metrics"


def metrics_route(*, token: str, media_type: str) -> Route:
    """The route; its token is the operator's and none of those that this server issues.

    So metrics can be read while no token can be checked, which is when they are needed. The application's state has
    `metrics_text`, which tells them.
    """
    expected = sha256(token.encode()).digest()

    async def metrics(request: Request) -> Response:
        presented = bearer_token(request.headers)
        if not compare_digest(sha256(presented.encode()).digest(), expected):
            raise InvalidToken
        return Response(request.app.state.metrics_text(), headers=NO_STORE, media_type=media_type)

    return Route(PATH, metrics, methods=["GET"], include_in_schema=False)

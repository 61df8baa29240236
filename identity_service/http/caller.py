"""Who is on the other end of a request."""

from starlette.requests import Request

from identity_service.domain.oauth.client_auth import PresentedClient, parse_client_credentials
from identity_service.domain.oauth.parameters import Parameters


def client_address(request: Request) -> str | None:
    """The address of the peer; headers that anybody can send are not believed."""
    return None if request.client is None else request.client.host


def user_agent(request: Request) -> bytes | None:
    """What the program calls itself; of several headers the last."""
    return dict(request.scope["headers"]).get(b"user-agent")


def authorizations(request: Request) -> list[bytes]:
    """The value of every Authorization header, as it came."""
    return [value for name, value in request.scope["headers"] if name == b"authorization"]


def presented_client(request: Request, form: Parameters) -> PresentedClient:
    """What the request claims about its client. Raises InvalidRequest, InvalidClient."""
    return parse_client_credentials(authorizations(request), form)

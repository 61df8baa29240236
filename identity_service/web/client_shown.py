"""What people see of a client."""

from starlette.requests import Request

from identity_service.domain.entities.client import Client
from identity_service.http.site import site
from identity_service.web.routes.logo import PATH
from identity_service.web.views import ClientShown


def client_shown(request: Request, client: Client) -> ClientShown:
    """Its name, its logo as it is kept here, and the links that it registered (OIDC Registration §2)."""
    told = client.metadata
    logo = None
    if client.logo_digest is not None:
        logo = site(request).issuer_path + PATH.format(digest=client.logo_digest)
    return ClientShown(
        name=client.client_name,
        logo=logo,
        client_uri=told.get("client_uri"),
        policy_uri=told.get("policy_uri"),
        tos_uri=told.get("tos_uri"),
    )

"""What people see of a client."""

from identity_service.domain.entities.client import Client
from identity_service.web.views import ClientShown


def client_shown(client: Client) -> ClientShown:
    """Its name, and the links that it registered (OIDC Registration §2)."""
    told = client.metadata
    return ClientShown(
        name=client.client_name,
        logo_uri=told.get("logo_uri"),
        client_uri=told.get("client_uri"),
        policy_uri=told.get("policy_uri"),
        tos_uri=told.get("tos_uri"),
    )

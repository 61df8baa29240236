"""The demo registers itself (RFC 7591 §3, OIDC Dynamic Client Registration §3)."""

from collections.abc import Mapping
from typing import Any

import httpx2

from identity_service.demo.answers import asking, members, text_of
from identity_service.demo.party import Party
from identity_service.demo.problem import Problem
from identity_service.demo.provider import TIMEOUT_SECONDS, Provider

CREATED = 201


async def registered(
    issuer: str, wanted: Mapping[str, Any], *, token: str | None = None, transport: Any = None
) -> str:
    """The id under which the provider knows the demo from now on.

    Args:
        issuer: the provider, which has to offer registration.
        wanted: what the demo wants to be, see `party.registration`.
        token: an initial access token, where the provider wants one.
        transport: stands in for the network.

    Raises:
        Problem: the provider offers no registration, refuses this one, or cannot be asked.
    """
    metadata = await Provider(Party(issuer=issuer, client_id="", url=""), transport=transport).metadata()
    if "registration_endpoint" not in metadata:
        raise Problem("no_registration", f"{issuer} lets no program register itself")
    headers = {} if token is None else {"Authorization": f"Bearer {token}"}
    with asking("the registration endpoint"):
        async with httpx2.AsyncClient(
            timeout=TIMEOUT_SECONDS, trust_env=False, transport=transport, follow_redirects=False
        ) as http:
            answer = await http.post(
                text_of(metadata, "registration_endpoint"), json=dict(wanted), headers=headers
            )
        told = members(answer.json())
    if answer.status_code != CREATED:
        raise Problem(text_of(told, "error"), told.get("error_description"))
    return text_of(told, "client_id")


def within(app: Any) -> Any:
    """A transport to a provider in the same process, an ASGI application."""
    return httpx2.ASGITransport(app, client=("127.0.0.1", 0))

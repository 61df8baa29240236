"""What a program learns of its own registration, and under which rules it is made."""

from dataclasses import dataclass
from typing import Any

from identity_service.application.dto.client_view import ClientView
from identity_service.domain.oauth.client_metadata import DESCRIPTIVE
from identity_service.domain.oauth.errors import InsufficientScope
from identity_service.domain.value_objects.scope import Scope
from identity_service.domain.value_objects.secret import Secret

AN_HOUR = 3600
LOOKED_AFTER = (
    "an administrator has given this client rights of administration, and looks after it from now on"
)


@dataclass(frozen=True, slots=True, kw_only=True)
class RegistrationPolicy:
    """What an operator decided.

    Attributes:
        open: whether anybody may register, or only who has an initial access token.
        most_clients: how many there may be that registered themselves, before nobody may without a token.
        per_hour: how many registrations without a token one address may ask for, and how many changes one client.
        scopes: what such a client may have at most.
        without_pkce: whether confidential ones may do without (RFC 7636).
    """

    open: bool
    most_clients: int
    per_hour: int
    scopes: Scope
    without_pkce: bool


@dataclass(frozen=True, slots=True)
class RegisteredClient:
    """The client, the secret if one was just made, and the registration access token that is good from now on."""

    client: ClientView
    secret: Secret | None
    token: Secret


def apart(members: dict[str, Any]) -> dict[str, Any]:
    """The members of a new client, with those that merely describe it under `metadata`."""
    described = {name: members.pop(name) for name in DESCRIPTIVE if name in members}
    said = {name: value for name, value in described.items() if value is not None}
    return members | {"metadata": said}


def looked_after() -> InsufficientScope:
    """Why a client may not change what it is registered as."""
    return InsufficientScope(
        "an administrator has given this client rights of administration, and looks after it from now on"
    )

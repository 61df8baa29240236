"""Which members of a client do not go together, whatever each may be alone."""

from collections.abc import Callable, Mapping
from typing import Any

from identity_service.domain.refusals import Fault, Unacceptable


def check_together(members: Mapping[str, Any]) -> None:
    """Rules between members of a complete client, after `accepted`.

    Raises:
        Unacceptable: the client as a whole is none this server can serve safely.
    """
    faults = [Fault(member, text) for member, text, broken in _TOGETHER if broken(members)]
    if faults:
        raise Unacceptable(faults)


def _is_public(members: Mapping[str, Any]) -> bool:
    return bool(members["token_endpoint_auth_method"] == "none")


_TOGETHER: tuple[tuple[str, str, Callable[[Mapping[str, Any]], bool]], ...] = (
    (
        "grant_types",
        "a public client has no credentials of its own and cannot use client_credentials",
        lambda client: _is_public(client) and "client_credentials" in client["grant_types"],
    ),
    (
        "resource_server",
        "a public client cannot authenticate and so cannot introspect",
        lambda client: _is_public(client) and client["resource_server"],
    ),
    (
        "audiences",
        "only a resource server has audiences",
        lambda client: bool(client["audiences"]) and not client["resource_server"],
    ),
    (
        "response_types",
        "the response type code needs the grant authorization_code",
        lambda client: bool(client["response_types"]) and "authorization_code" not in client["grant_types"],
    ),
)

"""An audience: a resource that tokens can be meant for (RFC 8707)."""

from dataclasses import dataclass

from identity_service.domain.value_objects.ids import ClientId
from identity_service.domain.value_objects.scope import Scope


@dataclass(frozen=True, slots=True, kw_only=True)
class Audience:
    """A resource indicator, the clients that may introspect tokens meant for it, and what scope it knows.

    `scope` None puts no limit on the scope of a token for this audience.
    """

    id: str
    uri: str
    scope: Scope | None
    introspectors: frozenset[ClientId]

"""Which client ids and secrets may be brought along from another server."""

import re

from identity_service.domain.refusals import Unacceptable

_CLIENT_ID = re.compile(r"[A-Za-z0-9][A-Za-z0-9._~-]{0,127}")
"""Unreserved characters (RFC 3986 §2.3): the id reads the same in forms, headers and paths."""
_SECRET = re.compile(r"[\x20-\x7e]{1,1024}")
"""VSCHAR (RFC 6749 Appendix A.2)."""
TAKEN_BY_US = frozenset({"cli", "system", "server", "me", "open"})
"""Names of actors in the event log, and of paths."""
LONG_ENOUGH = 32
"""Characters from which on a secret is taken for random, so that its plain digest is enough."""


def acceptable_client_id(text: str) -> str:
    """The id itself. Raises Unacceptable."""
    if _CLIENT_ID.fullmatch(text) is None:
        raise Unacceptable.of(
            "client_id", "must be 1 to 128 letters, digits or . _ ~ - and begin with a letter or digit"
        )
    if text in TAKEN_BY_US:
        raise Unacceptable.of("client_id", "is a name that this server uses itself")
    return text


def acceptable_secret(text: str) -> str:
    """The secret itself. Raises Unacceptable."""
    if _SECRET.fullmatch(text) is None:
        raise Unacceptable.of("client_secret", "must be 1 to 1024 printable ASCII characters")
    return text


def needs_slow_hash(secret: str) -> bool:
    """Whether the secret may be weak."""
    return len(secret) < LONG_ENOUGH

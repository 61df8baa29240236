"""Which error a software statement earns (RFC 7591 §2.3): nobody's are trusted here, so no signature is looked at."""

import json
from base64 import urlsafe_b64decode
from typing import Any, NoReturn

from identity_service.domain.oauth.registration_errors import (
    InvalidSoftwareStatement,
    UnapprovedSoftwareStatement,
)


def refuse_statement(statement: Any) -> NoReturn:
    """Raises InvalidSoftwareStatement for what no issuer can have signed, else UnapprovedSoftwareStatement."""
    parts = statement.split(".") if isinstance(statement, str) else []
    read = [_object(part) for part in parts[:2]]
    if len(parts) != 3 or not parts[2] or None in read or not _is_signed_by_somebody(*read):
        raise InvalidSoftwareStatement
    raise UnapprovedSoftwareStatement


def _is_signed_by_somebody(header: Any, claims: Any) -> bool:
    """RFC 7591 §2.3: "digitally signed or MACed", and "MUST contain an `iss` claim"."""
    return str(header.get("alg", "none")).lower() != "none" and isinstance(claims.get("iss"), str)


def _object(part: str) -> dict[str, Any] | None:
    try:
        found = json.loads(urlsafe_b64decode(part + "=="))
    except (ValueError, RecursionError):
        return None
    return found if isinstance(found, dict) else None

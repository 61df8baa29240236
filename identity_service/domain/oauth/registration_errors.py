"""What only client registration refuses with (RFC 7591 §3.2.2), besides InvalidRedirectUri of `errors.py`.

OAuthError
├── InvalidClientMetadata          400  invalid_client_metadata
├── InvalidSoftwareStatement       400  invalid_software_statement
└── UnapprovedSoftwareStatement    400  unapproved_software_statement
"""

from identity_service.domain.oauth.errors import InvalidRedirectUri, OAuthError
from identity_service.domain.oauth.sector_identifier import NOT_LISTED
from identity_service.domain.refusals import Fault, Unacceptable

MOST_NAMED = 5
"""Members at fault that an answer names."""


class InvalidClientMetadata(OAuthError):
    """A member is not acceptable, or the members do not go together."""

    code = "invalid_client_metadata"
    status = 400
    default = "the client metadata is not acceptable"


class InvalidSoftwareStatement(OAuthError):
    """The software statement is no signed JWT with an issuer (RFC 7591 §2.3)."""

    code = "invalid_software_statement"
    status = 400
    default = "the software statement is no signed JWT with the claim iss"


class UnapprovedSoftwareStatement(OAuthError):
    """Nobody's software statements are approved here."""

    code = "unapproved_software_statement"
    status = 400
    default = "no software statements are approved here, register without one"


def refused_metadata(unacceptable: Unacceptable) -> OAuthError:
    """How a registration says what `unacceptable` says: its texts are ours, and its members have names that we know."""
    faults = unacceptable.faults[:MOST_NAMED]
    kind = InvalidRedirectUri if _is_redirect_uri(faults[0]) else InvalidClientMetadata
    refusal: OAuthError = kind()
    refusal.description = "; ".join(f"{fault.member}: {fault.description}" for fault in faults)
    return refusal


def _is_redirect_uri(fault: Fault) -> bool:
    """Whether it is the URI that is wrong, and not the sector identifier that does not list it."""
    return fault.member.partition("/")[0] == "redirect_uris" and fault.description != NOT_LISTED

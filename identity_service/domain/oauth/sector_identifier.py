"""What a sector identifier says: which redirect URIs belong to its sector (OIDC Registration §5)."""

import json
from collections.abc import Collection, Sequence
from typing import Final

from identity_service.domain.refusals import Fault, Unacceptable

MOST_BYTES: Final = 65_536
NOT_LISTED: Final = "is not in the array at sector_identifier_uri (OpenID Connect Registration section 5)"


def listed_in(body: bytes) -> frozenset[str]:
    """The redirect URIs of a JSON array. Raises ValueError for anything else."""
    try:
        found = json.loads(body)
    except (ValueError, RecursionError):
        found = None
    if not isinstance(found, list) or not all(isinstance(each, str) for each in found):
        raise ValueError("not a JSON array of texts")
    return frozenset(found)


def check_listed(redirect_uris: Sequence[str], listed: Collection[str]) -> None:
    """Each has to be there, byte for byte. Raises Unacceptable, which names those that are not."""
    faults = [
        Fault(f"redirect_uris/{at}", NOT_LISTED) for at, uri in enumerate(redirect_uris) if uri not in listed
    ]
    if faults:
        raise Unacceptable(faults)

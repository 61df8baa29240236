"""Whether a client's sector identifier stands by its redirect URIs (OIDC Registration §5, docs/decisions/0065)."""

import logging
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

from identity_service.domain.oauth.sector_identifier import MOST_BYTES, check_listed, listed_in
from identity_service.domain.refusals import ChangedMeanwhile, Unacceptable
from identity_service.ports.fetch import Fetcher, Unfetchable

log = logging.getLogger(__name__)

TYPES: Final = ("application/json",)
JUDGED_BY_IT: Final = frozenset({"redirect_uris", "sector_identifier_uri"})
"""The members with which a client is saved that have it asked."""


@dataclass(frozen=True, slots=True)
class Sector:
    """What a sector identifier listed when it was asked."""

    uri: str
    listed: frozenset[str]


class SectorIdentifiers:
    """Asks the sector identifier that a client is to have, while it is saved: who people are to it hangs on that.

    It is asked before the transaction, which holds a connection, and judged within, by what the client is then. One
    that no redirect URI is to be found at is not asked.
    """

    def __init__(self, *, fetch: Fetcher) -> None:
        self._fetch = fetch

    async def ask(self, members: Mapping[str, Any]) -> Sector | None:
        """For a client of these members. None: there is nothing to ask. Raises Unacceptable."""
        uri = _to_be_asked(members)
        if uri is None:
            return None
        try:
            found = await self._fetch.get(uri, accept=TYPES, most_bytes=MOST_BYTES)
            sector = Sector(uri, listed_in(found.body))
        except (Unfetchable, ValueError) as error:
            log.warning("a sector identifier could not be read", extra={"uri": uri, "reason": str(error)})
            raise Unacceptable.of(
                "sector_identifier_uri",
                "must answer, by https on a public address, with a JSON array of redirect URIs (OpenID Connect "
                "Registration section 5)",
            ) from None
        check_listed(members["redirect_uris"], sector.listed)
        return sector

    @staticmethod
    def check(members: Mapping[str, Any], sector: Sector | None) -> None:
        """Once more, when nobody else can change the client. Raises ChangedMeanwhile, Unacceptable."""
        uri = _to_be_asked(members)
        if uri is None:
            return
        if sector is None or sector.uri != uri:
            raise ChangedMeanwhile
        check_listed(members["redirect_uris"], sector.listed)


def _to_be_asked(members: Mapping[str, Any]) -> str | None:
    uri: str | None = members["sector_identifier_uri"] if members["redirect_uris"] else None
    return uri

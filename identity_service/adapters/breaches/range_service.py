"""Decides how breached passwords are asked of a service, by the first five digits of their digest."""

from typing import Final

from identity_service.adapters.breaches.lines import suffixes_of
from identity_service.ports.fetch import Fetcher, Unfetchable
from identity_service.ports.passwords import RangeUnavailable

MOST_BYTES: Final = 1 << 20


class RangeService:
    """`ports.BreachRanges`: GET of the URL with the five digits behind it answers lines `SUFFIX:COUNT`."""

    def __init__(self, url: str, *, fetch: Fetcher) -> None:
        self._url = url.rstrip("/")
        self._fetch = fetch

    async def suffixes(self, prefix: str) -> frozenset[str]:
        """Raises RangeUnavailable."""
        try:
            fetched = await self._fetch.get(
                f"{self._url}/{prefix}", accept=("text/plain",), most_bytes=MOST_BYTES
            )
        except Unfetchable as error:
            raise RangeUnavailable(f"{self._url}: {error}") from error
        return suffixes_of(fetched.body.splitlines())

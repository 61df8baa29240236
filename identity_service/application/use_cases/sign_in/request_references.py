"""The request objects that clients publish, and name by `request_uri` (RFC 9101 §5.2, OIDC Core §6.2)."""

import asyncio
import logging
from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

from identity_service.application.authentication.patience import Patience
from identity_service.domain.entities.client import Client
from identity_service.domain.oauth.authorize_errors import InvalidRequestUri
from identity_service.domain.oauth.request_object import LONGEST_REQUEST_OBJECT, is_pinned_by
from identity_service.ports.fetch import Fetcher, Unfetchable

log = logging.getLogger(__name__)

REQUEST_OBJECT_TYPES: Final = ("application/oauth-authz-req+jwt", "application/jwt", "application/jose")
"""RFC 9101 §9.4.1, and what sites said before there was that."""
MOST_SITES: Final = 1000
MOST_PINNED: Final = 200


@dataclass(slots=True)
class _Site(Patience):
    under_way: "asyncio.Task[bytes | None] | None" = None


class RequestReferences:
    """Fetches what the client has registered in `request_uris`, and nothing else.

    - What a reference pins by its fragment is fetched once, and kept for as long as there is room; everything else is
      fetched for each request, since its client may change it at any time (OIDC Core §6.2).
    - One fetch a place at a time: whoever comes meanwhile gets what it gives. A place that fails is left alone for some
      seconds, and ever longer, so that strangers cannot make us ask.
    """

    def __init__(self, *, fetch: Fetcher, clock: Callable[[], float]) -> None:
        """`clock` counts seconds and never goes back."""
        self._fetch = fetch
        self._clock = clock
        self._sites: dict[str, _Site] = {}
        self._pinned: dict[str, str] = {}

    async def __call__(self, reference: str, client: Client) -> str:
        """The request object, which nobody has opened yet. Raises InvalidRequestUri."""
        if reference not in client.request_uris:
            raise InvalidRequestUri("request_uri is not one that the client has registered")
        if (known := self._pinned.get(reference)) is not None:
            return known
        place, _, pin = reference.partition("#")
        body = await self._body(place)
        if pin and not is_pinned_by(pin, body):
            raise InvalidRequestUri("what is at request_uri is not what its fragment is the hash of")
        token = body.decode("latin-1").strip()  # what is not ASCII is no JWT, and nobody signed it
        if pin:
            self._keep(reference, token)
        return token

    def _keep(self, reference: str, token: str) -> None:
        if len(self._pinned) >= MOST_PINNED:
            self._pinned.pop(next(iter(self._pinned)))
        self._pinned[reference] = token

    async def _body(self, place: str) -> bytes:
        site = self._site(place)
        if site.under_way is None:
            if not site.may_ask(self._clock()):
                raise InvalidRequestUri(detail="it failed a moment ago")
            site.under_way = asyncio.create_task(self._ask(place, site))
        body = await asyncio.shield(site.under_way)  # another one may be waiting, too
        if body is None:
            raise InvalidRequestUri
        return body

    def _site(self, place: str) -> _Site:
        site = self._sites.get(place)
        if site is None:
            if len(self._sites) >= MOST_SITES:
                self._sites.pop(next(iter(self._sites)))
            site = self._sites[place] = _Site()
        return site

    async def _ask(self, place: str, site: _Site) -> bytes | None:
        try:
            found = await self._fetch.get(
                place, accept=REQUEST_OBJECT_TYPES, most_bytes=LONGEST_REQUEST_OBJECT
            )
        except Unfetchable as error:
            site.tried, site.failures = self._clock(), site.failures + 1
            log.warning("a request object could not be fetched", extra={"uri": place, "reason": str(error)})
            return None
        finally:
            site.under_way = None
        site.failures = 0
        return found.body

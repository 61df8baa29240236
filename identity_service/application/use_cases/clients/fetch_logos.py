"""The logos that clients registered are fetched, and kept here (docs/decisions/0050)."""

import logging
from collections.abc import Callable
from hashlib import sha256

from identity_service.domain.entities.event import ClientChanged
from identity_service.domain.services.pictures import MEDIA_TYPES, MOST_BYTES, NoPicture, media_type_of
from identity_service.ports.fetch import Fetcher, Unfetchable
from identity_service.ports.repositories.logos import Logo, WantedLogo
from identity_service.ports.unit_of_work import Begin, Read

log = logging.getLogger(__name__)

BY = "server"
BATCH = 10
FIRST_PAUSE, LONGER = 60, 4
"""Seconds after a failure, and how many times as many after each that follows."""
MOST_FAILURES = 6
"""A day's worth; who mends the site then saves the client again."""


class FetchLogos:
    """Fetches what is wanted, one after the other; a slow site holds up other logos and nothing else.

    A logo is fetched once: what people saw when the client was approved stays, whatever its site shows later. It is
    fetched anew when the client is saved with its `logo_uri` again. No connection is held meanwhile.
    """

    def __init__(self, *, begin: Begin, read: Read, fetch: Fetcher) -> None:
        self._begin = begin
        self._read = read
        self._fetch = fetch

    async def __call__(self, go_on: Callable[[], bool]) -> int:
        """How many were fetched. Raises StorageUnavailable."""
        async with self._read() as uow:
            wanted = await uow.logos.due(limit=BATCH)
        fetched = 0
        for one in wanted:
            if go_on():
                fetched += await self._one(one)
        return fetched

    async def _one(self, wanted: WantedLogo) -> bool:
        try:
            found = await self._fetch.get(wanted.logo_uri, accept=MEDIA_TYPES, most_bytes=MOST_BYTES)
            media_type = media_type_of(found.body)
        except (Unfetchable, NoPicture) as error:
            await self._failed(wanted, str(error))
            return False
        logo = Logo(digest=sha256(found.body).hexdigest(), media_type=media_type, body=found.body)
        async with self._begin() as uow:
            kept = await uow.logos.keep(wanted, logo)
            if kept:  # or pages would show for some seconds what they remember of the client
                changed = ClientChanged(by=BY, client_id=wanted.client_id, members=("logo_uri",))
                uow.events.add(changed)
            await uow.commit()
        return kept

    async def _failed(self, wanted: WantedLogo, reason: str) -> None:
        last = wanted.failures + 1 >= MOST_FAILURES
        async with self._begin() as uow:
            again_in = None if last else FIRST_PAUSE * LONGER**wanted.failures
            await uow.logos.failed(wanted, again_in=again_in)
            await uow.commit()
        log.warning(
            "the logo of a client could not be fetched",
            extra={"client_id": wanted.client_id, "reason": reason, "tried_again": not last},
        )

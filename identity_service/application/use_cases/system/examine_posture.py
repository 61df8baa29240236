"""How safe this deployment is: its settings, its keys and every active client, held against the rules."""

from collections.abc import AsyncIterator, Callable
from datetime import UTC, datetime

from identity_service.domain.entities.client import Client
from identity_service.domain.posture.judging import (
    CLIENT,
    CLIENTS,
    KEY,
    SETTINGS,
    Examined,
    examined,
)
from identity_service.domain.posture.register import (
    CLIENT_RULES,
    KEY_RULES,
    SETTING_RULES,
    WHOLE_RULES,
)
from identity_service.domain.posture.rule import Values
from identity_service.domain.posture.seen import SeenClient, SeenKey, Tally
from identity_service.ports.repositories.clients import ClientQuery
from identity_service.ports.tokens.key_ring import HeldKey
from identity_service.ports.unit_of_work import Read

PAGE = 200


class ExaminePosture:
    """Looks at everything and changes nothing.

    Settings first, then the keys that sign, then the active clients, a page of them at a time and none kept; last what
    only all of them together show. A client that is made or changed meanwhile may be missed, as in any listing.
    """

    def __init__(
        self, *, read: Read, values: Values, given: HeldKey | None, clock: Callable[[], float]
    ) -> None:
        """`given` is the key from the settings; `clock` tells seconds since 1970."""
        self._read = read
        self._values = values
        self._given = given
        self._clock = clock

    async def __call__(self) -> AsyncIterator[Examined]:
        """One thing after the other. Raises StorageUnavailable."""
        now = datetime.fromtimestamp(self._clock(), UTC)
        yield examined(SETTING_RULES, self._values, kind=SETTINGS, subject="settings", label="settings")
        for key in await self._keys(now):
            yield examined(KEY_RULES, key, kind=KEY, subject=key.kid, label=f"{key.alg} {key.kid}")
        tally = Tally()
        async for client in self._clients():
            tally = tally.with_one(client)
            seen = SeenClient(client=client, values=self._values, now=now)
            yield examined(
                CLIENT_RULES, seen, kind=CLIENT, subject=client.client_id, label=client.client_name
            )
        yield examined(WHOLE_RULES, tally, kind=CLIENTS, subject="clients", label="all clients")

    async def _keys(self, now: datetime) -> list[SeenKey]:
        """Those that sign: the key from the settings takes the place of a stored one of its algorithm."""
        async with self._read() as uow:
            stored = await uow.keys.all()
        given = [self._seen_given(self._given, now)] if self._given else []
        algs = {key.alg for key in given}
        return given + [
            SeenKey.of(key, values=self._values, now=now)
            for key in stored
            if key.status == "current" and key.alg not in algs
        ]

    def _seen_given(self, key: HeldKey, now: datetime) -> SeenKey:
        return SeenKey(
            kid=key.kid,
            alg=key.alg,
            public_jwk=key.public_jwk,
            activated_at=None,
            values=self._values,
            now=now,
        )

    async def _clients(self) -> AsyncIterator[Client]:
        """All that are active, in the order of their making."""
        after: tuple[str, str] | None = None
        while True:
            query = ClientQuery(sort="created_at", limit=PAGE, after=after, active=True)
            async with self._read() as uow:
                found = await uow.clients.page(query)
            for client in found:
                yield client
            if len(found) < PAGE:
                return
            after = (found[-1].created_at.isoformat(), found[-1].client_id)

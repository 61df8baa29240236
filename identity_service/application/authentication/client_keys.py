"""The keys of clients that sign: those that were registered, and those that a client publishes at its `jwks_uri`."""

import asyncio
import logging
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Final

from identity_service.application.authentication.patience import Patience
from identity_service.domain.entities.client import Client
from identity_service.ports.fetch import Fetcher, Unfetchable
from identity_service.ports.tokens.key_sets import KeySet, KeySets, Opened
from identity_service.ports.tokens.signer import UnknownKey, UnverifiableToken

log = logging.getLogger(__name__)

JWKS_TYPES: Final = ("application/jwk-set+json", "application/json")
"""RFC 7517 §8.5.2, and what many sites say instead."""
LONGEST_JWKS: Final = 65_536
FRESH_SECONDS: Final = 300
"""How long published keys are used without asking again: a key that its client took back lives on for so long."""
STALE_SECONDS: Final = 3600
"""How long they are used when the site does not answer."""
UNKNOWN_KEY_SECONDS: Final = 30
"""How often an unknown `kid`, which anybody can make up, may lead to another fetch."""
MOST_SITES: Final = 1000


@dataclass(slots=True)
class _Published(Patience):
    """What is known of one `jwks_uri`."""

    lock: asyncio.Lock = field(default_factory=asyncio.Lock)
    keys: KeySet | None = None
    fetched: float = float("-inf")

    def usable(self, now: float, *, within: float) -> KeySet | None:
        return self.keys if now - self.fetched < within else None


class ClientKeys:
    """Opens what clients signed.

    - Published keys are remembered for FRESH_SECONDS, and for STALE_SECONDS while their site fails.
    - A `kid` that is not among them has them fetched anew, so that a client can rotate at once; no more often than each
      UNKNOWN_KEY_SECONDS, so that strangers cannot make us ask.
    - One fetch a site at a time; whoever comes meanwhile waits for it.
    """

    def __init__(self, *, key_sets: KeySets, fetch: Fetcher, clock: Callable[[], float]) -> None:
        """`clock` counts seconds and never goes back."""
        self._key_sets = key_sets
        self._fetch = fetch
        self._clock = clock
        self._published: dict[str, _Published] = {}

    async def open(self, client: Client, token: str, *, alg: str | None) -> Opened:
        """What the client signed; with `alg`, by this algorithm and no other.

        Raises UnverifiableToken: not signed by a key of the client, or its keys are not to be had.
        """
        if client.jwks is not None:
            return self._registered(client).open(token, alg=alg)
        if client.jwks_uri is None:
            raise UnverifiableToken("the client has no keys")
        site = self._site(client.jwks_uri)
        known = await self._known(client.jwks_uri, site)
        try:
            return known.open(token, alg=alg)
        except UnknownKey:
            newer = await self._newer(client.jwks_uri, site, known)
            if newer is None:
                raise
            return newer.open(token, alg=alg)

    def _registered(self, client: Client) -> KeySet:
        try:
            return self._key_sets.read(client.jwks or {})
        except ValueError as error:
            raise UnverifiableToken(f"registered keys: {error}") from error

    def _site(self, uri: str) -> _Published:
        site = self._published.get(uri)
        if site is None:
            if len(self._published) >= MOST_SITES:
                self._published.pop(next(iter(self._published)))
            site = self._published[uri] = _Published()
        return site

    async def _known(self, uri: str, site: _Published) -> KeySet:
        if (keys := site.usable(self._clock(), within=FRESH_SECONDS)) is not None:
            return keys
        async with site.lock:
            now = self._clock()
            if site.usable(now, within=FRESH_SECONDS) is None and site.may_ask(now):
                await self._ask(uri, site)
            keys = site.usable(self._clock(), within=STALE_SECONDS)
        if keys is None:
            raise UnverifiableToken("the client's jwks_uri does not answer with keys")
        return keys

    async def _newer(self, uri: str, site: _Published, seen: KeySet) -> KeySet | None:
        async with site.lock:
            if site.keys is seen and self._clock() - site.tried >= UNKNOWN_KEY_SECONDS:
                await self._ask(uri, site)
        return None if site.keys is seen else site.keys

    async def _ask(self, uri: str, site: _Published) -> None:
        site.tried = self._clock()
        try:
            found = await self._fetch.get(uri, accept=JWKS_TYPES, most_bytes=LONGEST_JWKS)
            site.keys = self._key_sets.parse(found.body)
        except (Unfetchable, ValueError) as error:
            site.failures += 1
            log.warning("the keys of a client could not be fetched", extra={"uri": uri, "reason": str(error)})
        else:
            site.failures, site.fetched = 0, self._clock()

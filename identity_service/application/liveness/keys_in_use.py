"""Are the keys that tokens are verified with still those of the database?"""

import asyncio
from collections.abc import Awaitable, Callable
from functools import partial
from itertools import count

from identity_service.application.liveness.endings import Endings
from identity_service.application.liveness.lease import Lease
from identity_service.ports.security import Unsealable
from identity_service.ports.tokens.key_ring import KeysUnavailable
from identity_service.ports.unit_of_work import StorageUnavailable


class KeysInUse:
    """Held keys are a cache like any other: good while the feed is in sight and told of no change since they were read.

    Otherwise they are read again before a signature counts; callers that wait for one reading share it. They share its
    failure, too: behind a lock nobody waits out the timeout of each caller before.
    """

    def __init__(self, *, endings: Endings, lease: Lease, load_keys: Callable[[], Awaitable[object]]) -> None:
        """`load_keys` reads the keys and answers False when nothing about them was new."""
        self._endings = endings
        self._lease = lease
        self._load_keys = load_keys
        self._moments = count()
        self._began = -1
        self._known_news = -1
        self._failure: Callable[[], Exception] | None = None
        self._reading = asyncio.Lock()

    @property
    def in_use(self) -> bool:
        """Whether the held keys are those of the database, as far as anybody knows."""
        return self._known_news == self._endings.keys_news and self._lease.held

    async def ensure(self) -> bool:
        """True when the keys had to be read. Raises StorageUnavailable, KeysUnavailable."""
        if self.in_use:
            return False
        await self.read()
        return True

    async def read(self) -> None:
        """Reads the keys, unless a reading that began after this call was ended by somebody else meanwhile.

        Raises StorageUnavailable; KeysUnavailable when the signing key cannot be opened.
        """
        asked = next(self._moments)
        async with self._reading:
            if self._began <= asked:
                await self._read()
            elif self._failure is not None:
                raise self._failure()

    async def _read(self) -> None:
        began, news = next(self._moments), self._endings.keys_news
        try:
            new = await self._load_keys()
        except (StorageUnavailable, Unsealable) as error:
            self._began, self._failure = began, _failure(error)
            raise self._failure() from error
        self._began, self._known_news, self._failure = began, news, None
        if new is not False:
            self._endings.keys_read()

    async def finished(self) -> None:
        """Waits for a reading that is under way."""
        async with self._reading:
            return


def _failure(error: Exception) -> Callable[[], Exception]:
    """The same for each: an error that is raised twice gathers the traces of both."""
    return partial(KeysUnavailable if isinstance(error, Unsealable) else StorageUnavailable, str(error))

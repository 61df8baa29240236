"""How long a connection may keep the server waiting: looked at once a second, for all connections at once."""

import asyncio
import logging
from collections.abc import Collection
from typing import Final, Protocol
from weakref import WeakKeyDictionary

from uvicorn.server import ServerState

log = logging.getLogger(__name__)

HEAD_SECONDS: Final = 10
"""For a whole head, from its first byte, or from the connection where none has come yet."""
CROWDED_IDLE_SECONDS: Final = 5
"""For an idle connection while more than three quarters of the places are taken."""
CLOSING_SECONDS: Final = 10
"""For the other side to take what was written before the close."""


class Swept(Protocol):
    """A connection, as the sweep sees it. Moments are counts of sweeps; None means that nothing is waited for."""

    head_since: int | None
    idle_since: int | None
    closing_since: int | None

    def is_closing(self) -> bool: ...

    def expire_head(self) -> None:
        """The head did not come in time."""

    def close(self) -> None:
        """When what was written has been sent."""

    def abort(self) -> None:
        """At once."""


class Sweep:
    """Closes the connections of one server that have kept it waiting for too long.

    One timer for all: one for each request costs five microseconds. Time is counted in sweeps and not by a clock, so
    after a pause of this process nobody is late who could not be heard. It rests while there is no connection.
    """

    def __init__(self, connections: Collection[Swept], *, every: float, idle: int, most: int | None) -> None:
        """`every` is seconds; `idle` how many sweeps a connection between two requests may last; `most` connections."""
        self._connections = connections
        self._every = every
        self._idle = idle
        self._most = most
        self._turned_away = 0
        self._timer: asyncio.TimerHandle | None = None
        self.now = 0

    def connected(self) -> bool:
        """A connection was made; False when there are too many, and this one must go."""
        if self._timer is None:
            self._timer = asyncio.get_running_loop().call_later(self._every, self._run)
        if self._most is None or len(self._connections) <= self._most:
            return True
        self._turned_away += 1
        return False

    def sweep(self) -> None:
        """One look at every connection."""
        self.now += 1
        idle = self._idle
        if self._most is not None and len(self._connections) * 4 > self._most * 3:
            idle = min(idle, CROWDED_IDLE_SECONDS)
        for connection in tuple(self._connections):
            self._look_at(connection, idle)
        if self._turned_away:
            log.error(
                "%d connections were refused: MAX_CONNECTIONS (%s) are open", self._turned_away, self._most
            )
            self._turned_away = 0

    def _look_at(self, connection: Swept, idle: int) -> None:
        if connection.is_closing():
            self._hasten(connection)
        elif connection.idle_since is None:
            return  # a request is under way; its body and its answer have limits of their own
        elif connection.head_since is not None:
            if self.now - connection.head_since > HEAD_SECONDS:
                connection.expire_head()
        elif self.now - connection.idle_since > idle:
            connection.close()

    def _hasten(self, connection: Swept) -> None:
        if connection.closing_since is None:
            connection.closing_since = self.now
        elif self.now - connection.closing_since > CLOSING_SECONDS:
            connection.abort()

    def _run(self) -> None:
        self.sweep()
        self._timer = None
        if self._connections:
            self._timer = asyncio.get_running_loop().call_later(self._every, self._run)


SWEEPS: WeakKeyDictionary[ServerState, Sweep] = WeakKeyDictionary()
"""One for each server of the process."""

"""Where the connections of several workers wait: for each worker a listening socket of its own, on the same port."""

import logging
import socket
from typing import Any

log = logging.getLogger(__name__)


class Listeners:
    """One socket for each place, held by the parent for as long as somebody works there.

    The kernel deals new connections out among those that listen (SO_REUSEPORT). Were there one socket for all, the
    worker that wakes up first would take every connection that waits, and keep it. A worker begins to listen when it
    is ready. It has the socket of its predecessor, which the parent holds meanwhile: nothing that waits there is lost.
    """

    def __init__(self, first: socket.socket) -> None:
        """`first` listens already, unshared, so that a second server on the port was refused; it is closed here."""
        self._first = first
        self._address: Any = first.getsockname()
        self._places: dict[int, socket.socket] = {}
        self._together = not hasattr(socket, "SO_REUSEPORT")

    def at(self, place: int) -> list[socket.socket]:
        """What the worker at this place listens to; the one for all where they cannot be had side by side."""
        if place not in self._places and not self._together:
            self._take(place)
        return [self._first if self._together else self._places[place]]

    def renew(self, place: int) -> None:
        """Its worker has died: what waits there is turned away at once, and who comes from now on goes to others."""
        former = self._places.pop(place, None)
        if former is not None:
            self._take(place)  # before the former is closed, so that the port stays ours
            former.close()

    def leave(self, place: int) -> None:
        """Nobody will work there any more."""
        if (listener := self._places.pop(place, None)) is not None:
            listener.close()

    def close(self) -> None:
        """The parent lets go of them all."""
        for listener in (self._first, *self._places.values()):
            listener.close()

    def _take(self, place: int) -> None:
        try:
            self._places[place] = self._another()
        except OSError as error:
            if not self._places:
                log.warning("all workers share one listening socket: %s", error)
                self._together = True
                return
            raise
        self._first.close()

    def _another(self) -> socket.socket:
        if not self._places and self._first.fileno() != -1:
            self._first.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEPORT, 1)
        made = socket.socket(self._family, socket.SOCK_STREAM, socket.IPPROTO_TCP)
        try:
            for option in (socket.SO_REUSEADDR, socket.SO_REUSEPORT):
                made.setsockopt(socket.SOL_SOCKET, option, 1)
            made.bind(self._address)
        except OSError:
            made.close()
            raise
        return made

    @property
    def _family(self) -> socket.AddressFamily:
        return socket.AF_INET6 if len(self._address) == 4 else socket.AF_INET

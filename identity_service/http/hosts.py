"""Which names this server is asked under: whoever asks under another one was led here by somebody else."""

from collections.abc import Callable, Collection
from ipaddress import ip_address
from urllib.parse import urlsplit

from starlette.requests import Request
from starlette.responses import Response
from starlette.types import ASGIApp, Receive, Scope, Send

ANY = "*"
MOST_KNOWN = 256
OPEN_TO_ADDRESSES = frozenset({"/health", "/health/live", "/health/ready", "/metrics"})
"""Balancers and collectors ask each instance by its address, and learn nothing there that is of use in a browser."""


class Hosts:
    """The issuer's host, this machine, and what was set besides; whatever the port.

    A page of another site whose name was made to lead here (DNS rebinding) names that site, and is refused; so is a
    cache that would keep our answers under a foreign name. An address names nobody else, yet it is not what clients
    are told: at `OPEN_TO_ADDRESSES` it is taken, elsewhere it has to be set.
    """

    def __init__(self, issuer: str, more: Collection[str]) -> None:
        """`more` are names or addresses without a port, in lower case; one of them may be `*`: any."""
        self._any = ANY in more
        self._names = frozenset({urlsplit(issuer).hostname, "localhost", *more})
        self._known: set[bytes] = set()

    def knows(self, host: bytes | None) -> bool:
        """Whether this very `Host` was taken before, at any path: the quick question of the doors in front."""
        return host in self._known

    def takes(self, host: bytes, path: str) -> bool:
        """Whether a request for this `Host` is one for us."""
        if host in self._known:
            return True
        name = _name(host)
        if self._any or not host or name in self._names or _is_loopback(name):
            if len(self._known) < MOST_KNOWN:
                self._known.add(host)
            return True
        return path in OPEN_TO_ADDRESSES and _is_address(name)


class HostCheck:
    """Refuses what is asked under another name (RFC 9110 §15.5.20). Without a `Host` (HTTP/1.0), or with an empty one,
    nobody was named."""

    def __init__(self, app: ASGIApp, *, hosts: Hosts, refusal: Callable[[Request], Response]) -> None:
        self._app = app
        self._hosts = hosts
        self._refusal = refusal

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "http":
            given = (value for name, value in scope["headers"] if name == b"host")
            if not all(self._hosts.takes(host, scope["path"]) for host in given):
                await self._refusal(Request(scope))(scope, receive, send)
                return
        await self._app(scope, receive, send)


def _name(host: bytes) -> str:
    """Without port, brackets and the dot of the root, in lower case."""
    text = host.decode("latin-1").strip().lower()
    if text.startswith("["):
        return text[1:].partition("]")[0]
    return text.partition(":")[0].removesuffix(".")


def _is_address(name: str) -> bool:
    try:
        ip_address(name)
    except ValueError:
        return False
    return True


def _is_loopback(name: str) -> bool:
    return _is_address(name) and ip_address(name).is_loopback

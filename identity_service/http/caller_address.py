"""Which address a request came from: that of the connection, or what proxies say that the operator trusts."""

import logging
from collections.abc import Callable, Iterable, Sequence
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_address
from typing import Any, Literal

from starlette.types import ASGIApp, Receive, Scope, Send

from identity_service.http.request_id import BEGUN

log = logging.getLogger(__name__)

Address = IPv4Address | IPv6Address
Network = IPv4Network | IPv6Network
Header = Literal["x-forwarded-for", "forwarded"]
Client = tuple[str, int] | None
"""The other end of a connection; None for a socket that is a file."""
Note = Callable[[str, str], None]
"""Takes what kind of attempt it was, and the address that it came from."""
UNTRUSTED_PEER, CLAIMED_PROXY = "untrusted_peer", "claimed_proxy"
MOST_LOOKED_AT = 20
"""Entries left of the caller's own, of which a lie is looked for."""


class OwnConnections:
    """Undoes what a server has made of `scope["client"]`.

    uvicorn with its proxy headers, which are its default, believes whoever comes from loopback, and what it writes
    there cannot be told from the address of a connection.

    Its `send` belongs to the connection, which is asked. Other servers leave the scope alone.
    """

    def __init__(self, app: ASGIApp) -> None:
        self._app = app
        self.front: object = getattr(app, "front", None)  # it has the connection's own address

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "http" and any(name == b"x-forwarded-for" for name, _ in scope["headers"]):
            transport = getattr(getattr(send, "__self__", None), "transport", None)
            if transport is not None:
                scope["client"] = _name(transport.get_extra_info("peername"))
        await self._app(scope, receive, send)


def _name(peer: Any) -> tuple[str, int] | None:
    """None for a socket that is a file: it has no address."""
    return (str(peer[0]), int(peer[1])) if isinstance(peer, (tuple, list)) and len(peer) > 1 else None


class CallerAddresses:
    """Finds out who calls, from a connection and what its headers say.

    Proxies append, so the list is read from the right: each entry was written by the proxy after it, and is believed
    while that one is trusted. What stands further left may be anybody's invention. One header is read and the other
    one never: a proxy that writes the one passes the other on as it came.

    Two things are attempts to pass for somebody else: the header from a peer that is no proxy of ours, and an entry in
    front of the caller's own that names a proxy of ours, which nobody has come through before. Other entries there are
    ordinary: proxies of the caller's own house write them.
    """

    def __init__(self, *, trusted: Iterable[Network], header: Header, note: Note) -> None:
        self._trusted = tuple(trusted)
        self._header = header.encode("ascii")
        self._parse = _forwarded_for if header == "forwarded" else _host
        self._note = note
        self._said = False

    def of(self, client: Client, headers: Iterable[tuple[bytes, bytes]]) -> Client:
        """Address and port of whoever sent a request with these headers over the connection of `client`."""
        chain = [value for name, value in headers if name == self._header]
        return self._settled(client, b",".join(chain).decode("latin-1")) if chain and client else client

    def _settled(self, client: tuple[str, int], chain: str) -> tuple[str, int]:
        nearest = _address(client[0])
        if nearest is None or not self._trusts(nearest):
            self._say_once(client[0])
            self._note(UNTRUSTED_PEER, client[0])
            return client
        entries = chain.split(",")
        caller, unread = self._caller(nearest, entries)
        if unread and any(map(self._is_our_proxy, entries[max(0, unread - MOST_LOOKED_AT) : unread])):
            self._note(CLAIMED_PROXY, str(caller))
        return str(caller), 0

    def _caller(self, nearest: Address, entries: Sequence[str]) -> tuple[Address, int]:
        """`nearest` is trusted; so is what it says, and so on, up to the first that is not. How many entries are in
        front of that one, too: none where nobody can be blamed for them."""
        for at in range(len(entries) - 1, -1, -1):
            told = self._parse(entries[at])
            if told is None:
                break
            nearest = told
            if not self._trusts(told):
                return nearest, at
        return nearest, 0

    def _is_our_proxy(self, entry: str) -> bool:
        told = self._parse(entry)
        return told is not None and self._trusts(told)

    def _trusts(self, address: Address) -> bool:
        return any(address in network for network in self._trusted)

    def _say_once(self, peer: str) -> None:
        if not self._said:
            log.warning(
                "%s sends the header of a proxy and is not in TRUSTED_PROXIES: it is the caller that limits count",
                peer,
            )
            self._said = True


class CallerAddress:
    """Puts the caller's address into `scope["client"]`, for everybody behind it, where no door in front has done so."""

    def __init__(self, app: ASGIApp, *, addresses: CallerAddresses) -> None:
        self._app = app
        self._addresses = addresses

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "http" and BEGUN not in scope.get("state", ()):
            scope["client"] = self._addresses.of(scope.get("client"), scope["headers"])
        await self._app(scope, receive, send)


def _address(text: str) -> Address | None:
    """An IPv4 address that came over IPv6 is the IPv4 address."""
    try:
        found = ip_address(text)
    except ValueError:
        return None
    return getattr(found, "ipv4_mapped", None) or found


def _host(text: str) -> Address | None:
    """An entry of X-Forwarded-For: an address, with a port or without, IPv6 with brackets or without."""
    text = text.strip()
    if text.startswith("["):
        text = text[1:].partition("]")[0]
    elif text.count(":") == 1:
        text = text.partition(":")[0]
    return _address(text)


def _forwarded_for(element: str) -> Address | None:
    """`for` of one element (RFC 7239 §4); None for names that hide (§6.3), for what is malformed or said twice.

    The caller splits at every comma: a quote that somebody left open further left swallows nothing of this element.
    """
    pairs = [part.partition("=") for part in element.split(";")]
    values = [value.strip() for name, _, value in pairs if name.strip().lower() == "for"]
    return _host(values[0].strip('"')) if len(values) == 1 else None

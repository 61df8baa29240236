"""Decides what a broken network looks like to a test: a TCP proxy that delays, loses, holds and cuts."""

import asyncio
import socket
import struct
from dataclasses import dataclass, field
from typing import Literal
from urllib.parse import urlsplit

from tests.servers.process import ServerFailed, free_port

Direction = Literal["both", "to_server", "to_client"]
TRIES = 20
TURNS = 5
CHUNK = 65_536


@dataclass(eq=False)
class _Link:
    """One client's connection with its counterpart at the target."""

    client: asyncio.StreamWriter
    server: asyncio.StreamWriter
    lost: bool = False
    open: asyncio.Event = field(default_factory=asyncio.Event)
    pumps: list[asyncio.Task[None]] = field(default_factory=list)


class TcpProxy:
    """Forwards a loopback port to a target, and can be told to misbehave. Lives in the test's event loop."""

    def __init__(self, url: str) -> None:
        """Make a proxy; `start` opens it.

        Args:
            url: of the target; any scheme, host and port are needed.
        """
        self._target = urlsplit(url)
        if self._target.hostname is None or self._target.port is None:
            raise ValueError("a proxy needs the host and the port of its target")
        self._place = _held_port()
        self.port: int = self._place.getsockname()[1]
        self.delay = 0.0
        self._swallowed: frozenset[str] = frozenset()
        self._open = {"to_server": asyncio.Event(), "to_client": asyncio.Event()}
        self._links: dict[_Link, None] = {}  # in the order in which they were opened
        self._server: asyncio.Server | None = None
        self._connecting: set[asyncio.Task[None]] = set()

    @property
    def url(self) -> str:
        """The target's URL with the proxy's address in it."""
        account, at, _ = self._target.netloc.rpartition("@")
        return self._target._replace(netloc=f"{account}{at}127.0.0.1:{self.port}").geturl()

    @property
    def connections(self) -> int:
        """How many connections it carries now."""
        return len(self._links)

    async def start(self) -> None:
        """Listen, and forward faithfully."""
        self._let_through()
        await self._listen()

    def swallow(self, direction: Direction = "both") -> None:
        """Accept and read, and throw away what goes in a direction: the other side seems to hang."""
        self._swallowed = frozenset(_directions(direction))

    def hold(self, direction: Direction = "both") -> None:
        """Keep what goes in a direction until `heal`, as a network does that comes back and sends again."""
        for name in _directions(direction):
            self._open[name].clear()

    def hold_one(self, which: int) -> None:
        """Keep what goes over one connection, counted from the oldest and round again, until `heal`."""
        if self._links:
            tuple(self._links)[which % len(self._links)].open.clear()

    def reset_one(self, which: int) -> None:
        """Cut one connection, counted alike, with a reset (RST)."""
        if self._links:
            self._reset(tuple(self._links)[which % len(self._links)])

    def reset(self) -> None:
        """Cut every connection there is with a reset (RST)."""
        for link in tuple(self._links):
            self._reset(link)

    def cut(self) -> None:
        """Cut every connection and refuse new ones, until `heal`."""
        if self._server is not None:
            self._server.close()
            self._server = None
        self.reset()

    async def heal(self) -> None:
        """Forward faithfully again. Connections that have lost bytes are cut: they cannot be put right."""
        self.delay, self._swallowed = 0.0, frozenset()
        for link in tuple(self._links):
            if link.lost:
                self._reset(link)
        self._let_through()
        if self._server is None:
            await self._listen()

    async def close(self) -> None:
        """Cut everything and end."""
        self.cut()
        self._place.close()
        for _ in range(
            TURNS
        ):  # what was accepted in the last moment is heard of some turns of the loop later
            await asyncio.sleep(0)
        while self._connecting:
            await asyncio.wait(self._connecting)
        self.reset()

    def _let_through(self) -> None:
        for event in (*self._open.values(), *(link.open for link in self._links)):
            event.set()

    async def _listen(self) -> None:
        self._server = await asyncio.start_server(
            self._accept, "127.0.0.1", self.port, limit=CHUNK, reuse_port=True
        )

    def _accept(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.ensure_future(self._carry(reader, writer))
        self._connecting.add(task)
        task.add_done_callback(self._connecting.discard)

    async def _carry(self, from_client: asyncio.StreamReader, client: asyncio.StreamWriter) -> None:
        try:
            from_server, server = await asyncio.open_connection(
                self._target.hostname, self._target.port, limit=CHUNK
            )
        except OSError:
            _abort(client)
            return
        link = _Link(client, server)
        link.pumps = [
            asyncio.ensure_future(self._pump(link, from_client, server, "to_server")),
            asyncio.ensure_future(self._pump(link, from_server, client, "to_client")),
        ]
        link.open.set()
        self._links[link] = None
        if self._server is None:
            self._reset(link)
        await asyncio.wait(link.pumps, return_when=asyncio.FIRST_EXCEPTION)
        if any(isinstance(end, OSError) for end in await self._ends(link)):
            self._reset(link)
        self._links.pop(link, None)
        client.close()
        server.close()

    async def _ends(self, link: _Link) -> list[BaseException | None]:
        for pump in link.pumps:
            pump.cancel()  # only one is left running, if the other one has failed
        return await asyncio.gather(*link.pumps, return_exceptions=True)

    async def _pump(
        self, link: _Link, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, direction: str
    ) -> None:
        more = True
        while more:
            data = await reader.read(CHUNK)
            more = bool(data)
            await asyncio.sleep(self.delay)
            await self._open[direction].wait()
            await link.open.wait()
            if direction in self._swallowed:
                link.lost = True
            elif more:
                writer.write(data)
                await writer.drain()
            else:
                writer.write_eof()

    def _reset(self, link: _Link) -> None:
        self._links.pop(link, None)
        for pump in link.pumps:
            pump.cancel()
        _abort(link.client)
        _abort(link.server)


def _held_port() -> socket.socket:
    """A socket that keeps a port from others, and never listens: while the proxy does not either, it refuses.

    A port that is free to listen on may still be refused here, for a while after a connection of it has ended.
    """
    for _ in range(TRIES):
        place = socket.socket()
        place.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEPORT, 1)
        try:
            place.bind(("127.0.0.1", free_port()))
        except OSError:
            place.close()
            continue
        return place
    raise ServerFailed(f"no port for a proxy in {TRIES} tries")


def _directions(direction: Direction) -> tuple[str, ...]:
    return ("to_server", "to_client") if direction == "both" else (direction,)


def _abort(writer: asyncio.StreamWriter) -> None:
    raw = writer.get_extra_info("socket")
    if raw is not None and not writer.is_closing():
        raw.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    writer.transport.abort()

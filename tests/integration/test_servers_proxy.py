"""The TCP proxy forwards faithfully, and breaks exactly as it is told to."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable

import pytest

from tests.servers.proxy import Direction, TcpProxy

Proxying = Callable[[str], Awaitable[TcpProxy]]
A_MOMENT = 0.1


class Echo:
    """Sends back what it gets, and remembers it."""

    def __init__(self) -> None:
        self.got = bytearray()
        self.ended: list[str] = []
        self.over = asyncio.Event()

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            while data := await reader.read(4096):
                self.got += data
                writer.write(data)
                await writer.drain()
            self.ended.append("end")
        except ConnectionResetError:
            self.ended.append("reset")
        finally:
            self.over.set()
            writer.close()


class Client:
    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.reader, self.writer = reader, writer

    @classmethod
    async def of(cls, proxy: TcpProxy) -> "Client":
        return cls(*await asyncio.open_connection("127.0.0.1", proxy.port))

    async def says(self, text: bytes) -> bytes:
        self.writer.write(text)
        return await self.reader.readexactly(len(text))

    async def hears_nothing(self) -> None:
        with pytest.raises(asyncio.TimeoutError):
            await asyncio.wait_for(self.reader.readexactly(1), A_MOMENT)

    def leaves(self) -> None:
        self.writer.close()


@pytest.fixture
async def echo() -> AsyncIterator[tuple[Echo, str]]:
    echo = Echo()
    server = await asyncio.start_server(echo.serve, "127.0.0.1", 0)
    yield echo, f"tcp://somebody:secret@127.0.0.1:{server.sockets[0].getsockname()[1]}/path?query=1"
    server.close()


async def test_it_forwards_both_ways_and_the_end(echo: tuple[Echo, str], tcp_proxy: Proxying) -> None:
    proxy = await tcp_proxy(echo[1])
    client = await Client.of(proxy)
    assert await client.says(b"hello") == b"hello"
    assert await client.says(bytes(1_000_000)) == bytes(1_000_000)
    client.writer.write(b"last")
    client.writer.write_eof()
    assert await client.reader.read() == b"last"
    assert echo[0].ended == ["end"]
    client.leaves()


async def test_its_url_is_the_targets_with_its_own_address(
    echo: tuple[Echo, str], tcp_proxy: Proxying
) -> None:
    proxy = await tcp_proxy(echo[1])
    assert proxy.url == f"tcp://somebody:secret@127.0.0.1:{proxy.port}/path?query=1"


async def test_a_target_without_a_port_is_refused(tcp_proxy: Proxying) -> None:
    with pytest.raises(ValueError, match="host and the port"):
        await tcp_proxy("tcp://127.0.0.1")


@pytest.mark.parametrize(
    ("direction", "arrives"), [("both", b""), ("to_server", b""), ("to_client", b"lost")]
)
async def test_what_is_swallowed_never_arrives_and_healing_cuts_the_connection(
    echo: tuple[Echo, str], tcp_proxy: Proxying, direction: Direction, arrives: bytes
) -> None:
    proxy = await tcp_proxy(echo[1])
    client = await Client.of(proxy)
    assert await client.says(b"before ") == b"before "
    proxy.swallow(direction)
    client.writer.write(b"lost")
    await client.hears_nothing()
    assert bytes(echo[0].got) == b"before " + arrives
    await proxy.heal()
    with pytest.raises(ConnectionResetError):
        await client.reader.readexactly(1)
    client.leaves()
    another = await Client.of(proxy)
    assert await another.says(b"after") == b"after"
    another.leaves()


async def test_a_connection_that_lost_nothing_survives_the_swallowing(
    echo: tuple[Echo, str], tcp_proxy: Proxying
) -> None:
    proxy = await tcp_proxy(echo[1])
    client = await Client.of(proxy)
    assert await client.says(b"before") == b"before"
    proxy.swallow()
    await proxy.heal()
    assert await client.says(b"after") == b"after"
    client.leaves()


async def test_a_new_connection_is_accepted_while_bytes_are_swallowed(
    echo: tuple[Echo, str], tcp_proxy: Proxying
) -> None:
    proxy = await tcp_proxy(echo[1])
    proxy.swallow()
    client = await Client.of(proxy)
    client.writer.write(b"is anybody there")
    await client.hears_nothing()
    client.leaves()


@pytest.mark.parametrize("direction", ["both", "to_server", "to_client"])
async def test_what_is_held_arrives_once_it_is_healed(
    echo: tuple[Echo, str], tcp_proxy: Proxying, direction: Direction
) -> None:
    proxy = await tcp_proxy(echo[1])
    client = await Client.of(proxy)
    assert await client.says(b"before") == b"before"
    proxy.hold(direction)
    client.writer.write(b"late")
    await client.hears_nothing()
    await proxy.heal()
    assert await client.reader.readexactly(4) == b"late"
    client.leaves()


async def test_what_is_delayed_arrives_later_and_whole(echo: tuple[Echo, str], tcp_proxy: Proxying) -> None:
    proxy = await tcp_proxy(echo[1])
    client = await Client.of(proxy)
    proxy.delay = 2 * A_MOMENT
    client.writer.write(b"slow")
    await client.hears_nothing()
    assert await client.reader.readexactly(4) == b"slow"
    client.leaves()


async def test_a_cut_resets_what_there_is_and_refuses_what_comes_until_it_is_healed(
    echo: tuple[Echo, str], tcp_proxy: Proxying
) -> None:
    proxy = await tcp_proxy(echo[1])
    client = await Client.of(proxy)
    assert await client.says(b"before") == b"before"
    proxy.cut()
    with pytest.raises(ConnectionResetError):
        await client.reader.readexactly(1)
    client.leaves()
    with pytest.raises(ConnectionRefusedError):
        await Client.of(proxy)
    assert proxy.connections == 0
    await proxy.heal()
    again = await Client.of(proxy)
    assert await again.says(b"after") == b"after"
    assert echo[0].ended == ["reset"]
    again.leaves()


async def test_a_reset_cuts_what_there_is_and_lets_in_what_comes(
    echo: tuple[Echo, str], tcp_proxy: Proxying
) -> None:
    proxy = await tcp_proxy(echo[1])
    client = await Client.of(proxy)
    assert await client.says(b"before") == b"before"
    proxy.reset()
    with pytest.raises(ConnectionResetError):
        await client.reader.readexactly(1)
    client.leaves()
    again = await Client.of(proxy)
    assert await again.says(b"after") == b"after"
    again.leaves()


async def test_one_connection_is_held_and_the_others_are_not(
    echo: tuple[Echo, str], tcp_proxy: Proxying
) -> None:
    proxy = await tcp_proxy(echo[1])
    older, newer = await Client.of(proxy), await Client.of(proxy)
    assert [await client.says(b"before") for client in (older, newer)] == [b"before"] * 2
    proxy.hold_one(2)  # round again: the older one
    older.writer.write(b"late")
    await older.hears_nothing()
    assert await newer.says(b"meanwhile") == b"meanwhile"
    await proxy.heal()
    assert await older.reader.readexactly(4) == b"late"
    older.leaves()
    newer.leaves()


async def test_one_connection_is_reset_and_the_others_are_not(
    echo: tuple[Echo, str], tcp_proxy: Proxying
) -> None:
    proxy = await tcp_proxy(echo[1])
    older, newer = await Client.of(proxy), await Client.of(proxy)
    assert [await client.says(b"before") for client in (older, newer)] == [b"before"] * 2
    proxy.reset_one(1)
    with pytest.raises(ConnectionResetError):
        await newer.reader.readexactly(1)
    assert await older.says(b"after") == b"after"
    older.leaves()
    newer.leaves()


async def test_a_target_that_is_away_looks_cut(tcp_proxy: Proxying) -> None:
    nothing = await asyncio.start_server(Echo().serve, "127.0.0.1", 0)
    port = nothing.sockets[0].getsockname()[1]
    nothing.close()
    await nothing.wait_closed()
    proxy = await tcp_proxy(f"tcp://127.0.0.1:{port}")
    client = await Client.of(proxy)
    with pytest.raises((ConnectionResetError, asyncio.IncompleteReadError)):
        await client.reader.readexactly(1)
    client.leaves()


async def test_a_reset_of_the_client_reaches_the_target(echo: tuple[Echo, str], tcp_proxy: Proxying) -> None:
    proxy = await tcp_proxy(echo[1])
    first, second = await tcp_proxy(proxy.url), await Client.of(proxy)
    through = await Client.of(first)
    assert await through.says(b"one") == b"one"
    assert await second.says(b"two") == b"two"
    first.reset()
    with pytest.raises(ConnectionResetError):
        await through.reader.readexactly(1)
    await echo[0].over.wait()
    assert echo[0].ended == ["reset"]
    assert await second.says(b"three") == b"three"
    through.leaves()
    second.leaves()

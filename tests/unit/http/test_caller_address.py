"""Whose address limits count: the connection's, and a header's only where a trusted proxy wrote it (RFC 7239 §8.1)."""

from ipaddress import ip_network
from typing import Any

import pytest

from identity_service.http.caller_address import CallerAddress, CallerAddresses, OwnConnections

PROXY = "10.0.0.1"
TRUSTED = [ip_network(each) for each in ("10.0.0.0/30", "2001:db8:1::/64")]
FORWARDED_FOR = "x-forwarded-for"


notes: list[tuple[str, str]] = []


@pytest.fixture(autouse=True)
def nothing_noted() -> None:
    notes.clear()


async def caller(
    peer: str, *headers: tuple[str, str], header: Any = FORWARDED_FOR, trusted: Any = TRUSTED
) -> str:
    """What stands in the scope behind it."""
    seen: list[Any] = []

    async def app(scope: Any, receive: Any, send: Any) -> None:
        seen.append(scope["client"][0])

    raw = [(name.encode(), value.encode("latin-1")) for name, value in headers]
    scope = {"type": "http", "client": (peer, 5000), "headers": raw}
    addresses = CallerAddresses(trusted=trusted, header=header, note=lambda *told: notes.append(told))
    await CallerAddress(app, addresses=addresses)(scope, _nothing, _nothing)  # type: ignore[arg-type]  # never called
    return str(seen[0])


async def _nothing(*message: Any) -> None:
    """Nobody listens."""


CHAINS = {
    "one proxy": ("203.0.113.9", "203.0.113.9"),
    "what the caller wrote before it": ("6.6.6.6, 203.0.113.9", "203.0.113.9"),
    "a trusted address that the caller made up": ("6.6.6.6, 10.0.0.2, 203.0.113.9", "203.0.113.9"),
    "two proxies in a row": ("6.6.6.6,203.0.113.9 , 10.0.0.2", "203.0.113.9"),
    "a caller within the trusted networks": ("10.0.0.3, 10.0.0.2", "10.0.0.3"),
    "a port": ("203.0.113.9:4711", "203.0.113.9"),
    "IPv6": ("2001:db8::9", "2001:db8::9"),
    "IPv6 with a port": ("[2001:db8::9]:443", "2001:db8::9"),
    "IPv6 in another spelling": ("2001:0DB8:0:0::9", "2001:db8::9"),
    "IPv4 over IPv6": ("::ffff:203.0.113.9", "203.0.113.9"),
    "an IPv6 proxy": ("203.0.113.9, 2001:db8:1::5", "203.0.113.9"),
    "a word": ("unknown", PROXY),
    "a word behind a proxy": ("6.6.6.6, unknown, 10.0.0.2", "10.0.0.2"),
    "nothing": ("", PROXY),
    "commas": (",,,", PROXY),
    "bytes": ("\xff\x00, ]", PROXY),
}


@pytest.mark.parametrize(("chain", "found"), CHAINS.values(), ids=CHAINS)
async def test_a_trusted_proxy_is_believed_and_whom_it_does_not_know_is_not(chain: str, found: str) -> None:
    assert await caller(PROXY, (FORWARDED_FOR, chain)) == found


@pytest.mark.parametrize("chain", ["203.0.113.9", "10.0.0.2", ""])
async def test_a_header_from_anybody_else_is_not_read(chain: str) -> None:
    assert await caller("198.51.100.7", (FORWARDED_FOR, chain)) == "198.51.100.7"
    assert await caller(PROXY, (FORWARDED_FOR, chain), trusted=[]) == PROXY


async def test_a_proxy_that_is_reached_over_ipv6_is_the_same_one() -> None:
    assert await caller("::ffff:10.0.0.1", (FORWARDED_FOR, "203.0.113.9")) == "203.0.113.9"


async def test_a_header_said_twice_is_one_list() -> None:
    assert await caller(PROXY, (FORWARDED_FOR, "6.6.6.6"), (FORWARDED_FOR, "203.0.113.9")) == "203.0.113.9"


async def test_the_header_that_is_not_configured_is_never_read() -> None:
    both = (("forwarded", "for=6.6.6.6"), (FORWARDED_FOR, "203.0.113.9"))
    assert await caller(PROXY, *both) == "203.0.113.9"
    assert await caller(PROXY, both[0]) == PROXY
    assert await caller(PROXY, both[1], header="forwarded") == PROXY


ELEMENTS = {
    "plain": ("for=203.0.113.9", "203.0.113.9"),
    "rfc7239_s4 with everything": ('For="203.0.113.9:4711";proto=https;by=10.0.0.1', "203.0.113.9"),
    "rfc7239_s6 IPv6 in quotes": ('proto=http; for="[2001:db8:cafe::17]:4711"', "2001:db8:cafe::17"),
    "what the caller wrote before it": ("for=6.6.6.6, for=203.0.113.9", "203.0.113.9"),
    "a quote that the caller left open": ('for="6.6.6.6, for=203.0.113.9', "203.0.113.9"),
    "rfc7239_s6_3 a hidden name": ("for=6.6.6.6, for=_hidden", PROXY),
    "unknown": ("for=unknown", PROXY),
    "twice in one element": ("for=6.6.6.6;for=203.0.113.9", PROXY),
    "nothing of the kind": ("host=6.6.6.6", PROXY),
}


@pytest.mark.parametrize(("header", "found"), ELEMENTS.values(), ids=ELEMENTS)
async def test_rfc7239_forwarded_is_read_the_same_way(header: str, found: str) -> None:
    assert await caller(PROXY, ("forwarded", header), header="forwarded") == found


async def test_an_untrusted_proxy_is_named_in_the_log_once(caplog: pytest.LogCaptureFixture) -> None:
    async def app(scope: Any, receive: Any, send: Any) -> None: ...

    addresses = CallerAddresses(trusted=TRUSTED, header="x-forwarded-for", note=lambda *told: None)
    middleware = CallerAddress(app, addresses=addresses)
    for _ in range(3):
        scope = {"type": "http", "client": ("198.51.100.7", 1), "headers": [(b"x-forwarded-for", b"1.2.3.4")]}
        await middleware(scope, _nothing, _nothing)  # type: ignore[arg-type]  # never called  # a receive that is never called
    assert (
        len([line for line in caplog.messages if "198.51.100.7" in line and "TRUSTED_PROXIES" in line]) == 1
    )


ATTEMPTS = {
    "a proxy of ours in front": (PROXY, "10.0.0.2, 203.0.113.9", ("claimed_proxy", "203.0.113.9")),
    "further in front": (PROXY, "::ffff:10.0.0.2, 6.6.6.6, 203.0.113.9", ("claimed_proxy", "203.0.113.9")),
    "beyond a real one": (PROXY, "10.0.0.2, 203.0.113.9, 10.0.0.3", ("claimed_proxy", "203.0.113.9")),
    "from who is no proxy": ("198.51.100.7", "203.0.113.9", ("untrusted_peer", "198.51.100.7")),
    "from who is none, nothing": ("198.51.100.7", "", ("untrusted_peer", "198.51.100.7")),
}
ORDINARY = {
    "one caller": "203.0.113.9",
    "a proxy of the caller's house": "192.168.1.4, 203.0.113.9",
    "a carrier's": "100.64.0.9, 198.51.100.1, 203.0.113.9",
    "garbage in front": "unknown, ]], 203.0.113.9",
    "two of ours": "203.0.113.9, 10.0.0.2",
    "one who is within": "10.0.0.3, 10.0.0.2",
    "behind garbage": "10.0.0.2, unknown, 10.0.0.3",
    "too far to look": "10.0.0.2, " + "6.6.6.6, " * 20 + "203.0.113.9",
}


@pytest.mark.parametrize(("peer", "chain", "attempt"), ATTEMPTS.values(), ids=ATTEMPTS)
async def test_attack_34_a_lie_about_ones_address_is_noted(
    peer: str, chain: str, attempt: tuple[str, str]
) -> None:
    await caller(peer, (FORWARDED_FOR, chain))

    assert notes == [attempt]


@pytest.mark.parametrize("chain", ORDINARY.values(), ids=ORDINARY)
async def test_what_proxies_of_callers_write_is_no_attempt(chain: str) -> None:
    await caller(PROXY, (FORWARDED_FOR, chain))
    await caller("198.51.100.7")

    assert notes == []


class Cycle:
    """As uvicorn's: `send` is a method of what has the transport."""

    def __init__(self, peer: Any) -> None:
        self.transport = self
        self._peer = peer

    def get_extra_info(self, name: str) -> Any:
        return {"peername": self._peer}[name]

    async def send(self, message: Any) -> None:
        """Nobody listens."""


@pytest.mark.parametrize(
    ("peer", "found"),
    [(("198.51.100.7", 9), ("198.51.100.7", 9)), (("::1", 9, 0, 0), ("::1", 9)), ("", None)],
)
async def test_what_a_server_made_of_the_address_is_undone(peer: Any, found: Any) -> None:
    scope: Any = {"type": "http", "client": ("6.6.6.6", 0), "headers": [(b"x-forwarded-for", b"6.6.6.6")]}
    await OwnConnections(_nothing)(scope, _nothing, Cycle(peer).send)  # type: ignore[arg-type]  # never called
    assert scope["client"] == found


async def test_a_server_whose_connections_are_unknown_is_believed() -> None:
    scope: Any = {"type": "http", "client": ("192.0.2.1", 7), "headers": [(b"x-forwarded-for", b"6.6.6.6")]}
    await OwnConnections(_nothing)(scope, _nothing, _nothing)  # type: ignore[arg-type]  # never called  # never called
    assert scope["client"] == ("192.0.2.1", 7)

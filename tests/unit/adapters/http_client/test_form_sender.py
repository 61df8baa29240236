"""Forms go to the address that was checked, or nowhere (ATTACKS 22)."""

import asyncio
import socket
import ssl
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager, suppress
from datetime import UTC, datetime, timedelta
from ipaddress import ip_address
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from identity_service.adapters.http_client.form_sender import Address, GuardedFormSender, is_public
from identity_service.ports.form_sender import Unsent

HOST = "app.example"
LOOPBACK = ip_address("127.0.0.1")
OK = b"HTTP/1.1 204 No Content\r\n\r\n"

PUBLIC = ["93.184.216.34", "2606:2800:220:1:248:1893:25c8:1946", "64:ff9b::5db8:d822"]
PRIVATE = [
    *("127.0.0.1", "10.0.0.1", "172.16.0.1", "192.168.1.1", "169.254.169.254", "100.64.0.1"),
    *("0.0.0.1", "224.0.0.1", "239.1.2.3", "255.255.255.255", "192.0.2.1", "198.18.0.1"),
    *("::1", "::", "fe80::1", "fc00::1", "ff02::1", "2001:db8::1"),
    *("::ffff:127.0.0.1", "::ffff:10.0.0.1", "64:ff9b::7f00:1", "64:ff9b::a9fe:a9fe", "2002:7f00:1::"),
]


@pytest.mark.parametrize(
    ("address", "public"), [(each, True) for each in PUBLIC] + [(each, False) for each in PRIVATE]
)
def test_attack_22_an_address_is_public_or_not_however_it_is_wrapped(address: str, public: bool) -> None:
    assert is_public(ip_address(address)) is public


class Server:
    """Answers every request with the same bytes, and keeps what it was sent; without bytes it never answers."""

    def __init__(self, answer: bytes | None) -> None:
        self.answer = answer
        self.got: list[bytes] = []
        self.port = 0
        self.connections = 0
        self.tasks: list[asyncio.Task[None] | None] = []

    async def __call__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.connections += 1
        self.tasks.append(asyncio.current_task())
        head = await reader.readuntil(b"\r\n\r\n")
        length = int(head.lower().partition(b"content-length: ")[2].partition(b"\r\n")[0])
        self.got.append(head + await reader.readexactly(length))
        if self.answer is None:
            await reader.read()
        else:
            writer.write(self.answer)
            await writer.drain()
        writer.close()
        with suppress(OSError):  # the other side may have gone without a word
            await writer.wait_closed()


@asynccontextmanager
async def listening(answer: bytes | None = OK, *, tls: ssl.SSLContext | None = None) -> AsyncIterator[Server]:
    server = Server(answer)
    listener = await asyncio.start_server(server, "127.0.0.1", 0, ssl=tls)
    server.port = listener.sockets[0].getsockname()[1]
    try:
        yield server
    finally:
        listener.close()
        await listener.wait_closed()
        await asyncio.gather(*(task for task in server.tasks if task is not None))


def to(*addresses: str) -> Callable[[str, int], Awaitable[list[Address]]]:
    async def resolve(host: str, port: int) -> list[Address]:
        return [ip_address(each) for each in addresses]

    return resolve


def sender(
    *allowed: str, resolve: object = None, ca_file: Path | None = None, seconds: float = 5
) -> GuardedFormSender:
    return GuardedFormSender(allowed=allowed, ca_file=ca_file, seconds=seconds, resolve=resolve)  # type: ignore[arg-type]  # of a test's making


async def test_the_form_reaches_a_host_that_is_allowed_at_the_address_that_was_found() -> None:
    async with listening() as server:
        allowed = f"{HOST}:{server.port}"
        send = sender(allowed, resolve=to("127.0.0.1"))
        assert await send.post(f"http://{allowed}/back?a=b", {"logout_token": "x.y.z", "ü": "&"}) == 204

    [request] = server.got
    head, _, body = request.partition(b"\r\n\r\n")
    assert head.startswith(b"POST /back?a=b HTTP/1.1\r\n")
    assert f"host: {allowed}".encode() in head.lower()
    assert b"content-type: application/x-www-form-urlencoded" in head.lower()
    assert body == b"logout_token=x.y.z&%C3%BC=%26"


@pytest.mark.parametrize(
    ("url", "why"),
    [
        ("http://{host}:{port}/", "http"),
        ("https://{host}:{port}/", "not public"),
        ("https://127.0.0.1:{port}/", "not public"),
        ("https://[::1]:{port}/", "not public"),
    ],
)
async def test_attack_22_nothing_is_sent_by_http_or_to_an_address_that_is_not_public(
    url: str, why: str
) -> None:
    async with listening() as server:
        send = sender(f"other.example:{server.port}", resolve=to("127.0.0.1"))
        with pytest.raises(Unsent, match=why):
            await send.post(url.format(host=HOST, port=server.port), {"a": "b"})
    assert server.connections == 0


async def test_attack_22_one_private_address_among_public_ones_is_enough() -> None:
    with pytest.raises(Unsent, match="not public"):
        await sender(resolve=to("93.184.216.34", "127.0.0.1")).post(f"https://{HOST}/", {})


@pytest.mark.parametrize("host", ["2130706433", "0x7f.1", "localhost", "127.1"])
async def test_attack_22_loopback_is_recognised_however_it_is_written(host: str) -> None:
    with pytest.raises(Unsent, match=r"not public|no address"):
        await sender().post(f"https://{host}/", {})


async def test_attack_22_another_port_of_an_allowed_host_is_not_allowed() -> None:
    async with listening() as server:
        with pytest.raises(Unsent):
            await sender(f"{HOST}:{server.port + 1}", resolve=to("127.0.0.1")).post(
                f"http://{HOST}:{server.port}/", {}
            )
    assert server.connections == 0


async def test_attack_22_a_name_is_looked_up_once() -> None:
    asked = 0

    async def rebinding(host: str, port: int) -> list[Address]:
        nonlocal asked
        asked += 1
        return [LOOPBACK]

    async with listening() as server:
        allowed = f"{HOST}:{server.port}"
        await sender(allowed, resolve=rebinding).post(f"http://{allowed}/", {})
    assert (asked, server.connections) == (1, 1)


async def test_attack_22_a_redirect_is_an_answer_and_is_not_followed() -> None:
    async with listening() as elsewhere:
        location = f"http://127.0.0.1:{elsewhere.port}/".encode()
        async with listening(
            b"HTTP/1.1 307 X\r\nLocation: " + location + b"\r\nContent-Length: 0\r\n\r\n"
        ) as server:
            allowed = f"{HOST}:{server.port}"
            send = sender(allowed, f"127.0.0.1:{elsewhere.port}", resolve=to("127.0.0.1"))
            assert await send.post(f"http://{allowed}/", {}) == 307
    assert elsewhere.connections == 0


async def test_the_environment_names_no_proxy(monkeypatch: pytest.MonkeyPatch) -> None:
    async with listening() as proxy, listening() as server:
        monkeypatch.setenv("HTTP_PROXY", f"http://127.0.0.1:{proxy.port}")
        allowed = f"{HOST}:{server.port}"
        await sender(allowed, resolve=to("127.0.0.1")).post(f"http://{allowed}/", {})
    assert (proxy.connections, server.connections) == (0, 1)


async def test_of_several_addresses_the_next_is_tried_where_one_takes_no_connection() -> None:
    async with listening() as server:
        allowed = f"{HOST}:{server.port}"
        send = sender(allowed, resolve=to("127.0.0.2" if _loopback_is_a_network() else "::1", "127.0.0.1"))
        assert await send.post(f"http://{allowed}/", {}) == 204


def _loopback_is_a_network() -> bool:
    with socket.socket() as probe:
        try:
            probe.bind(("127.0.0.2", 0))
        except OSError:
            return False
    return True


@pytest.mark.parametrize(
    "answer",
    [b"", b"nonsense\r\n\r\n", b"HTTP/1.1 200 OK\r\nX: " + b"x" * 200_000],
    ids=["nothing", "noise", "endless"],
)
async def test_attack_22_what_is_no_answer_is_none(answer: bytes) -> None:
    async with listening(answer) as server:
        allowed = f"{HOST}:{server.port}"
        with pytest.raises(Unsent, match="exchange failed"):
            await sender(allowed, resolve=to("127.0.0.1")).post(f"http://{allowed}/", {})


async def test_attack_22_who_never_answers_is_waited_for_so_long_and_no_longer() -> None:
    async with listening(None) as server:
        allowed = f"{HOST}:{server.port}"
        with pytest.raises(Unsent, match="no answer within"):
            await sender(allowed, resolve=to("127.0.0.1"), seconds=0.1).post(f"http://{allowed}/", {})


async def test_an_endless_body_is_not_read() -> None:
    async with listening(b"HTTP/1.1 200 OK\r\nContent-Length: 99999999999\r\n\r\n" + b"x" * 1000) as server:
        allowed = f"{HOST}:{server.port}"
        assert await sender(allowed, resolve=to("127.0.0.1")).post(f"http://{allowed}/", {}) == 200


@pytest.mark.parametrize(
    "url", [f"https://{'a' * 70}.example/", "https://xn--.example/", "https://unknown.invalid/"]
)
async def test_a_name_that_is_none_is_unsent(url: str) -> None:
    with pytest.raises(Unsent):
        await sender().post(url, {})


def certified(folder: Path, name: str) -> tuple[ssl.SSLContext, Path]:
    """A server's side of TLS, and the file of the authority that certified its name: itself."""
    key = ec.generate_private_key(ec.SECP256R1())
    subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])
    now = datetime.now(UTC)
    certificate = (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(subject)
        .public_key(key.public_key())
        .serial_number(1)
        .not_valid_before(now - timedelta(hours=1))
        .not_valid_after(now + timedelta(hours=1))
        .add_extension(x509.SubjectAlternativeName([x509.DNSName(name)]), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .sign(key, hashes.SHA256())
    )
    both, authority = folder / "both.pem", folder / "authority.pem"
    authority.write_bytes(certificate.public_bytes(serialization.Encoding.PEM))
    private = key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    both.write_bytes(private + authority.read_bytes())
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(both)
    return context, authority


@pytest.mark.parametrize(
    ("certified_name", "trusted", "arrives"),
    [(HOST, True, True), (HOST, False, False), ("other.example", True, False), ("127.0.0.1", True, False)],
    ids=["certified", "by nobody we know", "as another", "as the address"],
)
async def test_the_certificate_has_to_be_for_the_name_from_an_authority_that_is_known(
    tmp_path: Path, certified_name: str, trusted: bool, arrives: bool
) -> None:
    tls, authority = certified(tmp_path, certified_name)
    async with listening(tls=tls) as server:
        allowed = f"{HOST}:{server.port}"
        send = sender(allowed, resolve=to("127.0.0.1"), ca_file=authority if trusted else None)
        if arrives:
            assert await send.post(f"https://{allowed}/", {"a": "b"}) == 204
        else:
            with pytest.raises(Unsent, match="exchange failed"):
                await send.post(f"https://{allowed}/", {"a": "b"})
            assert server.got == []

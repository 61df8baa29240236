"""A small site on this machine, in plain HTTP or TLS, that answers what a test wants and notes who asked."""

import asyncio
import ssl
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager, suppress
from datetime import UTC, datetime, timedelta
from pathlib import Path
from socket import SOCK_STREAM, AddressFamily, getaddrinfo
from typing import Any

import pytest
from cryptography import x509
from cryptography.hazmat.primitives.asymmetric.ec import SECP256R1, generate_private_key
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from cryptography.x509.oid import NameOID

from identity_service.adapters.http_client import look_ups

CLOSING_SECONDS = 2.0


class WebSite:
    """`answer` is sent to everybody, byte for byte; with `hold` nobody is answered before it is set."""

    def __init__(self, answer: bytes = b"") -> None:
        self.answer = answer
        self.hold: asyncio.Event | None = None
        self.asked: list[bytes] = []
        self.names: list[str | None] = []
        self.open = self.most_open = 0
        self.port = 0

    def says(self, body: bytes, *, media_type: str = "application/json", status: str = "200 OK") -> None:
        """From now on."""
        head = f"HTTP/1.1 {status}\r\nContent-Type: {media_type}\r\nContent-Length: {len(body)}\r\n"
        self.answer = f"{head}Connection: close\r\n\r\n".encode() + body

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.open += 1
        self.most_open = max(self.most_open, self.open)
        with suppress(asyncio.IncompleteReadError, ConnectionError):  # who asked may go away
            self.asked.append(await reader.readuntil(b"\r\n\r\n"))
            if self.hold is not None:
                await self.hold.wait()
            writer.write(self.answer)
            await writer.drain()
        self.open -= 1
        writer.close()


@asynccontextmanager
async def served(site: WebSite, *, tls: ssl.SSLContext | None = None) -> AsyncIterator[WebSite]:
    """The site on a port of 127.0.0.1, for as long as the block lasts."""
    if tls is not None:
        tls.sni_callback = lambda _socket, name, _context: site.names.append(name)
    server = await asyncio.start_server(site._serve, "127.0.0.1", 0, ssl=tls)
    site.port = server.sockets[0].getsockname()[1]
    try:
        yield site
    finally:
        server.close()
        if site.hold is not None:
            site.hold.set()
        with suppress(TimeoutError):
            async with asyncio.timeout(CLOSING_SECONDS):
                await _left(server)


async def _left(server: asyncio.Server) -> None:
    """Until every connection is over, one whose handshake failed included: the loop may end right after."""
    await server.wait_closed()
    while getattr(server, "_active_count", 0):  # before Python 3.12 the line above waits for none of them
        await asyncio.sleep(0.01)


async def on_this_machine(host: str, port: int) -> Sequence[str]:
    """Resolves every name to where sites of tests are."""
    return ["127.0.0.1"]


def tls_for(host: str, folder: Path) -> tuple[ssl.SSLContext, Path]:
    """What a site needs to be `host`, and the certificate that a caller has to believe."""
    key = generate_private_key(SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, host)])
    now = datetime.now(UTC)
    certificate = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.DNSName(host)]), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .sign(key, SHA256())
    )
    public, private = folder / f"{host}.pem", folder / f"{host}.key"
    public.write_bytes(certificate.public_bytes(Encoding.PEM))
    private.write_bytes(key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()))
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(public, private)
    return context, public


def leads_inside(monkeypatch: pytest.MonkeyPatch, host: str, *, to: str) -> None:
    """From now on the system resolves this name to this address, as whoever owns the name can have it."""
    found = [(AddressFamily.AF_INET6 if ":" in to else AddressFamily.AF_INET, SOCK_STREAM, 0, "", (to, 0))]

    def resolve(name: str, port: int, **how: int) -> list[Any]:
        return found if name == host else getaddrinfo(name, port, **how)

    monkeypatch.setattr(look_ups, "getaddrinfo", resolve)

"""The server that is attacked, and how often and how long: nothing is sent anywhere else."""

import asyncio
import ssl
from collections.abc import Mapping
from dataclasses import dataclass, field
from time import monotonic
from typing import Any
from urllib.parse import urlsplit

import httpx2

MOST_REQUESTS = 300
MOST_SECONDS = 120.0
PATIENCE_SECONDS = 10.0
MOST_READ = 1_000_000
LOOPBACK = ("localhost", "127.0.0.1", "::1")
METADATA = ("/.well-known/oauth-authorization-server", "/.well-known/openid-configuration")
USUAL = {
    "authorization_endpoint": "/oauth2/authorize",
    "token_endpoint": "/oauth2/token",
    "introspection_endpoint": "/oauth2/introspect",
    "revocation_endpoint": "/oauth2/revoke",
    "userinfo_endpoint": "/oauth2/userinfo",
    "end_session_endpoint": "/oauth2/logout",
    "jwks_uri": "/.well-known/jwks.json",
}
"""Where endpoints are that the metadata does not name."""


class Over(Exception):
    """As many requests as there may be were sent, or time is up."""


@dataclass(frozen=True, slots=True)
class Credentials:
    """A client of the server's own, in whose name some attacks are made."""

    client_id: str
    secret: str | None = field(default=None, repr=False)


class Target:
    """Counts what is sent; follows no redirect; reads an answer up to a megabyte."""

    def __init__(
        self,
        url: str,
        *,
        credentials: Credentials | None = None,
        most_requests: int = MOST_REQUESTS,
        most_seconds: float = MOST_SECONDS,
    ) -> None:
        parts = urlsplit(url)
        self.url = url.rstrip("/")
        self.host = parts.hostname or ""
        self.https = parts.scheme == "https"
        self.port = parts.port or (443 if self.https else 80)
        self.credentials = credentials
        self.metadata: dict[str, Any] = {}
        self._path = parts.path.rstrip("/")
        self._left = most_requests
        self._until = monotonic() + most_seconds
        self._tls = ssl.create_default_context() if self.https else None
        self._http = httpx2.AsyncClient(
            base_url=self.url,
            timeout=PATIENCE_SECONDS,
            follow_redirects=False,
            trust_env=False,
            verify=self._tls or False,
        )

    async def __aenter__(self) -> "Target":
        """Reads what the server says of itself."""
        for path in METADATA:
            answer = await self.ask("GET", path)
            found = json_of(answer)
            if answer.status_code == 200 and isinstance(found, dict):
                self.metadata = found
                break
        return self

    async def __aexit__(self, *error: object) -> None:
        await self._http.aclose()

    @property
    def is_loopback(self) -> bool:
        """Whether it is a server of this machine."""
        return self.host in LOOPBACK

    @property
    def netloc(self) -> str:
        """As `Host` names it."""
        name = f"[{self.host}]" if ":" in self.host else self.host
        return name if self.port in (80, 443) else f"{name}:{self.port}"

    def endpoint(self, name: str) -> str:
        """The path of an endpoint, as the metadata names it; at this server, wherever the metadata says it is."""
        named = self.metadata.get(name)
        issuer = urlsplit(str(self.metadata.get("issuer", ""))).path.rstrip("/")
        return urlsplit(str(named)).path.removeprefix(issuer) if named else USUAL.get(name, "")

    def offers(self, name: str) -> bool:
        """Whether the metadata names it at all."""
        return name in self.metadata

    async def ask(
        self,
        method: str,
        path: str,
        *,
        headers: Mapping[str, str] | None = None,
        auth: tuple[str, str] | None = None,
        **more: Any,
    ) -> httpx2.Response:
        """One request. Raises Over, and OSError where the server cannot be reached."""
        self._count()
        try:
            return await self._http.request(method, path, headers=headers, auth=auth, **more)
        except httpx2.TransportError as error:
            raise ConnectionError(f"{self.url} cannot be reached: {error or type(error).__name__}") from error

    async def form(
        self, path: str, form: Mapping[str, str] | bytes, *, auth: tuple[str, str] | None = None
    ) -> httpx2.Response:
        """A POST of a form."""
        headers = {"Content-Type": "application/x-www-form-urlencoded"}
        if isinstance(form, bytes):
            return await self.ask("POST", path, headers=headers, content=form, auth=auth)
        return await self.ask("POST", path, data=dict(form), auth=auth)

    async def raw(self, message: bytes) -> bytes:
        """What comes back for these bytes, up to the end of the connection, or as much as comes in time."""
        self._count()
        reader, writer = await asyncio.open_connection(self.host, self.port, ssl=self._tls)
        answer = b""
        try:
            writer.write(message)
            async with asyncio.timeout(PATIENCE_SECONDS / 2):
                while len(answer) < MOST_READ and (more := await reader.read(65_536)):
                    answer += more
        except (TimeoutError, ConnectionError):
            pass  # what came until then is the answer
        finally:
            writer.transport.abort()
        return answer

    def head(self, line: str, *headers: str) -> bytes:
        """A request line and headers, with the right Host, and the end of the connection asked for."""
        lines = (line, f"Host: {self.netloc}", "Connection: close", *headers)
        return "".join(f"{each}\r\n" for each in lines).encode() + b"\r\n"

    @property
    def basic(self) -> tuple[str, str] | None:
        """For the client's own requests."""
        if self.credentials is None or self.credentials.secret is None:
            return None
        return self.credentials.client_id, self.credentials.secret

    def _count(self) -> None:
        self._left -= 1
        if self._left < 0 or monotonic() > self._until:
            raise Over


def status_of(answer: bytes) -> int:
    """The status of a raw answer; 0 where there is none."""
    first = answer.partition(b"\r\n")[0].split()
    return int(first[1]) if len(first) > 1 and first[0].startswith(b"HTTP/") and first[1].isdigit() else 0


def json_of(answer: httpx2.Response) -> Any:
    """The body, if it is JSON."""
    try:
        return answer.json()
    except ValueError:
        return None


def error_of(answer: httpx2.Response) -> str:
    """Status and OAuth error, for people."""
    members = json_of(answer)
    code = members.get("error") if isinstance(members, dict) else None
    return f"{answer.status_code} {code}" if code else str(answer.status_code)

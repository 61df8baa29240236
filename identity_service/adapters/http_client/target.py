"""Which URLs may be asked at all, and what of one is resolved, connected to and sent."""

from collections.abc import Collection
from dataclasses import dataclass
from typing import Final
from urllib.parse import SplitResult, urlsplit

from identity_service.adapters.http_client.outcomes import Failed

_PORTS: Final = {"https": 443, "http": 80}


@dataclass(frozen=True, slots=True)
class Target:
    """A URL in parts. `excepted`: it may lead to an address that is not public, and by http."""

    scheme: str
    host: str
    port: int
    path: str
    excepted: bool

    @property
    def authority(self) -> str:
        """What the Host header says (RFC 9110 §7.2)."""
        host = f"[{self.host}]" if ":" in self.host else self.host
        return host if self.port == _PORTS[self.scheme] else f"{host}:{self.port}"

    def at(self, address: str) -> str:
        """The URL with this address for its host: what is connected to cannot be another one."""
        host = f"[{address}]" if ":" in address else address
        return f"{self.scheme}://{host}:{self.port}{self.path}"


def target_of(url: str, *, exceptions: Collection[str]) -> Target:
    """Reads a URL. `exceptions` are `host:port`, in lower case. Raises Failed."""
    parts, port = _split(url)
    host = (parts.hostname or "").lower()
    if parts.scheme not in _PORTS or not host or parts.username is not None or parts.fragment:
        raise Failed("forbidden", "not an https URL of a host, without user and fragment")
    port = _PORTS[parts.scheme] if port is None else port
    excepted = (f"[{host}]:{port}" if ":" in host else f"{host}:{port}") in exceptions
    if parts.scheme != "https" and not excepted:
        raise Failed("forbidden", "not https")
    path = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
    return Target(parts.scheme, host, port, path, excepted)


def _split(url: str) -> tuple[SplitResult, int | None]:
    if not (url.isascii() and url.isprintable()) or " " in url:
        raise Failed("forbidden", "characters that no URL has")
    try:
        parts = urlsplit(url)
        return parts, parts.port
    except ValueError as error:
        raise Failed("forbidden", f"no URL: {error}") from None

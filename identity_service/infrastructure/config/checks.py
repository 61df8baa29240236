"""What single values must look like, beyond their type. Each raises ValueError with what the variable wants."""

import re
from ipaddress import IPv4Network, IPv6Network, ip_network
from pathlib import Path
from ssl import create_default_context
from urllib.parse import SplitResult, urlsplit

from identity_service.domain.oauth.client_registration import NOT_FOR_STRANGERS
from identity_service.domain.services.quota_policy import parse_policy
from identity_service.domain.value_objects.scope import is_reserved

DRIVERS = {
    "postgresql://": "postgresql+asyncpg://",
    "postgres://": "postgresql+asyncpg://",
    "sqlite://": "sqlite+aiosqlite://",
}
DATABASE_WANTED = "wants postgresql://user:password@host:5432/name or sqlite:///file"
SQLITE_FILE = re.compile(r"sqlite(\+aiosqlite)?:///(?!:memory:|\?).+")
TOKEN = re.compile(r"[A-Za-z0-9._~+/-]{32,}=*")
PAGE_FILES = {"theme_css_file": (".css",), "logo_file": (".svg", ".png")}
HOST = re.compile(r"[a-z0-9._-]+|\[[0-9a-f:.]+\]")
MOST_LIST_BYTES = 64 << 20
SCOPE_TOKEN = re.compile(r"[\x21\x23-\x5B\x5D-\x7E]+")


def issuer(value: str) -> str:
    """An issuer identifier (RFC 8414 §2); links are made by appending to it."""
    parts = _split(value, "wants an http(s) URL such as https://id.example.org")
    if parts.scheme not in ("https", "http") or not parts.hostname:
        raise ValueError("wants an http(s) URL such as https://id.example.org")
    if any(mark in value for mark in "?#@ ") or not value.isprintable():
        raise ValueError("wants an http(s) URL without query, fragment and user (RFC 8414 §2)")
    if value.endswith("/"):
        raise ValueError("wants no slash at the end")
    return value


def database_url(value: str) -> str:
    """The URL with the driver that this program uses. A database in memory would be another one for each connection."""
    _split(value, DATABASE_WANTED)
    if value.startswith("sqlite") and not SQLITE_FILE.match(value):
        raise ValueError(DATABASE_WANTED)
    for plain, full in DRIVERS.items():
        if value.startswith(plain):
            return full + value.removeprefix(plain)
    if value and not value.startswith(tuple(DRIVERS.values())):
        raise ValueError(DATABASE_WANTED)
    return value


def redis_url(value: str) -> str:
    """A URL of one Redis."""
    if value and not value.startswith(("redis://", "rediss://", "unix://")):
        raise ValueError("wants redis://host:6379/0 (rediss:// for TLS, unix:// for a socket)")
    return value


def syslog(value: str) -> str:
    """Where a syslog server listens."""
    wanted = "wants udp://host:514, tcp://host:514 or unix:///dev/log"
    if not value:
        return value
    parts = _split(value, wanted)
    local = parts.scheme == "unix" and not parts.netloc and len(parts.path) > 1
    remote = parts.scheme in ("udp", "tcp") and parts.hostname and not parts.path
    if not (local or remote):
        raise ValueError(wanted)
    return value


def scope_of_strangers(value: str) -> str:
    """A scope that a client may register for itself."""
    if not SCOPE_TOKEN.fullmatch(value):
        raise ValueError(f"wants scopes such as calendar:read, separated by commas; {value!r} is none")
    if value in NOT_FOR_STRANGERS or is_reserved(value):
        raise ValueError(f"wants scopes that clients may take for themselves, which {value} is not")
    return value


def listen_address(value: str) -> tuple[str, int]:
    """A host and a port, such as 127.0.0.1:9464 or [::1]:9464."""
    wanted = "wants an address and a port such as 127.0.0.1:9464"
    parts = _split(f"tcp://{value}", wanted)
    if not parts.hostname or not parts.port or value != parts.netloc or "@" in value:
        raise ValueError(wanted)
    return parts.hostname, parts.port


def host_and_port(value: str) -> str:
    """One host at one port, as a URL would name them."""
    wanted = f"wants hosts with their port such as keys.test:8443, separated by commas; {value!r} is none"
    parts = _split(f"https://{value}", wanted)
    host = parts.netloc.lower().removesuffix(f":{parts.port}")
    if not parts.port or not HOST.fullmatch(host) or parts.netloc != value:
        raise ValueError(wanted)
    return value.lower()


def host_name(value: str) -> str:
    """One host as `Host` names it, without its port; or `*`."""
    name = value.lower().removeprefix("[").removesuffix("]")
    if not (HOST.fullmatch(name) or HOST.fullmatch(f"[{name}]") or name == "*"):
        raise ValueError(
            f"wants hosts without a port such as id.internal, separated by commas, or *; {value!r} is none"
        )
    return name


def certificates(value: Path) -> Path:
    """A file of certificates (PEM)."""
    try:
        create_default_context(cafile=value)
    except OSError as error:
        raise ValueError(
            f"wants the path of a file of certificates in PEM ({error.strerror or error})"
        ) from None
    return value


def mail_address(value: str) -> str:
    """An address that a header of a mail can hold (RFC 5322 §3.4.1)."""
    from identity_service.domain.services.mail_message import mail_address as parsed

    try:
        parsed(value)
    except ValueError:
        raise ValueError("wants an address such as no-reply@example.org, without a name") from None
    return value


def list_of_words(value: Path) -> Path:
    """A text file that is small enough to be kept in memory."""
    wanted = f"wants the path of a text file in UTF-8 of at most {MOST_LIST_BYTES >> 20} MiB"
    try:
        if value.stat().st_size > MOST_LIST_BYTES:
            raise ValueError(f"{wanted}; a larger list is for PASSWORD_BREACHES")
        with value.open(encoding="utf-8") as lines:
            for _ in lines:
                pass
    except UnicodeDecodeError:
        raise ValueError(f"{wanted}; {value} is not text in UTF-8") from None
    except OSError as error:
        raise ValueError(f"{wanted} ({error.strerror or error})") from None
    return value


def service_url(value: str) -> str:
    """A URL that something is appended to; empty for none."""
    wanted = "wants an https URL without query and fragment, such as https://service.example/range"
    if value and (_split(value, wanted).scheme != "https" or any(mark in value for mark in "?#@ ")):
        raise ValueError(wanted)
    return value


def bearer(value: str) -> str:
    """A secret that can be sent as a Bearer token (RFC 6750 §2.1) and is too long to be guessed."""
    if not TOKEN.fullmatch(value):
        raise ValueError("wants at least 32 letters, digits and -._~+/ (`openssl rand -hex 32`)")
    return value


def page_file(value: Path, suffixes: tuple[str, ...]) -> Path:
    """A file that pages load: browsers go by its type, and that by its name."""
    if value.suffix.lower() not in suffixes:
        raise ValueError(f"wants the path of a file that ends in {' or '.join(suffixes)}")
    return value


def network(value: str) -> IPv4Network | IPv6Network:
    """An address or a network, and not the whole of them: then the caller would say who the caller is."""
    wanted = (
        f"wants addresses or networks such as 10.0.0.7 or 10.1.0.0/24, separated by commas; {value!r} is none"
    )
    try:
        found = ip_network(value)
    except ValueError:
        raise ValueError(wanted) from None
    if found.prefixlen == 0:
        raise ValueError(
            "wants the networks of your proxies only: whoever is believed can pretend to be anybody"
        )
    return found


def listed(value: object) -> object:
    """The list that stands, separated by commas, in one variable."""
    if not isinstance(value, str):
        return value
    return tuple(part.strip() for part in value.split(",") if part.strip())


def origin(value: str) -> str:
    """One origin as browsers write it (RFC 6454 §6.2): they compare text, so anything else would never match."""
    wanted = f"wants origins such as https://app.example.org, separated by commas; {value!r} is none"
    parts = _split(value, wanted)
    host, _, port = parts.netloc.partition(":") if not parts.netloc.startswith("[") else _bracketed(parts)
    as_written = f"{parts.scheme}://{parts.netloc}"
    if parts.scheme not in ("https", "http") or value != as_written or not HOST.fullmatch(host):
        raise ValueError(wanted)
    if port in ("80", "443") and (parts.scheme, port) in (("http", "80"), ("https", "443")):
        raise ValueError(f"wants {value.removesuffix(f':{port}')}: browsers leave the usual port out")
    return value


def _bracketed(parts: SplitResult) -> tuple[str, str, str]:
    host, _, rest = parts.netloc.partition("]")
    return f"{host}]", ":", rest.removeprefix(":")


def _split(value: str, wanted: str) -> SplitResult:
    try:
        parts = urlsplit(value)
        _ = parts.port
    except ValueError:
        raise ValueError(wanted) from None
    return parts


def quota_policy(value: Path) -> Path:
    """A file of quotas. Why it is none stands in the text; nothing in it is a secret."""
    try:
        parse_policy(value.read_text(encoding="utf-8"))
    except OSError as error:
        raise ValueError(f"cannot read {value} ({error.strerror})") from None
    except UnicodeDecodeError:
        raise ValueError(f"{value} is not text in UTF-8") from None
    return value

"""What an address is, as far as a posture cares: on this machine or not, encrypted or not, how many are meant."""

from ipaddress import ip_address, ip_network
from urllib.parse import parse_qs, urlsplit

LOOPBACK_NAMES = frozenset({"localhost", "localhost.localdomain"})
ENCRYPTED = frozenset({"require", "verify-ca", "verify-full", "true"})
"""Values of `ssl` or `sslmode` that leave no way without TLS."""


def is_loopback(host: str | None) -> bool:
    """Whether a host's name or address can only be this machine."""
    if not host or host in LOOPBACK_NAMES:
        return True
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return False


def host_of(url: str) -> str | None:
    """The host that a URL names; None where it names none."""
    try:
        return urlsplit(url).hostname
    except ValueError:
        return None


def is_plain_http(url: str) -> bool:
    """Whether what is sent there can be read on the way."""
    return url.lower().startswith("http:") and not is_loopback(host_of(url))


def is_plain_database(url: str) -> bool:
    """Whether a database is spoken to over a network and TLS is not insisted on."""
    parts = urlsplit(url)
    asked = parse_qs(parts.query)
    modes = {*asked.get("ssl", ()), *asked.get("sslmode", ())}
    return bool(parts.hostname) and not is_loopback(parts.hostname) and not modes & ENCRYPTED


def is_plain_redis(url: str) -> bool:
    """Whether a Redis is spoken to over a network without TLS."""
    parts = urlsplit(url)
    return parts.scheme == "redis" and not is_loopback(parts.hostname)


def addresses_in(network: str) -> int:
    """How many hosts a network has room for; in IPv6 a /64 counts as one."""
    found = ip_network(network)
    return found.num_addresses if found.version == 4 else max(1, found.num_addresses >> 64)

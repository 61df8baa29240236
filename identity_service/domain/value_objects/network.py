"""Which network an address is in, whatever is made of that: one and the same cut for all who count or compare."""

from ipaddress import IPv4Address, IPv6Address, ip_address
from typing import Final

SITE: Final = (32, 64)
"""Leading bits, for IPv4 and IPv6, of what is one customer's: a home has a /64 at least (RFC 6177 §2)."""
NETWORK: Final = (24, 48)
"""Of what providers route, and give to a site."""


def network_of(address: str, *, bits: tuple[int, int]) -> str | None:
    """The network of so many leading bits, for IPv4 and for IPv6; the address alone where they are all of its bits.

    An IPv4 address that came over IPv6 is the IPv4 address. None for what is no address.
    """
    try:
        parsed: IPv4Address | IPv6Address = ip_address(address)
    except ValueError:
        return None
    parsed = getattr(parsed, "ipv4_mapped", None) or parsed
    wanted, size = bits[parsed.version == 6], parsed.max_prefixlen
    if wanted == size:
        return str(parsed)
    kept = int(parsed) >> (size - wanted) << (size - wanted)
    return f"{type(parsed)(kept)}/{wanted}"

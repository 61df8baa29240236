"""Which addresses may be connected to because a client named them: those of the public internet, in no disguise."""

import re
from ipaddress import IPv4Address, IPv6Address, ip_address, ip_network
from typing import Final

_GLOBAL_UNICAST: Final = ip_network("2000::/3")
"""RFC 4291 §2.4: mapped, compatible, translated (64:ff9b::/96), link-local and unique local addresses lie outside."""
_TUNNELS: Final = (ip_network("2001::/32"), ip_network("2002::/16"))
"""Teredo and 6to4 (RFC 4380, RFC 3056): each hides an IPv4 address."""
_NOT_PUBLIC: Final = (
    ip_network("192.0.0.0/24"),
    ip_network("192.88.99.0/24"),
    ip_network("168.63.129.16/32"),
)
"""IETF assignments (RFC 6890), the relay of 6to4 (RFC 7526), and a cloud's metadata at an address that looks public."""

_A_NUMBER: Final = re.compile(r"[0-9]+|0x[0-9a-f]*")
"""The last label of what the URL standard reads as an IPv4 address ("ends in a number")."""


def is_public(text: str) -> bool:
    """Whether this address is one that anybody could reach; what is no address is not."""
    try:
        address = ip_address(text)
    except ValueError:
        return False
    return _is_public_4(address) if isinstance(address, IPv4Address) else _is_public_6(address)


def is_inside(host: str) -> bool:
    """Whether the host of a URL says by itself that it is nobody's on the internet: an address that is not public, a
    number that programs read as an address (`127.1`, `0x7f000001`), or this machine.

    A name that only leads inside says nothing of it; what it leads to is judged when somebody connects.
    """
    host = host.lower().rstrip(".")
    last = host.rpartition(".")[2]
    if host.startswith("[") or _A_NUMBER.fullmatch(last):
        return not is_public(host.strip("[]"))
    return last == "localhost"


def _is_public_4(address: IPv4Address) -> bool:
    special = address.is_multicast or address.is_reserved or any(address in each for each in _NOT_PUBLIC)
    return address.is_global and not special


def _is_public_6(address: IPv6Address) -> bool:
    if address.scope_id is not None or address not in _GLOBAL_UNICAST:
        return False
    return address.is_global and not any(address in each for each in _TUNNELS)

"""Sends forms to clients' servers: to the address that was checked, by https, within bounds of time and size."""

import asyncio
import socket
import ssl
from collections.abc import Awaitable, Callable, Collection, Mapping
from ipaddress import IPv4Address, IPv6Address, IPv6Network, ip_address
from pathlib import Path

import httpx2

from identity_service.ports.form_sender import Unsent

SECONDS = 5.0
"""For everything: the name, the connection, the answer."""
USER_AGENT = "identity-service"
Address = IPv4Address | IPv6Address
Resolve = Callable[[str, int], Awaitable[list[Address]]]
_NAT64 = IPv6Network("64:ff9b::/96")  # RFC 6052 §2.1


class GuardedFormSender:
    """`ports.FormSender`.

    - The name is looked up once, and what is connected to is an address that was found: a second answer of the name
      server changes nothing.
    - None of the addresses may be private, loopback, link-local or the like, and http is not spoken. A host and port in
      `allowed` are exempt from both.
    - The certificate has to be for the name. No proxy of the environment is used, no redirect followed, no body read.
    """

    def __init__(
        self,
        *,
        allowed: Collection[str],
        ca_file: Path | None,
        seconds: float = SECONDS,
        resolve: Resolve | None = None,
    ) -> None:
        """`allowed` are texts of the form `host:port`; `ca_file` has authorities beside those of the system.

        Raises OSError for a file that cannot be read or holds none.
        """
        self._allowed = frozenset(allowed)
        self._seconds = seconds
        self._resolve = resolve or resolved
        self._tls = ssl.create_default_context()
        if ca_file is not None:
            self._tls.load_verify_locations(ca_file)

    async def post(self, url: str, form: Mapping[str, str]) -> int:
        """The status. Raises Unsent."""
        try:
            async with asyncio.timeout(self._seconds):
                return await self._post(httpx2.URL(url), form)
        except TimeoutError:
            raise Unsent(f"no answer within {self._seconds:g} seconds") from None
        except (OSError, UnicodeError) as error:
            raise Unsent(f"the host has no address ({error})") from None
        except (httpx2.HTTPError, httpx2.InvalidURL) as error:
            raise Unsent(f"the exchange failed ({type(error).__name__})") from None

    async def _post(self, target: httpx2.URL, form: Mapping[str, str]) -> int:
        port = target.port or (443 if target.scheme == "https" else 80)
        exempt = not self._allowed.isdisjoint((f"{target.host}:{port}", f"[{target.host}]:{port}"))
        if target.scheme != "https" and not exempt:
            raise Unsent("nothing is sent by http")
        addresses = await self._resolve(target.host, port)
        if not addresses:
            raise Unsent("the host has no address")
        if not exempt and not all(map(is_public, addresses)):
            raise Unsent("the host has an address that is not public")
        return await self._to_one_of(addresses, target, form)

    async def _to_one_of(self, addresses: list[Address], target: httpx2.URL, form: Mapping[str, str]) -> int:
        """The first that takes the connection."""
        *others, last = addresses
        for address in others:
            try:
                return await self._to(address, target, form)
            except httpx2.ConnectError:
                continue
        return await self._to(last, target, form)

    async def _to(self, address: Address, target: httpx2.URL, form: Mapping[str, str]) -> int:
        async with httpx2.AsyncClient(
            verify=self._tls, trust_env=False, timeout=self._seconds, follow_redirects=False
        ) as client:
            request = client.build_request(
                "POST",
                target.copy_with(host=str(address)),
                data=dict(form),
                headers={
                    "Host": target.netloc.decode("ascii"),
                    "User-Agent": USER_AGENT,
                    "Connection": "close",
                },
                extensions={"sni_hostname": target.host},
            )
            response = await client.send(request, stream=True)
            await response.aclose()
            return response.status_code


async def resolved(host: str, port: int) -> list[Address]:
    """Every address of the host. Raises OSError."""
    found = await asyncio.get_running_loop().getaddrinfo(host, port, type=socket.SOCK_STREAM)
    return list(dict.fromkeys(ip_address(address[0]) for *_, address in found))


def is_public(address: Address) -> bool:
    """Whether it is one of the internet's; one that holds an IPv4 address is what that is."""
    inner = _inner(address)
    return inner.is_global and not inner.is_multicast


def _inner(address: Address) -> Address:
    if isinstance(address, IPv4Address):
        return address
    if address in _NAT64:
        return IPv4Address(int(address) & 0xFFFF_FFFF)
    return address.ipv4_mapped or address.sixtofour or address

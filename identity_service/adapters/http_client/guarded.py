"""The one way out to addresses that clients name: resolved once, judged, and connected to as judged.

The HTTP library is loaded by the first request: a server whose clients name no URLs never needs it.
"""

import asyncio
import ssl
from collections.abc import Awaitable, Callable, Collection, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, TypeVar

from identity_service.adapters.http_client.look_ups import Resolve
from identity_service.adapters.http_client.outcomes import ANSWERED, Asked, Failed
from identity_service.adapters.http_client.target import Target, target_of
from identity_service.domain.value_objects.public_address import is_public

if TYPE_CHECKING:
    import httpx2

T = TypeVar("T")

MOST_AT_ONCE: Final = 8
"""Requests under way; more wait, and the wait counts as their time."""
MOST_ADDRESSES: Final = 3
"""Of one host that are tried one after the other."""
USER_AGENT: Final = "identity-service"


class GuardedWay:
    """Asks servers that clients name, whatever it is that is asked.

    - https, and only to public addresses, but for `exceptions`: exact `host:port` of a set-up for tests.
    - Every address of a name is judged, and one that is not public refuses the name: a name that leads to both is
      somebody's attempt. What was judged is connected to; no name is resolved twice.
    - TLS names and verifies the host of the URL. `ca_file` adds authorities to those of the system.
    - No redirect is followed, no proxy of the environment asked, no cookie kept, no compressed body unpacked.
    """

    def __init__(
        self,
        *,
        exceptions: Collection[str] = (),
        ca_file: Path | None = None,
        timeout_seconds: float,
        resolve: Resolve,
    ) -> None:
        self._exceptions = frozenset(each.lower() for each in exceptions)
        self._ca_file = ca_file
        self._timeout = timeout_seconds
        self._resolve = resolve
        self._slots = asyncio.Semaphore(MOST_AT_ONCE)
        self._trust: ssl.SSLContext | None = None
        self.asked = Asked()

    async def ask(
        self,
        method: str,
        url: str,
        *,
        kind: str,
        read: "Callable[[httpx2.Response], Awaitable[T]]",
        headers: Mapping[str, str],
        form: Mapping[str, str] | None = None,
    ) -> T:
        """What `read` makes of the answer, of which it has the head and may have the body; `kind` is what it is counted
        as. Raises Unfetchable."""
        try:
            made = await self._in_time(method, url, read=read, headers=headers, form=form)
        except Failed as error:
            self.asked.add(kind, error.outcome)
            raise
        self.asked.add(kind, ANSWERED)
        return made

    async def _in_time(
        self,
        method: str,
        url: str,
        *,
        read: "Callable[[httpx2.Response], Awaitable[T]]",
        headers: Mapping[str, str],
        form: Mapping[str, str] | None,
    ) -> T:
        target = target_of(url, exceptions=self._exceptions)
        given: dict[str, Any] = {
            "method": method,
            "headers": {"Host": target.authority, "User-Agent": USER_AGENT, **headers},
            "extensions": {"sni_hostname": target.host},
            "data": None if form is None else dict(form),
        }
        try:
            async with asyncio.timeout(self._timeout), self._slots:
                return await self._asked(target, given, read)
        except TimeoutError:
            raise Failed("late", "no whole answer in time") from None
        except (OSError, ValueError) as error:  # names that cannot be, addresses that are not there
            raise Failed("unreachable", f"{type(error).__name__}: {error}") from None

    async def _asked(
        self, target: Target, given: dict[str, Any], read: "Callable[[httpx2.Response], Awaitable[T]]"
    ) -> T:
        addresses = await self._addresses(target)
        if self._trust is None:
            self._trust = await asyncio.to_thread(self._prepared)
        import httpx2

        unreached: Exception | None = None
        for address in addresses:
            try:
                return await self._asked_at(address, target, given, read)
            except (httpx2.ConnectError, httpx2.ConnectTimeout) as error:
                unreached = error
            except (httpx2.HTTPError, httpx2.InvalidURL) as error:
                raise Failed("unreachable", f"{type(error).__name__}: {error}") from None
        raise Failed("unreachable", f"{type(unreached).__name__}: {unreached}")

    async def _addresses(self, target: Target) -> Sequence[str]:
        found = await self._resolve(target.host, target.port)
        if not found:
            raise Failed("unreachable", "the name has no address")
        if not target.excepted and (inside := [each for each in found if not is_public(each)]):
            raise Failed("forbidden", f"not a public address: {inside[0]}")
        return found[:MOST_ADDRESSES]

    def _prepared(self) -> ssl.SSLContext:
        """In a thread: reading the authorities and the library takes a tenth of a second."""
        import httpx2  # noqa: F401 - loaded here, used where the loop runs

        trust = ssl.create_default_context()
        if self._ca_file is not None:
            trust.load_verify_locations(cafile=self._ca_file)
        return trust

    async def _asked_at(
        self,
        address: str,
        target: Target,
        given: dict[str, Any],
        read: "Callable[[httpx2.Response], Awaitable[T]]",
    ) -> T:
        import httpx2

        trust: Any = self._trust
        # As many steps as there may be addresses to try; `ask` bounds them all together.
        patience = httpx2.Timeout(self._timeout, connect=self._timeout / MOST_ADDRESSES)
        async with httpx2.AsyncClient(
            verify=trust, trust_env=False, follow_redirects=False, timeout=patience
        ) as client:
            answer = await client.send(client.build_request(url=target.at(address), **given), stream=True)
            try:
                return await read(answer)
            finally:
                await answer.aclose()

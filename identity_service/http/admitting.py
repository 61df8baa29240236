"""Requests are counted before anything is done for them, and answers say how the quotas stand.

The fields are those of draft-ietf-httpapi-ratelimit-headers-10; `Retry-After` is that of RFC 9110 §10.2.3.
"""

from collections.abc import Awaitable, Callable, Iterable, Mapping, Sequence
from math import ceil
from typing import Final

from starlette.requests import Request
from starlette.responses import Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from identity_service.application.admission.admission import Admission, Arrival
from identity_service.application.admission.shares import Shares, told
from identity_service.application.use_cases.oauth2.issue_token import uncounted
from identity_service.domain.entities.client import Client
from identity_service.domain.oauth.errors import TooManyRequests
from identity_service.domain.services.quota import Quota
from identity_service.ports.cache.quotas import Standing

INTROSPECT: Final = "introspect"
PAGES: Final = frozenset({"authorize", "sign_in", "logout", "account"})
"""Where people are on the other end."""
PATHS: Final[Mapping[str, str]] = {
    "/oauth2/token": "token",
    "/oauth2/authorize": "authorize",
    "/oauth2/introspect": INTROSPECT,
    "/oauth2/revoke": "revoke",
    "/oauth2/userinfo": "userinfo",
    "/oauth2/logout": "logout",
}
FIRST_PARTS: Final[Mapping[str, str]] = {
    "login": "sign_in",
    "consent": "sign_in",
    "select-account": "sign_in",
    "account": "account",
    "users": "api",
    "clients": "api",
    "outbox": "api",
    "events": "api",
    "families": "api",
    "global-token-revocation": "api",
}
"""What the path begins with."""
REGISTER: Final = "/oauth2/register"
_STATE: Final = "arrival"

Headers = list[tuple[bytes, bytes]]
Known = Callable[[bytes], Client | None]
"""The client that proved itself lately by an Authorization header of these bytes."""
Refuse = Callable[[Request, TooManyRequests, bool], Response]
"""Renders the refusal; the last says whether a person is on the other end."""


def endpoint_of(path: str) -> str | None:
    """At which endpoint a request is counted; None for what anybody may ask as often as they like."""
    found = PATHS.get(path)
    if found is None and path.startswith(REGISTER):
        return "register"
    return found or FIRST_PARTS.get(path[1:].partition("/")[0])


class Arrivals:
    """Counts each request once as it comes, under the best name that it has by then."""

    def __init__(self, *, admission: Admission, shares: Shares, known: Known) -> None:
        self._admission = admission
        self._shares = shares
        self._known = known

    def of(self, scope: Scope, endpoint: str) -> Arrival:
        """A request that nobody has counted yet, from now on known in its state."""
        arrival = scope["state"][_STATE] = self._admission.arrival(endpoint)
        return arrival

    async def count(self, arrival: Arrival, scope: Scope) -> None:
        """Raises TooManyRequests."""
        client = self._client(scope) if arrival.endpoint in ("token", INTROSPECT, "revoke") else None
        if client is None:
            address = scope.get("client")
            await arrival.of_address(None if address is None else address[0])
        elif arrival.endpoint == INTROSPECT:
            await self._of_share(arrival, client)
        else:
            await arrival.of_client(client)

    async def _of_share(self, arrival: Arrival, client: Client) -> None:
        arrival.client_id = client.client_id
        taken = await self._shares.take(client)
        if not taken.granted:
            arrival.standings += taken.standings
            raise TooManyRequests(retry_after_seconds=taken.wait_seconds)

    def _client(self, scope: Scope) -> Client | None:
        given = [value for name, value in scope["headers"] if name == b"authorization"]
        return self._known(given[0]) if len(given) == 1 else None


class Admitting:
    """ASGI middleware: counts, refuses, tells. What a door in front has counted is not counted again."""

    def __init__(self, app: ASGIApp, *, arrivals: Arrivals, refuse: Refuse) -> None:
        self._app = app
        self._arrivals = arrivals
        self._refuse = refuse

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        endpoint = endpoint_of(scope["path"]) if scope["type"] == "http" else None
        if endpoint is None:
            return await self._app(scope, receive, send)
        counted: Arrival | None = scope["state"].get(_STATE)
        arrival = counted or self._arrivals.of(scope, endpoint)
        telling = _Telling(send, arrival)
        try:
            if counted is None:
                await self._arrivals.count(arrival, scope)
        except TooManyRequests as refused:
            answer = self._refuse(Request(scope), refused, endpoint in PAGES)
            return await answer(scope, receive, telling)
        await self._app(scope, receive, telling)


class _Telling:
    """`send`, with the fields. Introspection says how its quotas stand where it refuses: an answer that is ready is the
    same for everybody who may have it."""

    def __init__(self, send: Send, arrival: Arrival) -> None:
        self._send = send
        self._arrival = arrival

    async def __call__(self, message: Message) -> None:
        if message["type"] == "http.response.start":
            tells = self._arrival.endpoint != INTROSPECT or message["status"] == TooManyRequests.status
            if tells:
                message["headers"] = [*message.get("headers", ()), *fields(self._arrival.standings)]
        await self._send(message)


def fields(standings: Sequence[Standing]) -> Headers:
    """The fields that say so; none where nothing was counted that is the caller's to know."""
    own = told(standings)
    if not own:
        return []
    stand = (f'"{each.quota.name}";r={each.remaining};t={each.reset_seconds}' for each in own)
    return [
        (b"ratelimit-policy", _joined(_policy(each.quota) for each in own)),
        (b"ratelimit", _joined(stand)),
    ]


def _joined(items: Iterable[str]) -> bytes:
    return ", ".join(dict.fromkeys(items)).encode("ascii")


def _policy(quota: Quota) -> str:
    """Of a bucket: what it holds, and how long it takes to fill."""
    window = quota.per_seconds
    if quota.algorithm == "token_bucket":
        window = max(1, ceil(quota.burst * quota.per_seconds / quota.limit))
    return f'"{quota.name}";q={quota.room};w={window}'


def client_counter(scope: Scope) -> Callable[[Client], Awaitable[None]]:
    """Counts the request of this scope for the client that it proves to come from, where requests are counted."""
    arrival: Arrival | None = scope["state"].get(_STATE)
    return uncounted if arrival is None else arrival.of_client


async def count_bearer(scope: Scope, subject: str) -> None:
    """Counts the request of this scope for whom its access token stands for. Raises TooManyRequests."""
    arrival: Arrival | None = scope["state"].get(_STATE)
    if arrival is not None:
        await arrival.of_bearer(subject)

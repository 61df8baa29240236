"""The door of the token endpoint tells what the ordinary way tells: the same bytes go to a server with it and to one
without it, on the same database."""

import asyncio
from base64 import b64encode
from collections.abc import Iterator
from contextlib import AsyncExitStack
from pathlib import Path
from typing import Any

import orjson
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from identity_service.api.token_door import TOKEN
from tests.house import House, Registered, open_house, settings_for
from tests.migrated import copy_of
from tests.raw_request import Answered, Raw, send

ORIGIN = "https://page.example"
FORM = b"application/x-www-form-urlencoded"
GRANT = b"grant_type=client_credentials"
OF_THE_MOMENT = (b"ratelimit", b"ratelimit-policy")
"""They go by whom each server remembers just now; tests/protocol/test_rate_limits.py compares what doors count."""


class Pair:
    """The two servers, and who asks them."""

    def __init__(self, folder: Path, url: str) -> None:
        self.loop = asyncio.new_event_loop()
        self.stack = AsyncExitStack()
        self.loop.run_until_complete(self._open(folder, url))

    async def _open(self, folder: Path, url: str) -> None:
        common: dict[str, Any] = {"database_url": url, "allowed_origins": (ORIGIN,)}
        self.quick: House = await self._enter(settings_for(folder, **common))
        self.plain: House = await self._enter(settings_for(folder, fast_path="off", **common))
        client, public = await self.quick.add_client(), await self.quick.add_client(public=True)
        pinned = await self.quick.add_client(token_endpoint_auth_method="client_secret_post")
        good = basic(client)
        self.authorizations = [
            *(
                good,
                good,
                good,
                good.lower(),
                good + b" ",
                basic(pinned),
                basic(public),
                b"Bearer x",
                b"",
                b"\xff",
            ),
            b"Basic " + b64encode(f"{client.id}:wrong".encode()),
        ]
        self.parts = [
            *(b"scope=read", b"scope=write+read", b"scope=nothing", b"scope=%ff", b"scope=", b"resource=x"),
            *(b"resource=https://id.example", b"a=b", b"%", b"\0=x", GRANT, b"refresh_token=idr_x"),
            *(f"client_id={each.id}".encode() for each in (client, public)),
            f"client_secret={client.secret}".encode(),
            f"client_id={pinned.id}&client_secret={pinned.secret}".encode(),
        ]

    async def _enter(self, chosen: Any) -> House:
        return await self.stack.enter_async_context(open_house(chosen))

    def ask(self, raw: Raw) -> tuple[Answered, Answered]:
        async def both() -> tuple[Answered, Answered]:
            return await send(self.quick.app, raw), await send(self.plain.app, raw)

        return self.loop.run_until_complete(both())

    def told(self, answered: Answered) -> Any:
        """Everything, with the claims of a token in its place, but for what no two answers have in common."""
        status, lines, body = answered.comparable
        lines = [line for line in lines if line[0] not in OF_THE_MOMENT]
        if status != 200:
            return status, lines, body
        members = orjson.loads(body)
        claims = self.quick.container.key_ring().verify(members["access_token"], typ="at+jwt")
        apart = {"jti", "iat", "exp"}
        members["access_token"] = {name: value for name, value in claims.items() if name not in apart}
        return status, lines, list(members.items())

    def close(self) -> None:
        self.loop.run_until_complete(self.stack.aclose())
        self.loop.close()


def basic(client: Registered) -> bytes:
    return b"Basic " + b64encode(f"{client.id}:{client.secret}".encode())


@pytest.fixture(scope="module")
def pair(sqlite_template: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Pair]:
    folder = tmp_path_factory.mktemp("doors")
    made = Pair(folder, copy_of(sqlite_template, folder))
    yield made
    made.close()


ODD_HEADERS = [
    *((b"x-request-id", b"given-1"), (b"x-request-id", b"not harmless \x01")),
    *((b"origin", ORIGIN.encode()), (b"origin", b"https://elsewhere.example")),
    *((b"x-forwarded-for", b"203.0.113.1"), (b"transfer-encoding", b"chunked"), (b"expect", b"100-continue")),
    *(
        (b"content-type", FORM),
        (b"content-type", b"application/json"),
        (b"content-type", FORM + b";charset=x"),
    ),
    *((b"content-length", b"0"), (b"content-length", b"99999999"), (b"content-length", b"x")),
    *((b"authorization", b"Basic eDp5"), (b"dpop", b"proof"), (b"cookie", b"a=b"), (b"accept", b"text/html")),
    (b"access-control-request-method", b"POST"),
    *((b"content-encoding", b"gzip"), (b"content-encoding", b"identity")),
]


@st.composite
def requests(draw: st.DrawFn, pair: Pair) -> Raw:
    """Mostly such as the door takes; each with perhaps something about it that is refused, or not the door's."""
    parts = [GRANT] * draw(st.sampled_from([1, 1, 1, 0]))
    parts += draw(st.lists(st.sampled_from(pair.parts), max_size=2))
    body = b"&".join(parts) + b"&" * draw(st.sampled_from([0, 0, 0, 0, 101, 70_000]))
    headers = [(b"content-length", b"%d" % len(body)), (b"content-type", FORM)]
    if draw(st.integers(0, 5)):
        headers.append((b"authorization", draw(st.sampled_from(pair.authorizations))))
    headers += draw(st.lists(st.sampled_from(ODD_HEADERS), max_size=1))
    if not draw(st.integers(0, 11)):
        headers.pop(0)
    cut = draw(st.integers(0, len(body)))
    return Raw(
        method=draw(st.sampled_from([*["POST"] * 9, "GET", "HEAD", "OPTIONS", "post"])),
        path=draw(st.sampled_from([*[TOKEN] * 9, TOKEN + "/"])),
        headers=headers,
        pieces=[body[:cut], body[cut:]] if not draw(st.integers(0, 4)) else [body],
        query=draw(st.sampled_from([b"", b"grant_type=x"])),
        late=draw(st.booleans()),
    )


def agree(pair: Pair, chosen: settings) -> None:
    @chosen
    @given(raw=requests(pair))
    def alike(raw: Raw) -> None:
        quick, plain = pair.ask(raw)
        assert pair.told(quick) == pair.told(plain), raw

    alike()
    for of in ("statuses", "refusals"):
        assert getattr(pair.quick.app.state.requests, of) == getattr(pair.plain.app.state.requests, of)


def test_tokens_and_refusals_are_told_and_counted_alike(pair: Pair) -> None:
    agree(pair, settings(max_examples=60, deadline=None, suppress_health_check=list(HealthCheck)))


@pytest.mark.all
def test_many_tokens_and_refusals_are_told_and_counted_alike(pair: Pair) -> None:
    agree(pair, settings(max_examples=4000, deadline=None, suppress_health_check=list(HealthCheck)))


def test_a_plain_request_for_a_token_passes_routing_by(pair: Pair, monkeypatch: pytest.MonkeyPatch) -> None:
    """Without this the two servers could agree because neither has a door."""

    async def unreachable(*call: object) -> None:
        raise AssertionError("the ordinary way")

    pair.ask(Raw(method="GET", path=TOKEN, headers=[], pieces=[b""]))  # a first request builds the stack
    stack: Any = pair.quick.app.middleware_stack
    while type(stack).__name__ != "TokenDoor":
        stack = getattr(stack, "app", None) or stack._app
    monkeypatch.setattr(stack, "_app", unreachable)
    headers = [
        *((b"authorization", pair.authorizations[0]), (b"content-type", FORM)),
        (b"content-length", b"%d" % len(GRANT)),
    ]
    raw = Raw(method="POST", path=TOKEN, headers=headers, pieces=[GRANT])
    answered = pair.loop.run_until_complete(send(pair.quick.app, raw))
    assert answered.status == 200

"""The fast path answers what the ordinary way answers: the same bytes go to a server with it, whose caches are warm,
and to one without it and without any cache, on the same database."""

import asyncio
from base64 import b64encode
from collections.abc import Iterator
from contextlib import AsyncExitStack
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from identity_service.domain.oauth.metadata import WELL_KNOWN
from tests.feed import caught_up
from tests.house import House, Registered, open_house, settings_for
from tests.migrated import copy_of
from tests.raw_request import Answered, Raw, send

ORIGIN = "https://page.example"
FORM = b"application/x-www-form-urlencoded"
JWKS = "/.well-known/jwks.json"
INTROSPECT = "/oauth2/introspect"


class Pair:
    """The two servers, and everything that may be asked about."""

    def __init__(self, folder: Path, url: str) -> None:
        self.loop = asyncio.new_event_loop()
        self.stack = AsyncExitStack()
        self.run(self._open(folder, url))

    def run(self, awaitable: Any) -> Any:
        return self.loop.run_until_complete(awaitable)

    async def _open(self, folder: Path, url: str) -> None:
        common: dict[str, Any] = {"database_url": url, "allowed_origins": (ORIGIN,)}
        self.quick: House = await self._enter(settings_for(folder, **common))
        self.plain: House = await self._enter(
            settings_for(folder, fast_path="off", cached_tokens=0, **common)
        )
        assert self.quick.app.front is not None  # type: ignore[attr-defined]  # ours, not FastAPI's
        assert self.plain.app.front is None  # type: ignore[attr-defined]  # ours, not FastAPI's
        self._count_what_is_passed_on()
        await self.quick.add_user()
        self.client = await self.quick.add_client()
        stranger = await self.quick.add_client()
        reader = await self.quick.add_client(
            resource_server=True, audiences=frozenset({"https://id.example"})
        )
        public = await self.quick.add_client(public=True)
        tokens = await self.quick.sign_in(self.client)
        ended, dead = await self.quick.sign_in(self.client), await self.quick.sign_in(self.client)
        alone = (await self.quick.token(self.client, grant_type="client_credentials")).json()["access_token"]
        for end in (ended["access_token"], dead["refresh_token"]):
            assert (await self.quick.post("/oauth2/revoke", self.client, token=end)).status_code == 200
        claims = self.quick.container.key_ring().verify(alone, typ="at+jwt")
        expired = self.quick.container.key_ring().sign(
            claims | {"exp": 1_700_000_000}, typ="at+jwt", alg="RS256"
        )
        good = tokens["access_token"]
        self.tokens = [
            *(good, alone, tokens["refresh_token"], ended["access_token"], dead["access_token"], expired),
            *(dead["refresh_token"], good[:-2], good + "A", good.swapcase(), "idr_" + "A" * 48, "x", ""),
            *("a.b.c", "..", "%00", "%41", "a+b", "\u00e9", "a" * 30_000, good.replace(".", "%2E"), "~._-"),
        ]
        known = [self.client, stranger, reader]
        self.credentials = [
            *(basic(each) for each in known),
            *(basic(each).replace(b"Basic", b"bASIC") for each in known[:1]),
            *(basic(each) + b" " for each in known[:1]),
            basic(self.client).replace(b"Basic ", b"Basic  "),
            b"Basic " + b64encode(f"{self.client.id}:wrong".encode()),
            b"Basic " + b64encode(f"{public.id}:".encode()),
            *(b"Basic !", b"Bearer " + good.encode(), b"", b"\xff"),
        ]
        await caught_up(self.plain)
        await self.warm()

    def _count_what_is_passed_on(self) -> None:
        self.passed_on, front = 0, self.quick.app.front  # type: ignore[attr-defined]  # ours
        ordinary = front.behind

        async def counted(*call: Any) -> None:
            self.passed_on += 1
            await ordinary(*call)

        front.behind = counted

    async def _enter(self, chosen: Any) -> House:
        return await self.stack.enter_async_context(open_house(chosen))

    async def warm(self) -> None:
        """Every token has been asked about, by everybody."""
        for authorization in self.credentials[:3]:
            for token in self.tokens:
                await send(self.quick.app, introspection(authorization, token))

    def close(self) -> None:
        self.run(self.stack.aclose())
        self.loop.close()


def basic(client: Registered) -> bytes:
    return b"Basic " + b64encode(f"{client.id}:{client.secret}".encode())


def introspection(authorization: bytes, token: str) -> Raw:
    body = b"token=" + token.encode()
    headers = [
        (b"host", b"id.example"),
        (b"authorization", authorization),
        (b"content-type", FORM),
        (b"content-length", b"%d" % len(body)),
    ]
    return Raw(method="POST", path=INTROSPECT, headers=headers, pieces=[body])


@pytest.fixture(scope="module")
def pair(sqlite_template: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Pair]:
    folder = tmp_path_factory.mktemp("pair")
    made = Pair(folder, copy_of(sqlite_template, folder))
    yield made
    made.close()


ODD_HEADERS = [
    (b"x-request-id", b"given-1"),
    (b"x-request-id", b"not harmless \x01"),
    (b"origin", ORIGIN.encode()),
    (b"origin", b"https://elsewhere.example"),
    (b"transfer-encoding", b"chunked"),
    (b"expect", b"100-continue"),
    (b"content-encoding", b"gzip"),
    (b"content-encoding", b"identity"),
    (b"dpop", b"proof"),
    (b"cookie", b"a=b"),
    (b"accept", b"text/html"),
    (b"user-agent", b"curl/8"),
    (b"x-forwarded-for", b"203.0.113.1"),
    (b"content-type", FORM),
    (b"content-type", b"application/json"),
    (b"content-type", FORM + b"; charset=utf-8"),
    (b"content-type", FORM + b"; charset=latin-1"),
    (b"content-type", FORM.upper()),
    (b"content-length", b"0"),
    (b"content-length", b"99999999"),
    (b"content-length", b"x"),
    (b"access-control-request-method", b"GET"),
    (b"range", b"bytes=0-3"),
    (b"if-none-match", b"*"),
    (b"if-none-match", b'"x", W/"y"'),
    (b"authorization", b"Basic eDp5"),
]
EXTRAS = [
    *(b"token_type_hint=access_token", b"token_type_hint=refresh_token", b"token_type_hint=x"),
    *(b"token=x", b"token=", b"client_id=x", b"client_secret=x", b"a=b", b"", b"%", b"client_assertion=x"),
]


@st.composite
def introspections(draw: st.DrawFn, pair: Pair) -> Raw:
    """Mostly such as the fast path takes; each with perhaps something about it that it must not take."""
    token = draw(st.sampled_from(pair.tokens))
    parts = [b"token=" + token.encode(), *draw(st.lists(st.sampled_from(EXTRAS), max_size=1))]
    if draw(st.integers(0, 9)) == 0:
        parts = draw(st.permutations([*parts, *draw(st.lists(st.sampled_from(EXTRAS), max_size=3))]))
    body = b"&".join(parts)
    headers = [
        (b"host", b"id.example"),
        (b"authorization", draw(st.sampled_from([*pair.credentials[:3] * 3, *pair.credentials]))),
        (b"content-type", FORM),
        (b"content-length", b"%d" % len(body)),
    ]
    method, query = "POST", b""
    match draw(st.integers(0, 11)):
        case 0:
            headers.pop(draw(st.integers(0, 3)))
        case 1:
            method = draw(st.sampled_from(["GET", "HEAD", "OPTIONS", "PUT", "post"]))
        case 2:
            query = b"token=x"
    headers += draw(st.lists(st.sampled_from(ODD_HEADERS), max_size=2))
    cut = draw(st.integers(0, len(body)))
    pieces = [body[:cut], body[cut:]] if draw(st.integers(0, 4)) == 0 else [body]
    return Raw(
        method=method, path=INTROSPECT, headers=headers, pieces=pieces, query=query, late=draw(st.booleans())
    )


@st.composite
def readings(draw: st.DrawFn, tags: dict[str, bytes]) -> Raw:
    """Of documents, by whoever has seen them or not."""
    path = draw(
        st.sampled_from([*tags, *tags, *tags, "/health/ready", JWKS + "/", "/health/live/x", INTROSPECT])
    )
    seen = [(b"if-none-match", value) for value in (*tags.values(), b'W/"x"', b"*", b"")]
    return Raw(
        method=draw(st.sampled_from(["GET", "GET", "HEAD", "OPTIONS", "POST"])),
        path=path,
        headers=draw(st.lists(st.sampled_from([*seen * 2, *ODD_HEADERS]), max_size=2)),
        query=draw(st.sampled_from([b"", b"x=y"])),
        late=draw(st.booleans()),
    )


def compare(pair: Pair, raw: Raw) -> None:
    quick, plain = pair.run(both(pair, raw))
    assert quick.comparable == plain.comparable, raw


async def both(pair: Pair, raw: Raw) -> tuple[Answered, Answered]:
    return await send(pair.quick.app, raw), await send(pair.plain.app, raw)


QUICKLY = settings(max_examples=60, deadline=None, suppress_health_check=list(HealthCheck))
AT_LENGTH = settings(max_examples=4000, deadline=None, suppress_health_check=list(HealthCheck))


def introspections_agree(pair: Pair, chosen: settings) -> None:
    @chosen
    @given(raw=introspections(pair))
    def agree(raw: Raw) -> None:
        compare(pair, raw)

    agree()


def readings_agree(pair: Pair, chosen: settings) -> None:
    tags = {
        path: dict(pair.run(send(pair.plain.app, Raw(method="GET", path=path))).headers).get(b"etag", b"")
        for path in (JWKS, WELL_KNOWN, "/health/live")
    }

    @chosen
    @given(raw=readings(tags))
    def agree(raw: Raw) -> None:
        compare(pair, raw)

    agree()


def test_introspections_are_answered_alike(pair: Pair) -> None:
    introspections_agree(pair, QUICKLY)


def test_documents_are_answered_alike(pair: Pair) -> None:
    readings_agree(pair, QUICKLY)


@pytest.mark.all
def test_many_introspections_are_answered_alike(pair: Pair) -> None:
    introspections_agree(pair, AT_LENGTH)


@pytest.mark.all
def test_many_readings_are_answered_alike(pair: Pair) -> None:
    readings_agree(pair, AT_LENGTH)


def test_every_token_is_told_alike_to_everybody(pair: Pair) -> None:
    """Without chance: each token with each credential, fresh and once more."""
    taken = 0
    for authorization in pair.credentials:
        for token in pair.tokens:
            raw = introspection(authorization, token)
            before = pair.passed_on
            compare(pair, raw)
            taken += pair.passed_on == before
    assert taken > 40, "the fast path answers next to nothing: nothing was compared"

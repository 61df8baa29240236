"""Any bytes, in any pieces, get the same bytes back from the early exit as from the plain protocol."""

import asyncio
import re
from collections.abc import Iterator
from contextlib import AsyncExitStack
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from identity_service.api.waiting_tokens import WaitingTokens
from identity_service.domain.oauth.metadata import WELL_KNOWN
from identity_service.domain.services.quota_policy import parse_policy
from identity_service.http.caller_address import OwnConnections
from identity_service.server.early_exit import EarlyExit
from identity_service.server.protocol import BoundedHeads
from tests.house import House, Registered, open_house, settings_for
from tests.migrated import copy_of
from tests.raw_connection import exchange, send

FORM = b"application/x-www-form-urlencoded"
FOREIGN = b"evil.example", b"192.0.2.1", b"id.example.evil.example", b"id.example@evil.example"


class Town:
    """One application, and what may be sent to it."""

    def __init__(self, folder: Path, url: str) -> None:
        self.loop = asyncio.new_event_loop()
        self.stack = AsyncExitStack()
        self.run(self._open(folder, url))

    def run(self, awaitable: Any) -> Any:
        return self.loop.run_until_complete(awaitable)

    async def _open(self, folder: Path, url: str) -> None:
        self.house: House = await self.stack.enter_async_context(
            open_house(
                settings_for(
                    folder,
                    database_url=url,
                    allowed_origins=("https://page.example",),
                    refresh_reuse_grace_seconds=300,  # whoever comes second is answered alike
                    allowed_hosts=("x",),
                )
            )
        )
        client = await self.house.add_client()
        answer = await self.house.token(client, grant_type="client_credentials")
        self.token = answer.json()["access_token"].encode()
        self.authorization = client.basic._auth_header.encode()
        jwks = await self.house.http.get("/.well-known/jwks.json")
        self.tag = jwks.headers["etag"].encode()
        await self.house.http.get(WELL_KNOWN)
        await self.house.http.get(WELL_KNOWN, headers={"Host": "x"})  # a name is known once it was taken
        await self.house.introspect(client, self.token.decode())
        self.client: Registered = client
        await self.house.add_user()
        self.public = await self.house.add_client(public=True)
        self.refreshes = [
            b"grant_type=refresh_token&refresh_token="
            + (await self.house.sign_in(each))["refresh_token"].encode()
            for each in (client, self.public)
        ]

    def close(self) -> None:
        self.run(self.stack.aclose())
        self.loop.close()

    def post(
        self, *lines: bytes, body: bytes | None = None, first: bytes = b"", length: bytes = b""
    ) -> bytes:
        """An introspection as everybody sends it, but for what is said."""
        body = b"token=" + self.token if body is None else body
        head = [
            first or b"POST /oauth2/introspect HTTP/1.1",
            b"Host: id.example",
            b"Authorization: " + self.authorization,
            b"Content-Type: " + FORM,
            b"Content-Length: " + (length or b"%d" % len(body)),
            *lines,
        ]
        return b"\r\n".join(head) + b"\r\n\r\n" + body

    def ask(self, *lines: bytes, body: bytes = b"grant_type=client_credentials&scope=read") -> bytes:
        """A request for a token as everybody sends it, but for what is said."""
        return self.post(*lines, body=body, first=b"POST /oauth2/token HTTP/1.1")

    @property
    def waiting(self) -> list[bytes]:
        """Requests for tokens that take their time: first one that succeeds, then the public client's, then refused
        ones."""
        refresh, by_name = self.refreshes
        named = b"&client_id=" + self.public.id.encode()
        by_form = b"&client_id=%b&client_secret=%b" % (self.client.id.encode(), self.client.secret.encode())
        nameless = b"Authorization: " + self.authorization + b"\r\n"
        return [
            self.ask(body=refresh),
            self.ask(body=by_name + named).replace(nameless, b""),
            self.ask(body=refresh + b"&scope=write"),
            self.ask(body=refresh + b"&scope=nothing"),
            self.ask(body=refresh + named),
            self.ask(body=refresh).replace(nameless, b""),
            self.ask(body=refresh).replace(self.authorization, self.authorization[:-3]),
            self.ask(body=refresh[:-1] + b"A"),
            self.ask(body=refresh + b"&resource=https://elsewhere.example"),
            self.ask(body=b"grant_type=authorization_code&code=x"),
            self.ask(body=b"grant_type=password&username=alice&password=wrong"),
            self.ask(body=b"grant_type=nothing"),
            self.ask(b"X-Forwarded-For: 203.0.113.9", body=refresh),
            self.ask(b"X-Request-ID: mine", body=refresh),
            self.ask(b"Connection: close", body=refresh),
            self.ask(b"User-Agent: shop/3.2", body=refresh),
            self.ask(b"User-Agent: shop/3.2 (\xff)", body=refresh),
            self.ask(body=refresh + by_form).replace(nameless, b""),
            *(self.ask(body=refresh).replace(b"id.example", host) for host in FOREIGN),
        ]

    @property
    def requests(self) -> list[bytes]:
        """Whole messages: first those that are answered early, then such as only look like them, then broken ones."""
        chunked = b"6\r\ntoken=\r\n1\r\nx\r\n0\r\n\r\n"
        get = b"GET /.well-known/jwks.json HTTP/1.1\r\nHost: x\r\n"
        return [
            self.post(),
            self.post(body=b"token=" + self.token[:-4] + b"AAAA"),
            self.post(body=b"token=" + self.token + b"&token_type_hint=access_token"),
            get + b"\r\n",
            get + b"If-None-Match: " + self.tag + b"\r\n\r\n",
            b"GET " + WELL_KNOWN.encode() + b" HTTP/1.1\r\nHost: x\r\n\r\n",
            b"GET /health/live HTTP/1.1\r\nHost: x\r\n\r\n",
            b"\r\n\r\nGET /health/live HTTP/1.1\r\nhOST:x\r\n\r\n",
            self.post(b"Connection: keep-alive", b"User-Agent: x"),
            self.ask(),
            self.post(b"Connection: close"),
            self.post(b"X-Request-ID: mine"),
            self.post(b"Origin: https://page.example"),
            self.post(b"Expect: 100-continue"),
            self.post(b"Upgrade: h2c", b"Connection: upgrade"),
            self.post(b"Authorization: Basic x"),
            self.post(b"Content-Type: text/plain"),
            self.post(b"Cookie: a=b"),
            self.post(body=b"token=%41&x=y"),
            self.post(body=b"token=a&token=b"),
            self.post(body=b""),
            self.post(first=b"POST /oauth2/introspect HTTP/1.0"),
            self.post(first=b"POST /oauth2/introspect?token=x HTTP/1.1"),
            self.post(first=b"POST http://id.example/oauth2/introspect HTTP/1.1"),
            self.post(first=b"POST /oauth2/introspec%74 HTTP/1.1"),
            self.post(first=b"GET /oauth2/introspect HTTP/1.1"),
            self.post(first=b"post /oauth2/introspect HTTP/1.1"),
            self.post(body=chunked, length=b"%d" % len(chunked)),
            self.post(body=b"x" * 70_000),
            get + b"Content-Length: 3\r\n\r\nabc",
            get + b"Transfer-Encoding: chunked\r\n\r\n" + chunked,
            get.replace(b"GET", b"HEAD") + b"\r\n",
            get.replace(b"GET", b"OPTIONS") + b"\r\n",
            get.replace(b"1.1", b"1.0") + b"\r\n",
            b"POST /oauth2/introspect HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\nContent-Type: "
            + (FORM + b"\r\nAuthorization: " + self.authorization + b"\r\n\r\n" + chunked),
            self.ask(b"X-Request-ID: mine"),
            self.ask(b"Origin: https://page.example"),
            self.ask(b"Authorization: Basic x"),
            self.ask(body=b"grant_type=client_credentials&scope=nothing"),
            self.ask(body=b"grant_type=client_credentials&grant_type=client_credentials"),
            self.ask(body=b"grant_type=client_credentials&client_id=another"),
            self.ask(body=b"grant_type=client_credentials&resource=https://id.example"),
            self.ask(body=b"grant_type=refresh_token&refresh_token=x"),
            self.ask(body=b"scope=%ff"),
            *self.waiting,
            b"GET /health/live HTTP/1.1\r\nHost: evil.example\r\n\r\n",
            get.replace(b"Host: x", b"Host: 192.0.2.1") + b"\r\n",
            b"DELETE /users HTTP/1.1\r\nHost: x\r\n\r\n",
            self.post(b"Content-Length: 5"),
            self.post(b"Transfer-Encoding: chunked"),
            self.post(b" folded: x"),
            self.post(b"Bad Name: x"),
            self.post(b"X: \x00"),
            self.post(length=b"-1"),
            self.post(length=b"5x"),
            self.post(length=b"3"),
            self.post(length=b"99"),
            b"NONSENSE\r\n\r\n",
            b"\x16\x03\x01\x02\x00\x01\x00",
            b"GET / HTTP/3.9\r\n\r\n",
            get.replace(b"1.1", b"2.0") + b"\r\n",
            get + b"Host: y\r\n\r\n",
            b"GET /health/live HTTP/1.1\r\n\r\n",
            b"GET /health/live HTTP/1.0\r\n\r\n",
            self.post().replace(b"Host: id.example\r\n", b""),
            self.post(first=b"FOO /oauth2/introspect HTTP/1.1"),
        ]


@pytest.fixture(scope="module")
def town(sqlite_template: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Town]:
    folder = tmp_path_factory.mktemp("town")
    made = Town(folder, copy_of(sqlite_template, folder))
    yield made
    made.close()


@st.composite
def streams(draw: st.DrawFn, town: Town) -> list[bytes]:
    """Some messages one after the other, perhaps damaged, cut anywhere or between them."""
    early, waiting = st.sampled_from(town.requests[:10]), st.sampled_from(town.waiting)
    messages = draw(
        st.lists(st.one_of(early, waiting, st.sampled_from(town.requests)), min_size=1, max_size=4)
    )
    if draw(st.integers(0, 3)):
        stream = b"".join(messages)
        if draw(st.integers(0, 3)) == 0:
            at, length = draw(st.integers(0, len(stream))), draw(st.integers(0, 3))
            stream = stream[:at] + draw(st.binary(max_size=3)) + stream[at + length :]
        cuts = sorted(draw(st.lists(st.integers(0, len(stream)), max_size=3)))
        messages = [stream[start:end] for start, end in zip([0, *cuts], [*cuts, len(stream)], strict=True)]
    return [message for message in messages if message]


async def both(app: Any, pieces: list[bytes]) -> tuple[tuple[bytes, bool], tuple[bytes, bool]]:
    return await send(EarlyExit, app, pieces), await send(BoundedHeads, app, pieces)


def agree(town: Town, pieces: list[bytes]) -> bytes:
    """Both answer alike. One thing may differ: what is whole, and is followed by what is no HTTP in the same read, gets
    its answer before the refusal; uvicorn refuses at once, and the answer is lost."""
    (early, early_closed), (plain, plain_closed) = town.run(both(town.house.app, pieces))
    if (early, early_closed) != (
        plain,
        plain_closed,
    ):  # a busy machine's, once; what differs by its nature does again
        (early, early_closed), (plain, plain_closed) = town.run(both(town.house.app, pieces))
    assert early_closed == plain_closed, pieces
    if early != plain:
        assert plain_closed, (pieces, early, plain)
        refusal = plain[[found.start() for found in re.finditer(rb"HTTP/1\.1 [45]", plain)][-1] :]
        assert early.endswith(refusal), pieces
        before, known = early.removesuffix(refusal), plain.removesuffix(refusal)
        assert before.startswith(known), pieces
        assert before.removeprefix(known).startswith((b"HTTP/1.1 200 OK\r\n", b"HTTP/1.1 304 ")), pieces
    return bytes(early)


QUICKLY = settings(max_examples=60, deadline=None, suppress_health_check=list(HealthCheck))
AT_LENGTH = settings(max_examples=6000, deadline=None, suppress_health_check=list(HealthCheck))


def all_agree(town: Town, chosen: settings) -> None:
    @chosen
    @given(pieces=streams(town))
    def try_one(pieces: list[bytes]) -> None:
        agree(town, pieces)

    try_one()


def test_any_bytes_are_answered_alike(town: Town) -> None:
    all_agree(town, QUICKLY)


@pytest.mark.all
def test_many_bytes_are_answered_alike(town: Town) -> None:
    all_agree(town, AT_LENGTH)


def test_each_message_is_answered_alike_whole_and_cut_in_two(town: Town) -> None:
    for message in town.requests:
        agree(town, [message])
        agree(town, [message, message])
        agree(town, [message[: len(message) // 2], message[len(message) // 2 :]])
        agree(town, [message[:-1], message[-1:]])


def test_the_early_exit_is_taken(town: Town, monkeypatch: pytest.MonkeyPatch) -> None:
    """Or nothing was compared: the first requests are answered without a task, the next ones are not."""
    taken = []
    agree(town, [town.post()])  # the caller proves itself
    answer = EarlyExit._answer
    monkeypatch.setattr(
        EarlyExit, "_answer", lambda self, found: (taken.append(found.status), answer(self, found))
    )
    for message in town.requests[:5] + town.requests[6:10]:  # the metadata is looked at anew every second
        agree(town, [message + message])
    assert taken == [200] * 8 + [304] * 2 + [200] * 8
    for message in town.requests[10:21]:
        agree(town, [message])
    assert len(taken) == 19  # an offer of another protocol is ignored
    town.run(send(EarlyExit, OwnConnections(town.house.app), [town.post()]))
    assert len(taken) == 20, "also behind what a worker puts around the application"


def test_tokens_that_take_their_time_get_a_task_that_passes_the_framework_by(
    town: Town, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Or nothing was compared there either."""
    agree(town, [town.waiting[0]])  # it is spent
    waited = []
    answer = WaitingTokens.answer

    async def noted(self: WaitingTokens, *given: Any, **named: Any) -> Any:
        answered = await answer(self, *given, **named)
        waited.append(answered is not None)
        return answered

    monkeypatch.setattr(WaitingTokens, "answer", noted)
    for message in town.waiting:
        agree(town, [message])
    agree(town, [town.waiting[0] + town.waiting[1]])  # what follows it in one read goes the ordinary way
    agree(town, [town.waiting[0][:-1], town.waiting[0][-1:]])  # and so does what comes in two
    assert waited == [True] * 3 + [False] * 9 + [True] * 4 + [True], "and foreign hosts go the ordinary way"


def test_an_answer_is_in_its_place_between_slower_ones(town: Town) -> None:
    slow = b"GET /health HTTP/1.1\r\nHost: x\r\n\r\n"
    answers = agree(town, [town.post() + slow + town.post() + town.requests[3]])
    kinds = [answers.index(mark) for mark in (b'"active":true', b'"dependencies"', b'"keys":[')]

    assert kinds == sorted(kinds)
    assert answers.count(b"HTTP/1.1 200 OK") == 4

    answers = agree(town, [town.waiting[0] + town.post() + slow, town.requests[3] + town.waiting[0]])
    marks = (b'"refresh_token"', b'"active":true', b'"dependencies"', b'"keys":[', b'"refresh_token"')
    at = -1
    for mark in marks:
        at = answers.index(mark, at + 1)
    assert answers.count(b"HTTP/1.1 200 OK") == 5


def test_requests_are_counted_here_as_everywhere(town: Town) -> None:
    policy = town.house.container.admission.policy()
    before = policy.policy
    limits = '[client]\nintrospect = { limit = 5, per = "day" }\ntoken = { limit = 5, per = "day" }'
    policy.replace(parse_policy(limits))
    try:
        for message in (town.post(), town.ask()):
            agree(town, [town.post()])  # the caller proves itself, and is counted twice
            answers = [town.run(send(EarlyExit, town.house.app, [message]))[0] for _ in range(6)]
            statuses = [answer[9:12] for answer in answers]
            assert statuses == [b"200"] * statuses.count(b"200") + [b"429"] * statuses.count(b"429")
            assert statuses.count(b"200") == (3 if message == town.post() else 5)
            assert b'"temporarily_unavailable"' in agree(town, [message + message])
    finally:
        policy.replace(before)


LIMITS = {
    "a client's": '[client]\ntoken = { limit = 2, per = "day" }',
    "an address's": '[address]\ntoken = { limit = 2, per = "day" }',
    "both": '[client]\ntoken = { limit = 1, per = "day" }\n[address]\ntoken = { limit = 2, per = "day" }',
    "everybody's": '[global]\ntoken = { limit = 2, per = "day" }',
}


@pytest.mark.parametrize("limits", LIMITS.values(), ids=LIMITS)
def test_what_waits_is_counted_as_by_the_ordinary_way(town: Town, limits: str) -> None:
    """Whether it is given, refused, or one too many, the same quotas are left after each."""
    policy = town.house.container.admission.policy()
    before = policy.policy
    policy.replace(parse_policy(limits))
    limited = set()
    chosen = [
        *town.waiting[:9],
        *town.waiting[12:],
    ]  # without a person's password, whose guesses are counted too
    try:
        for message in chosen:
            early, plain = (
                town.run(_counted(town, protocol, message)) for protocol in (EarlyExit, BoundedHeads)
            )
            assert early == plain, message
            if message in chosen[:2]:
                limited.add(early[-1][0][:12])
            assert b"Host: id.example\r\n" in message or early[0] == [b"http/1.1 421 misdirected request"]
    finally:
        policy.replace(before)
    assert b"http/1.1 429" in limited, "or nothing was compared"


async def _counted(town: Town, protocol: Any, message: bytes) -> list[list[bytes]]:
    """What each of three answers says of itself and of quotas, of which nothing is used up before."""
    await exchange(
        BoundedHeads, town.house.app, [town.ask()]
    )  # the caller is known, also after a wrong secret
    town.house.container.quotas()._states.clear()
    answers = [(await exchange(protocol, town.house.app, [message]))[0] for _ in range(3)]
    return [_of_quotas(answer.partition(b"\r\n\r\n")[0].lower()) for answer in answers]


def _of_quotas(head: bytes) -> list[bytes]:
    told = [line for line in head.split(b"\r\n") if line.startswith((b"http/", b"ratelimit", b"retry-after"))]
    return sorted(re.sub(rb"(;t=|-after: )[0-9]+", rb"\1", line) for line in told)

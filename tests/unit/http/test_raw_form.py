"""RFC 6749 §3.2 over HTTP: which request bodies are read, and how far."""

from collections.abc import AsyncIterator, MutableMapping
from typing import Any

import httpx2
import pytest
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from identity_service.domain.oauth.errors import InvalidRequest, OAuthError
from identity_service.domain.oauth.parameters import MAX_FORM_BYTES
from identity_service.http.raw_form import FORM, read_form

Headers = list[tuple[str, str]]


async def echo(request: Request) -> Response:
    try:
        form = await read_form(request)
    except OAuthError as error:
        return JSONResponse({"error": error.code}, status_code=error.status)
    return JSONResponse({name: form.all(name) for name in form.names})


APP = Starlette(routes=[Route("/", echo, methods=["POST"])])


async def post(
    content: bytes | AsyncIterator[bytes], headers: Headers | None = None, query: str = ""
) -> httpx2.Response:
    transport = httpx2.ASGITransport(app=APP)
    async with httpx2.AsyncClient(transport=transport, base_url="http://id.example") as client:
        given = [("content-type", FORM)] if headers is None else headers
        return await client.post(f"/{query}", content=content, headers=given)


@pytest.mark.parametrize(
    "content_type",
    [
        FORM,
        FORM.upper(),
        f"{FORM};charset=utf-8",
        f"{FORM}; charset=UTF-8",
        f'{FORM} ; Charset="utf-8"',
        f"{FORM};",
        f"{FORM}; version=1",
    ],
)
async def test_s3_2_a_utf8_form_is_read(content_type: str) -> None:
    answer = await post(b"a=%C3%A9&resource=x&resource=y", [("content-type", content_type)])
    assert (answer.status_code, answer.json()) == (200, {"a": ["é"], "resource": ["x", "y"]})


@pytest.mark.parametrize(
    "headers",
    [
        pytest.param([], id="no content type"),
        pytest.param([("content-type", "")], id="an empty one"),
        pytest.param([("content-type", "application/json")], id="JSON"),
        pytest.param([("content-type", "multipart/form-data; boundary=x")], id="multipart"),
        pytest.param([("content-type", "text/plain")], id="plain text"),
        pytest.param([("content-type", f"{FORM}2")], id="a longer name"),
        pytest.param([("content-type", f"{FORM}, text/plain")], id="two in one header"),
        pytest.param([("content-type", f"{FORM}; charset=iso-8859-1")], id="another charset"),
        pytest.param([("content-type", f"{FORM}; charset=utf-8; charset=utf-7")], id="two charsets"),
        pytest.param([("content-type", f"{FORM}; charset")], id="a charset without value"),
        pytest.param([("content-type", FORM), ("content-type", FORM)], id="two headers"),
        pytest.param([("content-type", FORM), ("content-type", "text/plain")], id="two different headers"),
    ],
)
async def test_s3_2_any_other_content_type_is_invalid_request(headers: Headers) -> None:
    answer = await post(b"a=1", headers)
    assert (answer.status_code, answer.json()) == (400, {"error": "invalid_request"})


@pytest.mark.parametrize("coding", ["identity", "Identity", "identity, identity", ""])
async def test_rfc9110_s8_4_a_form_that_is_not_coded_is_read(coding: str) -> None:
    answer = await post(b"a=1", [("content-type", FORM), ("content-encoding", coding)])
    assert (answer.status_code, answer.json()) == (200, {"a": ["1"]})


@pytest.mark.parametrize("codings", [["gzip"], ["identity, br"], ["identity", "GZIP"], ["x"]])
async def test_rfc9110_s15_5_16_any_other_coding_is_415(codings: list[str]) -> None:
    answer = await post(b"a=1", [("content-type", FORM), *(("content-encoding", one) for one in codings)])
    assert (answer.status_code, answer.json()) == (415, {"error": "invalid_request"})


async def test_a_malformed_body_is_invalid_request() -> None:
    answer = await post(b"a=%ff")
    assert (answer.status_code, answer.json()) == (400, {"error": "invalid_request"})


async def test_s2_3_1_the_query_of_a_post_is_not_read() -> None:
    answer = await post(b"a=1", query="?client_secret=s3cret&a=2")
    assert answer.json() == {"a": ["1"]}


def body_of(size: int) -> bytes:
    return b"a=" + b"x" * (size - 2)


async def in_pieces(body: bytes) -> AsyncIterator[bytes]:
    for start in range(0, len(body), 10_000):
        yield body[start : start + 10_000]


async def test_rfc9110_s15_5_14_an_announced_body_up_to_64_kib_is_read() -> None:
    assert (await post(body_of(MAX_FORM_BYTES))).status_code == 200
    answer = await post(body_of(MAX_FORM_BYTES + 1))
    assert (answer.status_code, answer.json()) == (413, {"error": "invalid_request"})


async def test_rfc9110_s15_5_14_a_streamed_body_up_to_64_kib_is_read() -> None:
    assert (await post(in_pieces(body_of(MAX_FORM_BYTES)))).status_code == 200
    assert (await post(in_pieces(body_of(MAX_FORM_BYTES + 1)))).status_code == 413


def request_with(messages: list[dict[str, Any]], length: str | None = None) -> Request:
    """A request whose body is `messages`; asking for more of them than there are fails the test."""

    async def receive() -> MutableMapping[str, Any]:
        return messages.pop(0)

    headers = [(b"content-type", FORM.encode())]
    if length is not None:
        headers.append((b"content-length", length.encode("latin-1")))
    scope = {"type": "http", "method": "POST", "path": "/", "query_string": b"", "headers": headers}
    return Request(scope, receive)


@pytest.mark.parametrize("length", ["65537", "000065537", "9" * 5000])
async def test_a_body_announced_as_too_long_is_refused_unread(length: str) -> None:
    with pytest.raises(OAuthError) as caught:
        await read_form(request_with([], length))
    assert caught.value.status == 413


async def test_a_body_longer_than_announced_is_read_no_further_than_the_limit() -> None:
    piece = {"type": "http.request", "body": b"x" * 40_000, "more_body": True}
    messages = [piece, piece, piece, piece]
    with pytest.raises(OAuthError) as caught:
        await read_form(request_with(messages, "3"))
    assert caught.value.status == 413
    assert len(messages) == 2


@pytest.mark.parametrize("length", ["", "abc", "-1", "²", "65536"])
async def test_an_announcement_that_is_no_large_number_leaves_the_counting_to_the_reader(length: str) -> None:
    messages: list[dict[str, Any]] = [{"type": "http.request", "body": b"a=1", "more_body": False}]
    form = await read_form(request_with(messages, length))
    assert form.get("a") == "1"


async def test_a_body_that_breaks_off_is_invalid_request() -> None:
    messages: list[dict[str, Any]] = [
        {"type": "http.request", "body": b"a=1", "more_body": True},
        {"type": "http.disconnect"},
    ]
    with pytest.raises(InvalidRequest):
        await read_form(request_with(messages))

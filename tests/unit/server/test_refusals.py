"""RFC 9110, RFC 9112: bytes that no application hears of are told what is wrong with them, and nothing follows."""

import json
from typing import Any

import pytest

from identity_service.server.protocol import BoundedHeads
from tests.raw_connection import send

HOST = b"Host: x\r\n\r\n"
POST = b"POST /oauth2/token HTTP/1.1\r\n"
CHUNKED = b"Transfer-Encoding: chunked\r\n"
FOLLOWING = b"GET / HTTP/1.1\r\n" + HOST


async def app(scope: Any, receive: Any, send: Any) -> None:
    """Answers 200 to whatever reaches it, once it has been read."""
    while (await receive()).get("more_body", False):
        pass
    await send({"type": "http.response.start", "status": 200, "headers": [(b"content-length", b"0")]})
    await send({"type": "http.response.body", "body": b""})


async def answers(*pieces: bytes) -> tuple[list[bytes], bytes, bool]:
    """The status codes, the last body, and whether the connection was closed."""
    written, closed = await send(BoundedHeads, app, pieces)
    lines = written.split(b"\r\n")
    return [line[9:12] for line in lines if line.startswith(b"HTTP/1.1 ")], lines[-1], closed


REFUSED = {
    "s15_6_2 a method that nobody knows": (b"FOO /oauth2/token HTTP/1.1\r\n" + HOST, 501, "method"),
    "s15_6_2 a method that begins like a known one": (b"GETS / HTTP/1.1\r\n" + HOST, 501, "method"),
    "s15_6_2 a method of another protocol": (b"DESCRIBE / HTTP/1.1\r\n" + HOST, 501, "method"),
    "s5_6_2 a method that is no token": (b"F@O / HTTP/1.1\r\n" + HOST, 400, "method"),
    "no request line at all": (b"\x16\x03\x01\x02\x00\x01\x00", 400, "method"),
    "s15_5_15 a path that is too long": (b"GET /" + b"a" * 70_000 + b" HTTP/1.1\r\n" + HOST, 414, "path and query"),
    "s15_5_15 a path without end": (b"GET /" + b"a" * 70_000, 414, "path and query"),
    "a header without end": (b"GET / HTTP/1.1\r\nX: " + b"a" * 70_000, 431, "the head"),
    "no path": (b"GET x HTTP/1.1\r\n" + HOST, 400, "path and query"),
    "s8_6 a length below nothing": (POST + b"Content-Length: -5\r\n" + HOST, 400, "Content-Length has to be"),
    "s8_6 two lengths": (POST + b"Content-Length: 5\r\n" * 2 + HOST, 400, "Content-Length has to be"),
    "s8_6 an endless length": (POST + b"Content-Length: %b\r\n" % (b"9" * 30) + HOST, 400, "Content-Length has to be"),
    "s6_1 a length, then chunks": (POST + b"Content-Length: 5\r\n" + CHUNKED + HOST, 400, "together"),
    "s6_1 chunks, then a length": (POST + CHUNKED + b"Content-Length: 5\r\n" + HOST, 400, "together"),
    "s6_1 another coding": (POST + b"Transfer-Encoding: gzip\r\n" + HOST, 400, "Transfer-Encoding has to"),
    "s6_1 another coding behind": (POST + b"Transfer-Encoding: chunked, x\r\n" + HOST, 400, "Transfer-Encoding has"),
    "s7_1 a chunk of no size": (POST + CHUNKED + HOST + b"zz\r\n", 400, "chunk"),
    "s5 a name that is no token": (b"GET / HTTP/1.1\r\nA b: c\r\n" + HOST, 400, "a header"),
    "s5_2 a folded line": (b"GET / HTTP/1.1\r\n a: b\r\n" + HOST, 400, "a header"),
    "s3_2 no Host": (b"GET / HTTP/1.1\r\n\r\n", 400, "Host"),
    "s3_2 two Hosts": (b"GET / HTTP/1.1\r\nHost: y\r\n" + HOST, 400, "Host"),
    "s3_2 the same Host twice": (b"GET / HTTP/1.1\r\nHost: x\r\n" + HOST, 400, "Host"),
    "s3_2 two Hosts of old": (b"GET / HTTP/1.0\r\nHost: y\r\n" + HOST, 400, "Host"),
    "s3_2 no Host, and an offer": (b"GET / HTTP/1.1\r\nUpgrade: h2c\r\nConnection: upgrade\r\n\r\n", 400, "Host"),
    "s3_2_2 a target of another host": (b"GET http://y/ HTTP/1.1\r\n" + HOST, 400, "another host"),
    "s3_2_2 a target of another port": (b"GET http://x:81/ HTTP/1.1\r\n" + HOST, 400, "another host"),
    "rfc6585 s5 too many headers": (b"GET / HTTP/1.1\r\n" + b"A: b\r\n" * 100 + HOST, 431, "100 headers"),
    "s15_6_6 HTTP/2 in letters": (b"GET / HTTP/2.0\r\n" + HOST, 505, "HTTP/1.1 and HTTP/1.0"),
    "s15_6_6 HTTP/0.9 in letters": (b"GET / HTTP/0.9\r\n" + HOST, 505, "HTTP/1.1 and HTTP/1.0"),
    "s15_6_6 a version to come": (b"GET / HTTP/9.9\r\n" + HOST, 505, "HTTP/1.1 and HTTP/1.0"),
    "s15_6_6 HTTP/2 as it is spoken": (b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", 505, "HTTP/1.1 and HTTP/1.0"),
}  # fmt: skip


@pytest.mark.parametrize(("sent", "status", "told"), REFUSED.values(), ids=REFUSED)
async def test_what_cannot_be_read_is_told_what_is_wrong_and_nothing_follows(
    sent: bytes, status: int, told: str
) -> None:
    statuses, body, closed = await answers(sent, FOLLOWING)

    assert (statuses, closed) == ([b"%d" % status], True)
    members = json.loads(body)
    if sent.startswith(POST):
        assert members["error"] == "invalid_request"
        assert told in members["error_description"]
    else:
        assert members["status"] == status
        assert told in members["detail"]


@pytest.mark.parametrize(
    "sent",
    [
        FOLLOWING,
        b"\r\n" + FOLLOWING,
        b"GET / HTTP/1.1\r\nHost:\r\n\r\n",
        b"GET /" + b"a" * 60_000 + b" HTTP/1.1\r\n" + HOST,
        POST + b"Content-Length: 5\r\n" + HOST + b"abcde",
        POST + CHUNKED + HOST + b"1\r\na\r\n0\r\n\r\n",
        b"GET / HTTP/1.0\r\n\r\n",
        b"GET HTTP://X/?a HTTP/1.1\r\n" + HOST,
        b"GET / HTTP/1.1\r\n" + b"A: b\r\n" * 99 + HOST,
    ],
    ids=[
        "plain",
        "an empty line before",
        "an empty Host",
        "a long path",
        "a length",
        "chunks",
        "HTTP/1.0",
        "absolute",
        "99 more",
    ],
)
async def test_what_differs_by_its_fault_alone_is_answered(sent: bytes) -> None:
    assert (await answers(sent))[0] == [b"200"]


@pytest.mark.parametrize(
    ("sent", "statuses"),
    [((FOLLOWING, b"FOO / HTTP/1.1\r\n" + HOST), [b"200", b"501"]), ((b"FO", b"O / HTTP/1.1\r\n"), [b"501"])],
    ids=["after another request", "in pieces"],
)
async def test_s15_6_2_an_unknown_method_is_known_as_one_wherever_it_stands(
    sent: tuple[bytes, ...], statuses: list[bytes]
) -> None:
    assert (await answers(*sent))[0] == statuses

"""A server that does everything wrong that the probes look for. It answers anybody anything."""

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from urllib.parse import parse_qs, unquote_plus, urlsplit

TOKEN = "eyJhbGciOiJub25lIn0.eyJzdWIiOiJhIn0.c2lnbmF0dXJlLW9mLW5vYm9keQ"


@asynccontextmanager
async def bad_server() -> AsyncIterator[str]:
    """Its URL, while it serves."""
    server = await asyncio.start_server(_serve, "127.0.0.1", 0, limit=4_000_000)
    try:
        yield f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}"
    finally:
        server.close()
        server.close_clients() if hasattr(server, "close_clients") else None


async def _serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    try:
        while head := (await reader.readuntil(b"\r\n\r\n")).decode("latin-1"):
            line, *lines = head.rstrip().split("\r\n")
            headers = {
                name.lower(): value.strip() for name, _, value in (each.partition(":") for each in lines)
            }
            chunked = headers.get("transfer-encoding") == "chunked"  # and the length is believed by the proxy
            body = await (reader.readuntil(b"0\r\n\r\n") if chunked else _body(reader, headers))
            writer.write(_answer(line.split()[0], line.split()[1], headers, body.decode("latin-1")))
            await writer.drain()
            if headers.get("connection") == "close" and not chunked:
                break
    except (asyncio.IncompleteReadError, asyncio.LimitOverrunError, ConnectionError):
        pass
    finally:
        writer.close()


async def _body(reader: asyncio.StreamReader, headers: dict[str, str]) -> bytes:
    return await reader.readexactly(int(headers.get("content-length", "0")))


def _answer(method: str, target: str, headers: dict[str, str], body: str) -> bytes:
    parts = urlsplit(target)
    query = {name: values[0] for name, values in parse_qs(parts.query).items()}
    if "OR 1=1" in unquote_plus(body) or "max_age=-1" in target:
        return _message("500 Internal Server Error", "", "a trace", headers)
    status, more, answer = _told(method, parts.path, query, headers, body)
    return _message(status, more, answer, headers)


def _told(
    method: str, path: str, query: dict[str, str], headers: dict[str, str], body: str
) -> tuple[str, str, str]:
    for name in ("redirect_uri", "post_logout_redirect_uri"):
        if name in query:
            return "302 Found", f"Location: {query[name]}\r\n", ""
    if path == "/oauth2/authorize":
        page = f"<html>{''.join(query.values())}</html>"
        return "200 OK", "Content-Type: text/html\r\nSet-Cookie: session=1\r\n", page
    status = "201 Created" if (method, path) == ("POST", "/oauth2/register") else "200 OK"
    return status, "", json.dumps(_members(path, headers, body))


def _members(path: str, headers: dict[str, str], body: str) -> dict[str, object]:
    if path.startswith("/.well-known/o"):
        return _metadata(headers.get("x-forwarded-host") or headers["host"])
    told: dict[str, object] = {"sent": body, "by": headers.get("authorization")}
    known: dict[str, dict[str, object]] = {
        "/.well-known/jwks.json": {"keys": [{"kty": "RSA", "kid": "k", "n": "AQAB", "e": "AQAB"}]},
        "/oauth2/register": {"client_id": "made", "registration_access_token": "t"},
        "/oauth2/token": told | {"access_token": TOKEN, "scope": unquote_plus(body.partition("scope=")[2])},
    }
    return known.get(path, told | {"active": True})


def _metadata(host: str) -> dict[str, object]:
    at = f"http://{host}/oauth2"
    return {
        "issuer": f"http://{host}",
        "authorization_endpoint": f"{at}/authorize",
        "token_endpoint": f"{at}/token",
        "end_session_endpoint": f"{at}/logout",
        "registration_endpoint": f"{at}/register",
        "code_challenge_methods_supported": ["plain", "S256"],
        "response_types_supported": ["code", "token"],
        "id_token_signing_alg_values_supported": ["none"],
    }


def _message(status: str, more: str, body: str, headers: dict[str, str]) -> bytes:
    origin = f"Access-Control-Allow-Origin: {headers['origin']}\r\n" if "origin" in headers else ""
    content = body.encode()
    head = f"HTTP/1.1 {status}\r\n{more}{origin}Server: bad/1.0\r\nContent-Length: {len(content)}\r\n\r\n"
    return head.encode("utf-8", "replace") + content

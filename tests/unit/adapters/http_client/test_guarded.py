"""Attack 22: the fetcher asks whom it judged, once, and is not kept busy."""

import asyncio
from collections.abc import AsyncIterator, Sequence
from pathlib import Path
from typing import Any

import pytest

from identity_service.adapters.http_client.fetcher import GuardedFetcher
from identity_service.adapters.http_client.guarded import MOST_AT_ONCE, GuardedWay
from identity_service.adapters.http_client.look_ups import LookUps
from identity_service.ports.fetch import Fetched, Unfetchable
from tests.web_site import WebSite, on_this_machine, served, tls_for

HOST = "keys.test"
JSON = ("application/json",)


@pytest.fixture
async def site() -> AsyncIterator[WebSite]:
    async with served(WebSite()) as one:
        one.says(b"{}")
        yield one


def fetcher(site: WebSite, *, timeout: float = 5, **options: Any) -> GuardedFetcher:
    """One that may go to the site."""
    made: dict[str, Any] = {"exceptions": (f"{HOST}:{site.port}",), "resolve": on_this_machine} | options
    return GuardedFetcher(GuardedWay(timeout_seconds=timeout, **made), kind="jwks")


def url(site: WebSite, path: str = "/jwks.json", scheme: str = "http") -> str:
    return f"{scheme}://{HOST}:{site.port}{path}"


async def get(fetcher: GuardedFetcher, where: str, *, most_bytes: int = 1000) -> Fetched:
    return await fetcher.get(where, accept=JSON, most_bytes=most_bytes)


async def test_the_body_and_its_type_come_back(site: WebSite) -> None:
    site.says(b'{"keys":[]}', media_type="Application/JSON; charset=utf-8")

    found = await get(fetcher(site), url(site, "/a?b=c"))

    assert (found.body, found.media_type) == (b'{"keys":[]}', "application/json")
    head = site.asked[0].decode().lower()
    assert head.startswith("get /a?b=c http/1.1\r\n")
    assert f"\r\nhost: {HOST}:{site.port}\r\n" in head
    assert "\r\naccept: application/json\r\n" in head
    assert "cookie" not in head


async def test_tls_names_the_host_and_believes_the_authority_of_the_settings(tmp_path: Path) -> None:
    context, authority = tls_for(HOST, tmp_path)
    async with served(WebSite(), tls=context) as site:
        site.says(b"{}")

        await get(fetcher(site, ca_file=authority), url(site, scheme="https"))

        assert site.names == [HOST]
        with pytest.raises(Unfetchable, match="CERTIFICATE_VERIFY_FAILED"):
            await get(fetcher(site), url(site, scheme="https"))


async def test_a_certificate_of_another_host_is_none(tmp_path: Path) -> None:
    context, authority = tls_for("other.test", tmp_path)
    async with served(WebSite(), tls=context) as site:
        with pytest.raises(Unfetchable, match="Hostname mismatch"):
            await get(fetcher(site, ca_file=authority), url(site, scheme="https"))
    assert site.asked == []


@pytest.mark.parametrize(
    ("where", "reason"),
    [
        pytest.param("http://keys.example/", "not https", id="http"),
        pytest.param("file:///etc/passwd", "not an https URL", id="a file"),
        pytest.param("gopher://keys.example/", "not an https URL", id="another scheme"),
        pytest.param("https:///path", "not an https URL", id="no host"),
        pytest.param("https://user@keys.example/", "not an https URL", id="a user"),
        pytest.param("https://keys.example/#x", "not an https URL", id="a fragment"),
        pytest.param("https://keys.example:99999/", "no URL", id="no port"),
        pytest.param("https://[::1/", "no URL", id="half an address"),
        pytest.param("https://keys.example/a\r\nX: y", "characters", id="a line break"),
        pytest.param("https://kéys.example/", "characters", id="not ASCII"),
        pytest.param("https://127.0.0.1/", "not a public address", id="loopback"),
        pytest.param("https://127.1/", "not a public address", id="loopback, short"),
        pytest.param("https://2130706433/", "not a public address", id="loopback, decimal"),
        pytest.param("https://0x7f.0.0.1/", "not a public address", id="loopback, hexadecimal"),
        pytest.param("https://0177.0.0.1/", "not a public address", id="loopback, octal"),
        pytest.param("https://localhost/", "not a public address", id="localhost"),
        pytest.param("https://[::1]/", "not a public address", id="loopback, IPv6"),
        pytest.param("https://[::ffff:127.0.0.1]/", "not a public address", id="mapped"),
        pytest.param("https://[::ffff:7f00:1]/", "not a public address", id="mapped, hexadecimal"),
        pytest.param("https://169.254.169.254/latest/meta-data", "not a public address", id="metadata"),
        pytest.param(f"https://{'a' * 70}.example/", "Error", id="a label that no name can have"),
    ],
)
async def test_a22_what_is_not_public_is_not_asked(site: WebSite, where: str, reason: str) -> None:
    with pytest.raises(Unfetchable, match=reason):
        await get(fetcher(site, resolve=LookUps()), where)


async def test_a22_an_exception_is_one_host_at_one_port(site: WebSite) -> None:
    await get(fetcher(site), url(site))
    for other in ((f"{HOST}:{site.port + 1}",), (f"x.{HOST}:{site.port}",), (HOST,)):
        with pytest.raises(Unfetchable, match="not a public address"):
            await get(fetcher(site, exceptions=other), url(site, scheme="https"))
    assert len(site.asked) == 1


async def test_a22_a_name_that_also_leads_inside_is_refused(site: WebSite) -> None:
    async def both(host: str, port: int) -> Sequence[str]:
        return ["93.184.215.14", "127.0.0.1"]

    with pytest.raises(Unfetchable, match=r"not a public address: 127\.0\.0\.1"):
        await get(fetcher(site, exceptions=(), resolve=both), url(site, scheme="https"))


async def test_a22_a_name_is_resolved_once_and_what_was_judged_is_connected_to(site: WebSite) -> None:
    asked = 0

    async def rebinding(host: str, port: int) -> Sequence[str]:
        nonlocal asked
        asked += 1
        return ["127.0.0.1"] if asked == 1 else ["127.0.0.2"]

    await get(fetcher(site, resolve=rebinding), url(site))

    assert (asked, len(site.asked)) == (1, 1)


async def test_an_address_that_nobody_answers_at_gives_way_to_the_next(site: WebSite) -> None:
    async def two(host: str, port: int) -> Sequence[str]:
        return ["127.0.0.2", "127.0.0.1"]

    await get(fetcher(site, resolve=two), url(site))

    async def nobody(host: str, port: int) -> Sequence[str]:
        return ["127.0.0.2"]

    with pytest.raises(Unfetchable, match="ConnectError"):
        await get(fetcher(site, resolve=nobody), url(site))


async def test_a22_a_redirect_is_not_followed(site: WebSite) -> None:
    site.answer = b"HTTP/1.1 302 Found\r\nLocation: /elsewhere\r\nContent-Length: 0\r\n\r\n"

    with pytest.raises(Unfetchable, match="status 302"):
        await get(fetcher(site), url(site))
    assert len(site.asked) == 1


@pytest.mark.parametrize(
    ("answer", "reason"),
    [
        (b"HTTP/1.1 404 Not Found\r\nContent-Type: application/json\r\nContent-Length: 2\r\n\r\n{}", "404"),
        (b"HTTP/1.1 206 Partial\r\nContent-Type: application/json\r\nContent-Length: 2\r\n\r\n{}", "206"),
        (b"HTTP/1.1 200 OK\r\nContent-Type: text/html\r\nContent-Length: 2\r\n\r\n{}", "text/html"),
        (b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n{}", "content type ''"),
        (
            b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Encoding: gzip\r\n"
            b"Content-Length: 2\r\n\r\n{}",
            "compressed",
        ),
        (b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: 9\r\n\r\n{}", "Protocol"),
        (b"SSH-2.0-OpenSSH_9.2\r\n", "Protocol"),
        (b"", "Protocol"),
    ],
    ids=["404", "206", "another type", "no type", "gzip", "half a body", "no HTTP", "nothing"],
)
async def test_a22_another_answer_is_none(site: WebSite, answer: bytes, reason: str) -> None:
    site.answer = answer

    with pytest.raises(Unfetchable, match=reason):
        await get(fetcher(site), url(site))


@pytest.mark.parametrize(
    "length", [b"Content-Length: 1001\r\n", b"Connection: close\r\n"], ids=["told", "not told"]
)
async def test_a22_a_long_body_is_refused(site: WebSite, length: bytes) -> None:
    head = b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\n"
    site.answer = head + length + b"\r\n" + b" " * 1001
    with pytest.raises(Unfetchable, match="more than 1000 bytes"):
        await get(fetcher(site), url(site))

    assert len((await get(fetcher(site), url(site), most_bytes=1001)).body) == 1001


async def test_a22_a_slow_answer_is_refused(site: WebSite) -> None:
    site.hold = asyncio.Event()

    with pytest.raises(Unfetchable, match="in time"):
        await get(fetcher(site, timeout=0.1), url(site))
    site.hold.set()


async def test_a22_a_slow_name_is_refused(site: WebSite) -> None:
    async def never(host: str, port: int) -> Sequence[str]:
        await asyncio.Event().wait()
        return []

    with pytest.raises(Unfetchable, match="in time"):
        await get(fetcher(site, timeout=0.05, resolve=never), url(site))


async def test_a35_only_so_many_are_under_way_at_once(site: WebSite) -> None:
    site.hold = asyncio.Event()
    one = fetcher(site)
    fetches = [asyncio.create_task(get(one, url(site))) for _ in range(MOST_AT_ONCE + 3)]
    while site.open < MOST_AT_ONCE:
        await asyncio.sleep(0.01)
    await asyncio.sleep(0.05)

    assert site.most_open == MOST_AT_ONCE
    site.hold.set()
    await asyncio.gather(*fetches)
    assert len(site.asked) == MOST_AT_ONCE + 3


async def test_no_proxy_of_the_environment_is_asked(site: WebSite, monkeypatch: pytest.MonkeyPatch) -> None:
    async with served(WebSite()) as proxy:
        for name in ("HTTP_PROXY", "http_proxy", "ALL_PROXY"):
            monkeypatch.setenv(name, f"http://127.0.0.1:{proxy.port}")

        await get(fetcher(site), url(site))

        assert proxy.asked == []


async def test_each_request_is_counted_by_what_it_was_for_and_what_came_of_it(site: WebSite) -> None:
    async def nowhere(host: str, port: int) -> Sequence[str]:
        raise OSError("no such name")

    exceptions = (f"{HOST}:{site.port}",)
    way = GuardedWay(timeout_seconds=5, exceptions=exceptions, resolve=on_this_machine)
    keys, logos = GuardedFetcher(way, kind="jwks"), GuardedFetcher(way, kind="logo")
    await get(keys, url(site))
    for where in ("http://keys.example/", "https://127.0.0.1/"):
        with pytest.raises(Unfetchable):
            await get(logos, where)
    with pytest.raises(Unfetchable):
        await get(logos, url(site), most_bytes=1)
    lost = GuardedWay(timeout_seconds=5, resolve=nowhere)
    with pytest.raises(Unfetchable):
        await get(GuardedFetcher(lost, kind="jwks"), url(site, scheme="https"))

    assert way.asked.counts == {("jwks", "answered"): 1, ("logo", "forbidden"): 2, ("logo", "unwanted"): 1}
    assert lost.asked.counts == {("jwks", "unreachable"): 1}

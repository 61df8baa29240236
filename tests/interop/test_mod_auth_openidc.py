"""mod_auth_openidc in Debian's Apache: it lets people in by OpenID Connect, and programs by introspection."""

import asyncio
from collections.abc import AsyncIterator, Callable
from pathlib import Path
from urllib.parse import quote

import httpx2
import pytest

from tests.interop.apache import Apache
from tests.interop.provider import BYE, SCOPE, Person, Provider, with_query
from tests.running import SECONDS_TO_WAIT
from tests.servers.process import Home

pytestmark = pytest.mark.system


class Site:
    """The Apache, as somebody's browser sees it."""

    def __init__(self, apache: Apache, http: httpx2.AsyncClient) -> None:
        self._apache = apache
        self.http = http

    async def sends_to(self) -> str:
        """Where it sends somebody whom it does not know."""
        answer = await self.http.get("/protected/index.shtml")
        assert answer.status_code == 302, self._apache.log.read_text()
        return answer.headers["location"]

    async def lets_in(self, callback: str) -> str:
        """The page that it shows after the browser came back."""
        answer = await self.http.get(callback, follow_redirects=True)
        assert answer.status_code == 200, self._apache.log.read_text()
        return answer.text.strip()

    async def refuses(self, callback: str) -> str:
        """What it logs of a callback that lets nobody in."""
        await self.http.get(callback)
        assert (await self.http.get("/protected/index.shtml")).status_code == 302
        return self._apache.log.read_text()

    async def api(self, token: str) -> httpx2.Response:
        """What a program with this token gets."""
        return await self.http.get("/api/index.shtml", headers={"Authorization": f"Bearer {token}"})


@pytest.fixture
async def site(
    request: pytest.FixtureRequest, provider: Provider, servers_home: Home, tool: Callable[[str], Path]
) -> AsyncIterator[Site]:
    """A running one, registered as a client. Its parameter, where it has one, is more configuration."""
    apache = Apache(servers_home, tool("apache2"))
    client = await provider.client(redirect_uris=(f"{apache.url}/protected/callback",))
    await apache.start(provider, client, scope=SCOPE, more=getattr(request, "param", ""))
    try:
        async with httpx2.AsyncClient(
            base_url=apache.url, headers={"User-Agent": "a browser"}, timeout=SECONDS_TO_WAIT
        ) as http:
            yield Site(apache, http)
    finally:
        apache.close()


@pytest.fixture
async def told_site(
    provider: Provider, servers_home: Home, tool: Callable[[str], Path]
) -> AsyncIterator[Site]:
    """One that is told when a session ends."""
    apache = Apache(servers_home, tool("apache2"), port=provider.told_port)
    callback = f"{apache.url}/protected/callback"
    client = await provider.client(
        redirect_uris=(callback,),
        backchannel_logout_uri=f"{callback}?logout=backchannel",
        backchannel_logout_session_required=True,
    )
    await apache.start(provider, client, scope=SCOPE, more="")
    try:
        async with httpx2.AsyncClient(
            base_url=apache.url, headers={"User-Agent": "a browser"}, timeout=SECONDS_TO_WAIT
        ) as http:
            yield Site(apache, http)
    finally:
        apache.close()


async def test_is_told_by_back_channel_that_somebody_has_signed_out(person: Person, told_site: Site) -> None:
    await told_site.lets_in(await person.opens(await told_site.sends_to()))
    assert (await told_site.http.get("/protected/index.shtml")).status_code == 200
    await person.signs_out()

    async with asyncio.timeout(SECONDS_TO_WAIT):
        while (await told_site.http.get("/protected/index.shtml")).status_code == 200:
            await asyncio.sleep(0.2)
    assert await told_site.sends_to()


async def test_lets_people_in_refreshes_and_signs_them_out(
    provider: Provider, person: Person, site: Site
) -> None:
    page = await site.lets_in(await person.opens(await site.sends_to()))
    assert page.split("|")[1:] == ["alice@example.org", provider.issuer]

    known = (await site.http.get("/protected/callback?info=json")).json()
    assert known["userinfo"]["name"] == "Alice Example"
    fresh = (await site.http.get("/protected/callback?info=json&access_token_refresh_interval=0")).json()
    assert fresh["refresh_token"] != known["refresh_token"]

    leaving = await site.http.get(f"/protected/callback?logout={quote(BYE, safe='')}")
    assert leaving.headers["location"].startswith(f"{provider.issuer}/oauth2/logout?")
    assert (await person.opens(leaving.headers["location"])).startswith(BYE)
    assert (await site.http.get("/protected/index.shtml")).status_code == 302
    assert (await site.api(fresh["access_token"])).status_code == 401


@pytest.mark.parametrize("site", ["OIDCResponseMode form_post"], ids=["form_post"], indirect=True)
async def test_takes_the_answer_as_a_form(person: Person, site: Site) -> None:
    callback, form = await person.sends(await site.sends_to())
    answer = await site.http.post(callback, data=form, follow_redirects=True)
    assert "|alice@example.org|" in answer.text


async def test_asks_about_the_tokens_of_programs(person: Person, site: Site) -> None:
    await site.lets_in(await person.opens(await site.sends_to()))
    token = (await site.http.get("/protected/callback?info=json")).json()["access_token"]

    answer = await site.api(token)
    assert (answer.status_code, answer.text.split("|")[0]) == (200, "alice")
    assert (await site.api(f"{token[:-4]}AAAA")).status_code == 401


@pytest.mark.parametrize(
    ("changed", "why"),
    [
        pytest.param({"state": "of-somebody-else"}, "state cookie found", id="state"),
        pytest.param(
            {"iss": "http://127.0.0.1:1"}, "does not match the issuer provided in the response", id="issuer"
        ),
    ],
)
async def test_an_answer_of_somebody_else_is_refused_by_the_library(
    person: Person, site: Site, changed: dict[str, str], why: str
) -> None:
    callback = await person.opens(await site.sends_to())
    assert why in await site.refuses(with_query(callback, **changed))


@pytest.mark.parametrize(
    ("changed", "why"),
    [
        pytest.param(
            {"nonce": "of-somebody-else"},
            "did not match the one stored in the browser session",
            id="nonce, by the library",
        ),
        pytest.param(
            {"code_challenge": "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM"},
            "invalid_grant",
            id="challenge, by the server",
        ),
    ],
)
async def test_a_request_of_somebody_else_is_refused(
    person: Person, site: Site, changed: dict[str, str], why: str
) -> None:
    callback = await person.opens(with_query(await site.sends_to(), **changed))
    assert why in await site.refuses(callback)

"""The demo as a client with a key that is told when a session ends: each side as the other sees it."""

import asyncio
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import AsyncExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx2
import pytest
import pytest_asyncio
from dependency_injector import providers
from joserfc import jwt
from joserfc.jwk import ECKey

from identity_service.application.use_cases.clients.create_client import NewClient
from identity_service.demo.app import create_app
from identity_service.demo.own_key import make_key, public
from identity_service.demo.party import Party, registration
from identity_service.demo.provider import Provider
from identity_service.domain.oauth.logout_token import TYP, LogoutToken, to_claims
from identity_service.domain.services.access_policy import OPERATOR
from identity_service.infrastructure.container import build, new_id
from tests.forged import claims_of
from tests.house import ISSUER, House, Registered, house_around, settings_for
from tests.html import elements, ids, text_of
from tests.migrated import copy_of
from tests.protocol.test_demo import DEMO, Newcomer

pytestmark = pytest.mark.asyncio(loop_scope="module")
TOLD = f"{DEMO}/backchannel-logout"


class Post:
    """The port `FormSender`, which reaches the demo."""

    demo: httpx2.AsyncClient | None = None

    async def post(self, url: str, form: Mapping[str, str]) -> int:
        assert self.demo is not None
        return (await self.demo.post(url, data=form)).status_code


@dataclass
class Town:
    """A server, the demo, and what the one sends to the other."""

    house: House
    key: ECKey
    client: Registered
    post: Post
    browser: Callable[[], Newcomer]

    async def told(self) -> int:
        """Delivers what waits; how many arrived."""
        arrived: int = await self.house.container.delivery()(lambda: True)
        return arrived


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def town(sqlite_template: Path, tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Town]:
    folder, post = tmp_path_factory.mktemp("town"), Post()
    container = build(settings_for(folder, database_url=copy_of(sqlite_template, folder)))
    container.fetching.form_sender.override(providers.Object(post))
    async with house_around(container) as house, AsyncExitStack() as stack:
        await container.workers().stop()  # the tests say when something is delivered
        await house.add_user(name="Alice")
        key = make_key(folder / "key.json")
        made = await container.services().clients.create_client(
            NewClient(by=OPERATOR, **registration(DEMO, public(key)))
        )
        async with container.read() as uow:
            client = Registered(await uow.clients.get(made.client.client_id), "")
        server = httpx2.ASGITransport(house.app, client=("192.0.2.7", 50000), raise_app_exceptions=False)
        party = Party(issuer=ISSUER, client_id=client.id, url=DEMO, key=key)
        demo = httpx2.ASGITransport(create_app(party, provider=Provider(party, transport=server)))
        post.demo = await stack.enter_async_context(httpx2.AsyncClient(transport=demo))
        browsers: list[httpx2.AsyncClient] = []

        def browser() -> Newcomer:
            mounts = {"all://id.example": server, "all://127.0.0.1": demo}
            browsers.append(httpx2.AsyncClient(mounts=mounts))
            return Newcomer(browsers[-1], client)

        yield Town(house, key, client, post, browser)
        await asyncio.gather(*(each.aclose() for each in browsers))


async def at_home(browser: Newcomer, path: str) -> httpx2.Response:
    """A page of the account home, for whoever is signed in at the server."""
    return await browser.get(f"{ISSUER}{path}")


async def signed_out_everywhere(browser: Newcomer) -> httpx2.Response:
    page = await at_home(browser, "/account/sessions")
    return await browser.submit(page, everywhere="yes")


async def test_oidc_core_s9_it_signs_in_and_refreshes_by_the_key_that_it_was_registered_with(
    town: Town,
) -> None:
    browser = town.browser()
    home = await browser.signed_in()
    refreshed = await browser.submit(home, "/refresh")

    assert town.client.client.token_endpoint_auth_method == "private_key_jwt"
    assert text_of(refreshed.text, "name") == "Alice"
    assert "refreshed" in ids(refreshed.text)


async def test_oidc_core_s9_another_key_of_the_same_name_signs_nobody_in(town: Town, tmp_path: Path) -> None:
    server = httpx2.ASGITransport(town.house.app, client=("192.0.2.7", 50000), raise_app_exceptions=False)
    other = ECKey.import_key(
        make_key(tmp_path / "key.json").as_dict(private=True) | {"kid": str(town.key.kid)}
    )
    party = Party(issuer=ISSUER, client_id=town.client.id, url=DEMO, key=other)
    demo = httpx2.ASGITransport(create_app(party, provider=Provider(party, transport=server)))
    async with httpx2.AsyncClient(mounts={"all://id.example": server, "all://127.0.0.1": demo}) as http:
        page = await Newcomer(http, town.client).signed_in()
    assert text_of(page.text, "error") == "invalid_client"


async def test_backchannel_s2_5_what_ends_in_the_account_home_ends_at_the_demo(town: Town) -> None:
    browser, elsewhere = town.browser(), town.browser()
    await browser.signed_in()
    refreshed = await browser.submit(await browser.get(DEMO), "/refresh")
    assert "refreshed" in ids(refreshed.text)
    await elsewhere.signed_in()
    sessions = await at_home(elsewhere, "/account/sessions")
    keys = [each["value"] for each in elements(sessions.text, "button") if each.get("name") == "session"]
    sid = claims_of(text_of(refreshed.text, "id-token"))["sid"]
    assert sid in keys
    await elsewhere.submit(sessions, session=sid)

    assert await town.told() >= 1

    over = await browser.get(f"{DEMO}/")
    assert "ended" in ids(over.text)
    assert "sign-in" in ids(over.text)
    assert "name" in ids((await elsewhere.get(f"{DEMO}/")).text), "the other browser stays signed in"
    assert (await browser.get(f"{DEMO}/sign-in")).url.path.startswith("/login/")
    assert "name" in ids((await browser.signed_in()).text)


async def test_backchannel_s2_7_everywhere_is_everywhere_and_a_form_of_before_does_nothing(
    town: Town,
) -> None:
    browser, elsewhere = town.browser(), town.browser()
    await browser.signed_in()
    home = await elsewhere.signed_in()
    await signed_out_everywhere(browser)

    assert await town.told() >= 2

    for each in (browser, elsewhere):
        assert "ended" in ids((await each.get(f"{DEMO}/")).text)
    assert text_of((await elsewhere.submit(home, "/refresh")).text, "error") == "signed_out"


async def test_who_signs_out_at_the_demo_is_not_told_that_the_server_did_it(town: Town) -> None:
    browser = town.browser()
    out = await browser.submit(await browser.signed_in(), "/sign-out")
    assert await town.told() == 1

    assert "has ended your session" in out.text
    assert "ended" not in ids((await browser.get(f"{DEMO}/")).text)


def logout_token(town: Town, id_token: str, **claims: Any) -> str:
    """As the server signs one about the session of an ID token; with other claims, if there are."""
    known = claims_of(id_token)
    told = LogoutToken(
        iss=ISSUER,
        sub=known["sub"],
        client_id=town.client.id,
        sid=known["sid"],
        iat=known["iat"],
        jti=new_id(),
    )
    token: str = town.house.container.key_ring().sign(to_claims(told) | claims, typ=TYP, alg="RS256")
    return token


async def test_backchannel_s2_6_a_token_that_was_taken_or_is_no_good_is_refused_and_ends_nothing(
    town: Town,
) -> None:
    browser = town.browser()
    hint = text_of((await browser.signed_in()).text, "id-token")
    good = logout_token(town, hint)
    assert town.post.demo is not None
    refused = {
        "to another": logout_token(town, hint, aud="other"),
        "of another event": logout_token(town, hint, events={"http://schemas.openid.net/event/other": {}}),
        "an ID token": hint,
        "signed by the demo": jwt.encode({"alg": "ES256"}, claims_of(good), town.key),
        "cut off": good[:-10],
        "nothing": "",
    }
    for what, token in refused.items():
        answer = await town.post.demo.post(TOLD, data={"logout_token": token})
        assert (answer.status_code, answer.json()["error"]) == (400, "invalid_request"), what
        assert answer.headers["cache-control"] == "no-store"
    assert "name" in ids((await browser.get(f"{DEMO}/")).text)

    taken = await town.post.demo.post(TOLD, data={"logout_token": good})
    again = await town.post.demo.post(TOLD, data={"logout_token": good})
    assert (taken.status_code, taken.headers["cache-control"], taken.content) == (200, "no-store", b"")
    assert (again.status_code, again.json()["error_description"]) == (400, "it was taken before")
    assert "ended" in ids((await browser.get(f"{DEMO}/")).text)


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"x" * 9000,
        b"logout_token=" + b"W1tb" * 1000 + b".e30.AAAA",
        b"logout_token=%ff%00",
        b"logout_token",
    ],
    ids=["nothing", "too much", "a deep one", "no UTF-8", "no value"],
)
async def test_attack_35_nothing_that_is_sent_there_is_a_failure_of_the_demo(
    town: Town, content: bytes
) -> None:
    assert town.post.demo is not None
    headers = {"Content-Type": "application/x-www-form-urlencoded"}
    answer = await town.post.demo.post(TOLD, content=content, headers=headers)
    assert answer.status_code == 400
    assert (await town.post.demo.get(TOLD)).status_code == 405

"""What a person agreed to: asked once for each client and scope, and again for more (OIDC Core §3.1.2.4)."""

from collections.abc import AsyncIterator
from typing import Any

import httpx2
import pytest
import pytest_asyncio

from tests.house import House
from tests.html import parsed
from tests.visitor import Page, Visitor, app_of, is_answer, told, visitor_of

pytestmark = pytest.mark.asyncio(loop_scope="module")


@pytest_asyncio.fixture(loop_scope="module")
async def visitor(shared_house: House) -> AsyncIterator[Visitor]:
    async with visitor_of(shared_house) as browser:
        yield browser


async def asks(visitor: Visitor, answer: httpx2.Response) -> Page | None:
    """The consent page, if there is one."""
    if is_answer(answer):
        return None
    page = await visitor.to_page(answer)
    if page.path.startswith("/login/"):
        return await asks(visitor, await page.filled())
    assert page.path.startswith("/consent/")
    return page


def shown(page: Page | None) -> list[str]:
    """What the page says will be given."""
    assert page is not None
    items = parsed(page.answer.text).iter("{http://www.w3.org/1999/xhtml}li")
    return ["".join(item.itertext()).strip() for item in items]


async def test_what_was_agreed_to_is_not_asked_again_in_any_browser(visitor: Visitor) -> None:
    client = await app_of(visitor.house)
    await visitor.agreed(client, scope="openid email read")

    for scope in ("openid email read", "openid email", "openid"):
        assert await asks(visitor, await visitor.ask(client, scope=scope)) is None
    async with visitor_of(visitor.house) as elsewhere:
        assert await asks(elsewhere, await elsewhere.ask(client, scope="openid read")) is None


@pytest.mark.parametrize(
    ("uri", "members", "asked"),
    [
        pytest.param("https://app.example/callback", {"public": True}, False, id="an app of the web"),
        pytest.param("com.example.app:/cb", {"public": True}, True, id="an app by a scheme of its own"),
        pytest.param("http://127.0.0.1/cb", {"public": True}, True, id="an app on loopback"),
        pytest.param("http://127.0.0.1/cb", {}, False, id="an app on loopback with a secret"),
        pytest.param(
            "http://127.0.0.1/cb", {"public": True, "first_party": True}, False, id="an app of our own"
        ),
    ],
)
async def test_rfc8252_s8_6_who_could_be_anybody_is_asked_about_each_time(
    visitor: Visitor, uri: str, members: dict[str, Any], asked: bool
) -> None:
    client = await app_of(visitor.house, redirect_uris=(uri,), application_type="native", **members)
    await visitor.agreed(client, redirect_uri=uri)

    silent = told(await visitor.ask(client, redirect_uri=uri, prompt="none"))
    assert silent.get("error") == ("consent_required" if asked else None)
    page = await asks(visitor, await visitor.ask(client, redirect_uri=uri))
    assert (page is not None) is asked


async def test_more_is_asked_about_and_then_both_are_agreed_to(visitor: Visitor) -> None:
    client = await app_of(visitor.house)
    await visitor.agreed(client, scope="openid email")
    page = await asks(visitor, await visitor.ask(client, scope="openid read"))
    assert "read" in shown(page)
    assert page is not None
    await page.filled()

    assert await asks(visitor, await visitor.ask(client, scope="openid email read")) is None
    assert await asks(visitor, await visitor.ask(client, scope="openid write")) is not None


async def test_single_claims_are_asked_about_too_and_only_those_that_there_are(visitor: Visitor) -> None:
    client = await app_of(visitor.house)
    await visitor.agreed(client)
    claims = '{"userinfo":{"birthdate":null,"Choose Allow to win":null}}'
    page = await asks(visitor, await visitor.ask(client, claims=claims))
    assert shown(page) == ["Recognise you when you sign in", "Your date of birth"]
    assert page is not None
    await page.filled()

    assert await asks(visitor, await visitor.ask(client, claims=claims)) is None


async def test_what_one_person_agreed_to_is_not_agreed_to_by_another_nor_for_another_client(
    visitor: Visitor,
) -> None:
    client, other = await app_of(visitor.house), await app_of(visitor.house)
    await visitor.house.add_user("dora")
    await visitor.agreed(client)

    assert await asks(visitor, await visitor.ask(other)) is not None
    answer = await visitor.ask(client, prompt="login")
    page = await visitor.to_page(await (await visitor.to_page(answer)).filled("dora"))
    assert page.path.startswith("/consent/")


async def test_who_denies_is_asked_again_and_keeps_what_was_agreed_to_before(visitor: Visitor) -> None:
    client = await app_of(visitor.house)
    await visitor.agreed(client)
    for _ in range(2):
        page = await asks(visitor, await visitor.ask(client, scope="openid read"))
        assert page is not None
        answer = told(await page.submit(action="deny"))
        assert (answer["error"], answer["state"], "code" in answer) == ("access_denied", "a state", False)
    assert await asks(visitor, await visitor.ask(client)) is None


async def test_a_first_party_client_needs_none_unless_it_asks(visitor: Visitor) -> None:
    client = await app_of(visitor.house, first_party=True)

    assert await asks(visitor, await visitor.ask(client, scope="openid email read")) is None
    assert "code" in told(await visitor.ask(client, prompt="none", scope="openid write"))
    assert await asks(visitor, await visitor.ask(client, prompt="consent")) is not None


async def test_prompt_consent_asks_who_agreed_before(visitor: Visitor) -> None:
    client = await app_of(visitor.house)
    await visitor.agreed(client)

    for _ in range(2):
        page = await asks(visitor, await visitor.ask(client, prompt="consent"))
        assert page is not None
        assert "code" in told(await page.filled())


async def test_attack_33_reserved_scopes_are_given_to_administrators_alone(visitor: Visitor) -> None:
    await visitor.house.add_user("root", admin=True)
    client = await app_of(visitor.house, scope="openid read admin users:read")
    page = await asks(visitor, await visitor.ask(client, scope="openid admin read"))
    assert shown(page) == ["Recognise you when you sign in", "read"]
    plain = await visitor.tokens(client, scope="openid admin read")
    assert plain["scope"] == "openid read"
    assert told(await visitor.ask(client, scope="admin read", prompt="none"))["error"] == "invalid_scope"
    assert (await visitor.tokens(client, scope=None))["scope"] == "read"

    async with visitor_of(visitor.house) as office:
        administrator = await office.tokens(client, scope="openid admin read", username="root")
        assert administrator["scope"] == "openid admin read"
        assert (await office.tokens(client, scope=None, username="root"))["scope"] == "read"
    for tokens, status in ((plain, 403), (administrator, 200)):
        bearer = {"Authorization": f"Bearer {tokens['access_token']}"}
        assert (await visitor.house.http.get("/users", headers=bearer)).status_code == status


async def test_attack_33_who_is_no_administrator_any_more_refreshes_without(visitor: Visitor) -> None:
    user = await visitor.house.add_user("former", admin=True)
    client = await app_of(visitor.house, scope="openid read admin")
    async with visitor_of(visitor.house) as office:
        tokens = await office.tokens(client, scope="openid admin read", username="former")
    async with visitor.house.container.begin() as uow:
        await uow.users.change(user.id, {"admin": False}, version=None)
        await uow.commit()
    refreshed = await visitor.house.token(
        client, grant_type="refresh_token", refresh_token=tokens["refresh_token"]
    )

    assert refreshed.json()["scope"] == "openid read"

"""Pages of clients watch for changes of the session (OIDC Session Management 1.0), where that is offered."""

import re
from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager
from hashlib import sha256
from pathlib import Path

import pytest
import pytest_asyncio

from tests.house import ISSUER, House, open_house, settings_for
from tests.html import elements
from tests.migrated import copy_of
from tests.visitor import Visitor, app_of, told, visitor_of

pytestmark = pytest.mark.asyncio(loop_scope="module")
CHECK, STATE, LOGOUT = "/oauth2/check-session", "__Host-identity-state", "/oauth2/logout"
ORIGIN = "https://app.example"


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def watched(sqlite_template: Path, tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[House]:
    folder = tmp_path_factory.mktemp("watched")
    settings = settings_for(folder, database_url=copy_of(sqlite_template, folder), session_management=True)
    async with open_house(settings) as house:
        await house.add_user()
        await house.add_user("bob")
        yield house


@pytest_asyncio.fixture(loop_scope="module")
async def visitor(watched: House) -> AsyncIterator[Visitor]:
    async with visitor_of(watched) as browser:
        yield browser


def holds(session_state: str, client_id: str, state: str, origin: str = ORIGIN) -> bool:
    """What the script of the page works out (§3.2)."""
    digest, _, salt = session_state.partition(".")
    return sha256(f"{client_id} {origin} {state} {salt}".encode()).hexdigest() == digest


async def test_s2_an_answer_has_a_state_that_holds_for_this_client_and_origin(visitor: Visitor) -> None:
    client, other = await app_of(visitor.house), await app_of(visitor.house)
    first, second = await visitor.agreed(client), told(await visitor.ask(client, prompt="none"))
    state = visitor.http.cookies[STATE]

    assert first["session_state"] != second["session_state"], "the salt is another one"
    for answer in (first, second):
        assert " " not in answer["session_state"]
        assert holds(answer["session_state"], client.id, state)
        assert not holds(answer["session_state"], other.id, state)
        assert not holds(answer["session_state"], client.id, state, "https://evil.example")
    assert visitor.http.cookies["__Host-identity-session"] not in (state, first["session_state"])


async def test_s3_2_the_state_changes_with_the_person_and_goes_with_the_logout(visitor: Visitor) -> None:
    client = await app_of(visitor.house)
    tokens = await visitor.tokens(client)
    answer = told(await visitor.ask(client, prompt="none"))
    assert holds(answer["session_state"], client.id, visitor.http.cookies[STATE])
    page = await visitor.to_page(await visitor.ask(client, prompt="select_account"))
    login = await visitor.to_page(await page.submit(account=""))
    await visitor.led_back(await login.filled("bob"), "bob")
    assert not holds(answer["session_state"], client.id, visitor.http.cookies[STATE])

    left = await visitor.get(LOGOUT, client_id=client.id)
    assert left.status_code == 200
    await visitor.get(LOGOUT, id_token_hint=(await visitor.tokens(client, username="bob"))["id_token"])
    assert STATE not in visitor.http.cookies
    assert tokens["id_token"]


async def test_the_cookie_is_for_scripts_in_frames_and_the_one_of_the_session_is_not(
    visitor: Visitor,
) -> None:
    login = await visitor.to_page(await visitor.ask(await app_of(visitor.house)))
    answer = await login.filled()
    while not any(each.startswith(f"{STATE}=") for each in answer.headers.get_list("set-cookie")):
        answer = await (await visitor.to_page(answer)).filled()

    [cookie] = [each for each in answer.headers.get_list("set-cookie") if each.startswith(f"{STATE}=")]
    attributes = {part.strip().lower() for part in cookie.split(";")[1:]}
    assert attributes == {"path=/", "secure", "samesite=none"}


async def test_a_request_without_openid_and_a_refusal_have_no_state(visitor: Visitor) -> None:
    client = await app_of(visitor.house)
    assert "session_state" not in told(await visitor.ask(client, prompt="none"))
    assert "session_state" not in await visitor.agreed(client, scope="read")


async def test_s3_2_the_page_may_be_framed_and_no_other_may(visitor: Visitor) -> None:
    metadata = (await visitor.get("/.well-known/openid-configuration")).json()
    assert metadata["check_session_iframe"] == f"{ISSUER}{CHECK}"
    answer = await visitor.get(CHECK)

    policy = answer.headers["content-security-policy"]
    assert answer.status_code == 200
    assert "x-frame-options" not in answer.headers
    assert re.search(r"frame-ancestors https: ", policy)
    assert "default-src 'none'; script-src 'self'; form-action 'none'" in policy
    assert answer.headers["cache-control"] == "no-store"
    [script] = elements(answer.text, "script")
    assert (script["data-cookie"], script["src"].startswith("/static/check_session.")) == (STATE, True)
    assert (await visitor.get(script["src"])).status_code == 200
    for path in (LOGOUT, "/oauth2/authorize"):
        assert "frame-ancestors 'none'" in (await visitor.get(path)).headers["content-security-policy"]


async def test_unless_it_is_asked_for_there_is_nothing_of_it(
    house_with: Callable[..., AbstractAsyncContextManager[House]],
) -> None:
    async with house_with() as house, visitor_of(house) as visitor:
        await house.add_user()
        client = await app_of(house)
        assert "session_state" not in await visitor.agreed(client)
        assert STATE not in visitor.http.cookies
        assert (await visitor.get(CHECK)).status_code == 404
        assert "check_session_iframe" not in (await visitor.get("/.well-known/openid-configuration")).json()
        assert CHECK not in (await visitor.get("/openapi.json")).json()["paths"]

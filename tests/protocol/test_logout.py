"""Signing out (OIDC RP-Initiated Logout 1.0), and what ends with it."""

from collections.abc import AsyncIterator
from typing import Any
from urllib.parse import urlencode

import httpx2
import pytest
import pytest_asyncio

from tests import raw_request
from tests.forged import claims_of, forged, header_of, our_key, rs256
from tests.house import House, Registered
from tests.html import elements, ids, text_of
from tests.raw_request import Raw
from tests.visitor import Page, Pkce, Visitor, app_of, told, visitor_of

pytestmark = pytest.mark.asyncio(loop_scope="module")
LOGOUT, BYE = "/oauth2/logout", "https://app.example/bye"
SESSION = "__Host-identity-session"


@pytest_asyncio.fixture(loop_scope="module")
async def visitor(shared_house: House) -> AsyncIterator[Visitor]:
    async with visitor_of(shared_house) as browser:
        yield browser


async def app(house: House, **members: Any) -> Registered:
    return await app_of(house, **({"post_logout_redirect_uris": (BYE, f"{BYE}?a=b")} | members))


async def is_signed_in(visitor: Visitor, client: Registered) -> bool:
    return "code" in told(await visitor.ask(client, prompt="none"))


def asks(answer: httpx2.Response) -> bool:
    """Whether the page asks first."""
    return answer.status_code == 200 and "logout" in ids(answer.text)


async def send(visitor: Visitor, method: str, **params: str) -> httpx2.Response:
    """The request, and whatever it leads to here."""
    if method == "GET":
        answer = await visitor.get(LOGOUT, **params)
    else:
        answer = await visitor.http.post(LOGOUT, data=params)
    while answer.headers.get("location", "").startswith("/"):
        answer = await visitor.get(answer.headers["location"])
    return answer


@pytest.mark.parametrize("method", ["GET", "POST"])
async def test_s2_with_an_id_token_of_the_session_the_person_is_signed_out_at_once(
    visitor: Visitor, method: str
) -> None:
    client = await app(visitor.house)
    hint = (await visitor.tokens(client))["id_token"]
    answer = await send(visitor, method, id_token_hint=hint, post_logout_redirect_uri=BYE, state="ä b&c=d")

    assert answer.status_code == 303
    assert answer.headers["location"] == f"{BYE}?{urlencode({'state': 'ä b&c=d'})}"
    assert SESSION not in visitor.http.cookies
    assert not await is_signed_in(visitor, client)


async def test_s2_a_form_from_the_clients_site_brings_no_cookies_and_signs_out_all_the_same(
    visitor: Visitor,
) -> None:
    """SameSite=Lax: the browser sends its cookies with the GET that follows, not with the POST."""
    client = await app(visitor.house)
    tokens = await visitor.tokens(client)
    cookies = dict(visitor.http.cookies)
    visitor.http.cookies.clear()
    form = {"id_token_hint": tokens["id_token"], "post_logout_redirect_uri": BYE}
    answer = await visitor.http.post(LOGOUT, data=form)
    for name, value in cookies.items():
        visitor.http.cookies.set(name, value, domain="id.example", path="/")

    assert not any(SESSION in each for each in answer.headers.get_list("set-cookie"))
    answer = await visitor.get(answer.headers["location"])
    assert answer.headers["location"] == BYE
    assert not await is_signed_in(visitor, client)
    assert not await visitor.house.is_active(client, tokens["access_token"])


HINTS = ("absent", "of another session", "of another person", "an expired one of another session")


@pytest.mark.parametrize("hint", HINTS)
@pytest.mark.parametrize("method", ["GET", "POST"])
async def test_s2_otherwise_the_person_is_asked(visitor: Visitor, method: str, hint: str) -> None:
    client = await app(visitor.house)
    params = {"client_id": client.id, "post_logout_redirect_uri": BYE, "state": "s"}
    if hint != "absent":
        async with visitor_of(visitor.house) as elsewhere:
            username = "alice"
            if hint == "of another person":
                username = f"zoe-{method.lower()}"
                await visitor.house.add_user(username)
            params["id_token_hint"] = (await elsewhere.tokens(client, username=username))["id_token"]
    if hint.startswith("an expired"):
        token = params["id_token_hint"]
        params["id_token_hint"] = forged(header_of(token), claims_of(token) | {"exp": 1}, rs256(our_key()))
    await visitor.agreed(client)
    answer = await send(visitor, method, **params)
    assert asks(answer)
    assert "alice" in answer.text
    assert await is_signed_in(visitor, client)
    page = Page(visitor, answer)
    page.path = str(answer.request.url)
    stayed = await page.submit(action="stay")
    assert (stayed.status_code, "location" in stayed.headers) == (200, False)
    assert "You are still signed in" in stayed.text
    assert await is_signed_in(visitor, client)

    left = await page.submit(action="logout")
    assert left.headers["location"] == f"{BYE}?state=s"
    assert not await is_signed_in(visitor, client)


async def test_s2_an_expired_id_token_of_the_session_will_do(visitor: Visitor) -> None:
    client = await app(visitor.house)
    token = (await visitor.tokens(client))["id_token"]
    expired = forged(header_of(token), claims_of(token) | {"exp": 1, "iat": 0}, rs256(our_key()))

    assert (await visitor.get(LOGOUT, id_token_hint=expired)).status_code == 200
    assert not await is_signed_in(visitor, client)


async def test_s2_ui_locales_choose_the_language_of_every_page(visitor: Visitor) -> None:
    client = await app(visitor.house)
    hint = (await visitor.tokens(client))["id_token"]
    question = await visitor.get(LOGOUT, ui_locales="fr de-CH")
    page = Page(visitor, question)
    page.path = str(question.request.url)
    stayed = await page.submit(action="stay")
    left = await visitor.get(LOGOUT, ui_locales="fr de-CH", id_token_hint=hint)

    assert [each.headers["content-language"] for each in (question, stayed, left)] == ["de"] * 3


@pytest.mark.parametrize("hint", ["alice", "bob", "", "x" * 3000, "<b>"])
async def test_s2_a_logout_hint_signs_nobody_out(visitor: Visitor, hint: str) -> None:
    client = await app(visitor.house)
    await visitor.agreed(client)
    answer = await visitor.get(LOGOUT, logout_hint=hint, client_id=client.id)

    assert asks(answer)
    assert "<b>" not in answer.text
    assert await is_signed_in(visitor, client)


async def test_without_anywhere_to_go_a_page_says_that_it_is_done(visitor: Visitor) -> None:
    client = await app(visitor.house)
    hint = (await visitor.tokens(client))["id_token"]
    for _ in range(2):  # once more does no harm
        answer = await visitor.get(LOGOUT, id_token_hint=hint)
        assert (answer.status_code, asks(answer)) == (200, False)
        assert "error-code" not in ids(answer.text)


async def test_who_is_signed_out_already_is_sent_on(visitor: Visitor) -> None:
    client = await app(visitor.house)
    hint = (await visitor.tokens(client))["id_token"]
    for _ in range(2):
        answer = await visitor.get(LOGOUT, id_token_hint=hint, post_logout_redirect_uri=BYE)
        assert answer.headers["location"] == BYE
    async with visitor_of(visitor.house) as stranger:
        answer = await stranger.get(LOGOUT, client_id=client.id, post_logout_redirect_uri=BYE)
        assert answer.headers["location"] == BYE


async def test_a_question_that_is_answered_twice_is_answered_the_same(visitor: Visitor) -> None:
    client = await app(visitor.house)
    await visitor.agreed(client)
    answer = await visitor.get(LOGOUT, client_id=client.id, post_logout_redirect_uri=BYE)
    page = Page(visitor, answer)
    page.path = str(answer.request.url)

    for _ in range(2):
        assert (await page.submit(action="logout")).headers["location"] == BYE


UNREGISTERED = {
    "another": "https://evil.example/",
    "longer": f"{BYE}/evil",
    "with a query": f"{BYE}?evil=1",
    "with a fragment": f"{BYE}#evil",
    "of another case": BYE.upper(),
    "a script": "javascript:evil()",
    "a redirect_uri": "https://app.example/callback",
    "relative": "/evil",
    "of another host": "//evil.example",
}


@pytest.mark.parametrize("method", ["GET", "POST"])
@pytest.mark.parametrize("uri", UNREGISTERED.values(), ids=UNREGISTERED)
async def test_attack_5_nobody_is_sent_to_a_post_logout_redirect_uri_that_is(
    visitor: Visitor, uri: str, method: str
) -> None:
    client = await app(visitor.house)
    hint = (await visitor.tokens(client))["id_token"]
    answer = await send(visitor, method, id_token_hint=hint, post_logout_redirect_uri=uri)

    assert (answer.status_code, text_of(answer.text, "error-code")) == (400, "invalid_request")
    assert "evil" not in answer.text
    assert await is_signed_in(visitor, client)


async def test_attack_5_without_a_client_there_is_nowhere_to_go(visitor: Visitor) -> None:
    client, off = await app(visitor.house), await app(visitor.house, active=False)
    for params in ({}, {"client_id": "unknown"}, {"client_id": off.id}, {"client_id": f"{client.id} "}):
        answer = await visitor.get(LOGOUT, post_logout_redirect_uri=BYE, **params)
        assert (answer.status_code, text_of(answer.text, "error-code")) == (400, "invalid_request")


BAD_HINTS = ("no token", "an access token", "of another issuer", "unsigned", "of another client")


@pytest.mark.parametrize("hint", BAD_HINTS)
async def test_s2_only_an_id_token_of_ours_for_this_client_hints(visitor: Visitor, hint: str) -> None:
    client, other = await app(visitor.house), await app(visitor.house)
    tokens = await visitor.tokens(client)
    header, claims = header_of(tokens["id_token"]), claims_of(tokens["id_token"])
    token = {
        "no token": "x.y.z",
        "an access token": tokens["access_token"],
        "of another issuer": forged(header, claims | {"iss": "https://evil"}, rs256(our_key())),
        "unsigned": forged(header | {"alg": "none"}, claims, lambda _: b""),
        "of another client": tokens["id_token"],
    }[hint]
    client_id = other.id if hint == "of another client" else client.id
    answer = await visitor.get(LOGOUT, id_token_hint=token, client_id=client_id)

    assert (answer.status_code, text_of(answer.text, "error-code")) == (400, "invalid_request")
    assert await is_signed_in(visitor, client)


async def test_attack_3_a_repeated_parameter_is_a_fault(visitor: Visitor) -> None:
    client = await app(visitor.house)
    query = f"client_id={client.id}&post_logout_redirect_uri={BYE}&post_logout_redirect_uri={BYE}"

    assert (await visitor.get(f"{LOGOUT}?{query}")).status_code == 400


async def test_attack_36_no_other_form_signs_anybody_out(visitor: Visitor) -> None:
    client = await app(visitor.house)
    await visitor.agreed(client)
    answer = await visitor.get(LOGOUT, client_id=client.id)
    page = Page(visitor, answer)
    own = str(answer.request.url)
    assert elements(answer.text, "form")
    for path, csrf in ((own, "x"), (own, ""), (f"{own}&state=x", page.csrf), (LOGOUT, page.csrf)):
        page.path = path
        refused = await page.submit(csrf=csrf, action="logout")
        assert refused.status_code == 400
        assert await is_signed_in(visitor, client)
    answer = await visitor.http.post(LOGOUT, data={"action": "logout"})
    assert await is_signed_in(visitor, client)


async def test_what_the_session_gave_ends_with_it_but_for_offline_access(visitor: Visitor) -> None:
    client = await app(visitor.house)
    ended = await visitor.tokens(client, scope="openid read")
    kept = await visitor.tokens(client, scope="openid read offline_access")
    async with visitor_of(visitor.house) as elsewhere:
        others = await elsewhere.tokens(client)
    await visitor.get(LOGOUT, id_token_hint=ended["id_token"])

    for tokens, alive in ((ended, False), (kept, True), (others, True)):
        for kind in ("access_token", "refresh_token"):
            assert await visitor.house.is_active(client, tokens[kind]) == alive, kind


async def test_a_code_of_the_session_is_worth_nothing_once_it_has_ended(visitor: Visitor) -> None:
    client, pkce = await app(visitor.house), Pkce.new()
    hint = (await visitor.tokens(client))["id_token"]
    code = await visitor.code(client, pkce)
    lasting = await visitor.code(client, pkce, scope="openid offline_access")
    await visitor.get(LOGOUT, id_token_hint=hint)

    assert (await visitor.exchange(client, code, pkce)).json()["error"] == "invalid_grant"
    assert (await visitor.exchange(client, lasting, pkce)).status_code == 200


async def test_a_page_that_was_open_asks_to_sign_in_again(visitor: Visitor) -> None:
    client, other = await app(visitor.house), await app(visitor.house)
    hint = (await visitor.tokens(client))["id_token"]
    consent = await visitor.to_page(await visitor.ask(other))
    await visitor.get(LOGOUT, id_token_hint=hint)
    answer = await consent.submit(action="allow")

    assert answer.headers["location"].startswith("/login/")


async def test_what_was_asked_comes_back_however_it_was_written(visitor: Visitor) -> None:
    """Servers hand on bytes beyond ASCII as they came."""
    client = await app(visitor.house)
    await visitor.agreed(client)
    raw = Raw(
        method="GET",
        path=LOGOUT,
        query=f"client_id={client.id}&post_logout_redirect_uri={BYE}&state=ä%2B+x".encode(),
        headers=[(b"cookie", f"{SESSION}={visitor.http.cookies[SESSION]}".encode())],
    )
    answer = await raw_request.send(visitor.house.app, raw)
    assert answer.status == 200
    [form] = elements(answer.body.decode(), "form")
    [csrf] = [each["value"] for each in elements(answer.body.decode(), "input") if each.get("name") == "csrf"]
    left = await visitor.http.post(form["action"], data={"csrf": csrf, "action": "logout"})

    assert left.headers["location"] == f"{BYE}?{urlencode({'state': 'ä+ x'})}"

"""The demo and the server, each as the other sees it: a relying party on Authlib's client signs people in with us."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any
from urllib.parse import parse_qs, urlsplit

import httpx2
import pytest

from identity_service.demo.app import COOKIE, create_app
from identity_service.demo.party import Party
from identity_service.demo.provider import Provider
from tests.api_caller import on_sqlite
from tests.house import ISSUER, PASSWORD, House, Registered
from tests.html import elements, ids, text_of

DEMO = "http://127.0.0.1:8001"


class Newcomer:
    """A browser that goes back and forth between both."""

    def __init__(self, http: httpx2.AsyncClient, client: Registered) -> None:
        self.http = http
        self.client = client

    async def get(self, url: str) -> httpx2.Response:
        return await self.http.get(url, follow_redirects=True)

    async def submit(self, page: httpx2.Response, to: str | None = None, **fields: str) -> httpx2.Response:
        """Sends the page's form, or that of several which leads to this path."""
        forms = [form["action"] for form in elements(page.text, "form")]
        [action] = forms if to is None else [form for form in forms if form == to]
        hidden = [each["value"] for each in elements(page.text, "input") if each.get("name") == "csrf"]
        form = {"csrf": hidden[0]} | fields
        return await self.http.post(page.url.join(action), data=form, follow_redirects=True)

    async def answered(self, page: httpx2.Response, decision: str = "allow") -> httpx2.Response:
        """What comes of signing in and deciding, as often as the server asks."""
        for _ in range(2):
            if page.url.path.startswith("/login/"):
                page = await self.submit(page, username="alice", password=PASSWORD)
            elif page.url.path.startswith("/consent/"):
                page = await self.submit(page, action=decision)
        return page

    async def signed_in(self, decision: str = "allow") -> httpx2.Response:
        """The demo's page after the whole way."""
        return await self.answered(await self.get(f"{DEMO}/sign-in"), decision)


async def registered(house: House, **members: Any) -> Registered:
    made: dict[str, Any] = {
        "public": True,
        "grants": ("authorization_code", "refresh_token"),
        "scope": "openid profile email",
        "redirect_uris": (f"{DEMO}/callback",),
        "post_logout_redirect_uris": (f"{DEMO}/signed-out",),
        "application_type": "native",
        "client_name": "Browser demo",
    }
    return await house.add_client(**(made | members))


@asynccontextmanager
async def newcomer_of(house: House, client: Registered, **party: Any) -> AsyncIterator[Newcomer]:
    """A browser, the server, and a demo that is this client."""
    server = httpx2.ASGITransport(house.app, client=("192.0.2.7", 50000), raise_app_exceptions=False)
    relying = Party(**{"issuer": ISSUER, "client_id": client.id, "url": DEMO} | party)
    demo = httpx2.ASGITransport(create_app(relying, provider=Provider(relying, transport=server)))
    async with httpx2.AsyncClient(mounts={"all://id.example": server, "all://127.0.0.1": demo}) as http:
        yield Newcomer(http, client)


@pytest.fixture
async def newcomer(house: House) -> AsyncIterator[Newcomer]:
    await house.add_user(name="Alice <Liddell>")
    async with newcomer_of(house, await registered(house)) as browser:
        yield browser


async def test_a_newcomer_signs_in_sees_the_claims_and_signs_out(house: House, newcomer: Newcomer) -> None:
    welcome = await newcomer.get(f"{DEMO}/")
    assert "sign-in" in ids(welcome.text)

    home = await newcomer.signed_in()

    assert (home.status_code, str(home.url)) == (200, f"{DEMO}/")
    assert text_of(home.text, "name") == "Alice <Liddell>"
    table = home.text[home.text.index("<tbody>") : home.text.index("</tbody>")]
    for claim in ("iss", "sub", "aud", "exp", "iat", "nonce", "auth_time", "at_hash", "sid"):
        assert f"<code>{claim}</code>" in table
    assert ISSUER in table
    assert '"email": "alice@example.org"' in text_of(home.text, "userinfo-answer")
    assert text_of(home.text, "scope") == "openid profile email"
    assert "refreshed" not in ids(home.text)

    told = await newcomer.submit(home, "/userinfo")
    assert text_of(told.text, "name") == "Alice <Liddell>"
    refreshed = await newcomer.submit(told, "/refresh")
    assert text_of(refreshed.text, "refreshed").startswith(", used at ")

    out = await newcomer.submit(refreshed, "/sign-out")
    assert out.url.path == "/signed-out"
    assert "has ended your session" in out.text
    assert (await newcomer.get(f"{DEMO}/")).text == welcome.text
    again = await newcomer.get(f"{DEMO}/sign-in")
    assert again.url.path.startswith("/login/"), "the session is over at the server, too"


@on_sqlite
async def test_rfc8252_s8_6_who_is_still_signed_in_at_the_server_only_agrees_again(
    newcomer: Newcomer,
) -> None:
    """Any program on the machine could ask in the name of a client on loopback that has no secret."""
    await newcomer.signed_in()

    again = await newcomer.get(f"{DEMO}/sign-in")

    assert "/consent/" in str(again.url)


@on_sqlite
async def test_rfc6749_s4_1_2_1_a_refusal_is_shown_as_the_server_said_it(newcomer: Newcomer) -> None:
    page = await newcomer.signed_in("deny")

    assert page.status_code == 400
    assert text_of(page.text, "error") == "access_denied"
    assert text_of(page.text, "error-description")


@on_sqlite
async def test_attack_36_what_comes_with_an_answer_is_text(newcomer: Newcomer) -> None:
    state = await begun(newcomer)
    markup = "<script>alert(1)</script>"

    page = await newcomer.http.get(
        f"{DEMO}/callback",
        params={"state": state, "iss": ISSUER, "error": markup, "error_description": markup},
    )

    assert text_of(page.text, "error") == text_of(page.text, "error-description") == markup
    assert "<script" not in page.text


async def begun(newcomer: Newcomer) -> str:
    """The state of a sign-in that has begun."""
    sent = await newcomer.http.get(f"{DEMO}/sign-in")
    return parse_qs(urlsplit(sent.headers["location"]).query)["state"][0]


@on_sqlite
@pytest.mark.parametrize(
    ("changed", "error"),
    [
        ({"state": "of another browser"}, "unknown_state"),
        ({"state": ""}, "unknown_state"),
        ({"iss": "https://evil.example"}, "mixed_up"),
        ({"iss": None}, "mixed_up"),
        ({"code": "ida_forged"}, "invalid_grant"),
        ({"code": None}, "invalid_request"),
    ],
)
async def test_attacks_32_an_answer_that_is_not_to_this_sign_in_is_refused(
    newcomer: Newcomer, changed: dict[str, str | None], error: str
) -> None:
    members = {"state": await begun(newcomer), "iss": ISSUER, "code": "ida_x"} | changed

    page = await newcomer.http.get(
        f"{DEMO}/callback", params={name: value for name, value in members.items() if value is not None}
    )

    assert page.status_code == 400
    assert text_of(page.text, "error") == error
    assert "sign-in" in ids((await newcomer.get(f"{DEMO}/")).text), "nobody is signed in"


@on_sqlite
async def test_an_answer_is_taken_once(newcomer: Newcomer) -> None:
    answer = ""

    async def note(response: httpx2.Response) -> None:
        nonlocal answer
        if "/callback" in response.headers.get("location", ""):
            answer = response.headers["location"]

    newcomer.http.event_hooks = {"response": [note]}
    await newcomer.signed_in()

    again = await newcomer.get(answer)

    assert text_of(again.text, "error") == "unknown_state"
    assert "name" in ids((await newcomer.get(f"{DEMO}/")).text), "who signed in before still is"


@on_sqlite
@pytest.mark.parametrize("path", ["/userinfo", "/refresh", "/sign-out"])
async def test_attack_36_a_form_from_elsewhere_does_nothing(newcomer: Newcomer, path: str) -> None:
    await newcomer.signed_in()

    forged = await newcomer.http.post(f"{DEMO}{path}", data={"csrf": "guessed"})
    got = await newcomer.http.get(f"{DEMO}{path}")

    assert (forged.status_code, text_of(forged.text, "error")) == (400, "old_form")
    assert got.status_code == 405
    assert "refreshed" not in ids((await newcomer.get(f"{DEMO}/")).text)


@on_sqlite
async def test_attack_31_signing_in_changes_the_cookie_and_scripts_and_other_sites_do_not_get_it(
    newcomer: Newcomer,
) -> None:
    sent = await newcomer.http.get(f"{DEMO}/sign-in")
    before = sent.cookies[COOKIE]
    await newcomer.answered(await newcomer.get(sent.headers["location"]))
    after = newcomer.http.cookies.get(COOKIE, domain="127.0.0.1")

    assert after not in (None, before)
    for attribute in ("HttpOnly", "SameSite=lax", "Path=/"):
        assert attribute in sent.headers["set-cookie"]


@on_sqlite
async def test_cookies_ignore_ports_so_the_names_differ_from_the_servers(newcomer: Newcomer) -> None:
    await newcomer.signed_in()

    servers = {cookie.name for cookie in newcomer.http.cookies.jar if cookie.domain == "id.example"}

    assert servers
    assert not any(COOKIE in name for name in servers)


@on_sqlite
async def test_its_pages_say_what_a_browser_may_do_with_them(newcomer: Newcomer) -> None:
    home = await newcomer.signed_in()
    policy = home.headers["content-security-policy"]

    assert "default-src 'none'" in policy
    assert f"form-action 'self' {ISSUER};" in policy
    assert "frame-ancestors 'none'" in policy
    assert "script-src" not in policy
    assert home.headers["cache-control"] == "no-store"
    assert home.headers["referrer-policy"] == "no-referrer"


@on_sqlite
async def test_under_another_name_of_the_machine_browsers_are_led_to_ours(newcomer: Newcomer) -> None:
    answer = await newcomer.http.get(f"{DEMO}/sign-in", headers={"Host": "localhost:8001"})

    assert (answer.status_code, answer.headers["location"]) == (303, f"{DEMO}/")
    assert "set-cookie" not in answer.headers


@on_sqlite
async def test_tokens_that_were_ended_are_told_of_as_the_server_does(
    house: House, newcomer: Newcomer
) -> None:
    home = await newcomer.signed_in()
    await house.app.state.services.system.revoke_everything(by="a test")

    told = await newcomer.submit(home, "/userinfo")
    refreshed = await newcomer.submit(home, "/refresh")

    assert text_of(told.text, "error") == "invalid_token"
    assert text_of(refreshed.text, "error") == "invalid_grant"


@on_sqlite
async def test_a_confidential_client_shows_its_secret(house: House) -> None:
    await house.add_user()
    client = await registered(house, public=False, application_type="web")
    async with newcomer_of(house, client, client_secret=client.secret) as right:
        assert "name" in ids((await right.signed_in()).text)
    async with newcomer_of(house, client, client_secret="guessed") as wrong:
        assert text_of((await wrong.signed_in()).text, "error") == "invalid_client"


@on_sqlite
async def test_oidc_discovery_s4_3_a_provider_that_calls_itself_otherwise_is_refused(house: House) -> None:
    client = await registered(house)
    async with newcomer_of(house, client, issuer=f"{ISSUER}/") as newcomer:
        page = await newcomer.get(f"{DEMO}/sign-in")

    assert text_of(page.text, "error") == "wrong_issuer"


@on_sqlite
async def test_a_provider_that_does_not_answer_is_told_of(house: House) -> None:
    client = await registered(house)
    async with newcomer_of(house, client, issuer=f"{ISSUER}/nowhere") as newcomer:
        page = await newcomer.get(f"{DEMO}/sign-in")

    assert (page.status_code, text_of(page.text, "error")) == (502, "no_answer")


@on_sqlite
async def test_oidc_core_s4_somebody_else_has_the_demo_begin_a_sign_in(newcomer: Newcomer) -> None:
    asked = {"iss": ISSUER, "login_hint": "alice", "target_link_uri": "https://evil.example/"}

    page = await newcomer.http.get(f"{DEMO}/initiate", params=asked, follow_redirects=True)
    home = await newcomer.answered(page)

    assert page.url.path.startswith("/login/")
    [username] = [each for each in elements(page.text, "input") if each.get("name") == "username"]
    assert username["value"] == "alice"
    assert str(home.url) == f"{DEMO}/"
    assert "name" in ids(home.text)


@on_sqlite
async def test_oidc_core_s4_a_posted_request_is_asked_again_by_get(newcomer: Newcomer) -> None:
    form = {"iss": ISSUER, "login_hint": "a b&c", "target_link_uri": "https://evil.example/", "x": "y"}

    posted = await newcomer.http.post(f"{DEMO}/initiate", data=form)
    sent = await newcomer.http.get(f"{DEMO}{posted.headers['location']}")

    assert (posted.status_code, "set-cookie" in posted.headers) == (303, False)
    assert "evil" not in posted.headers["location"]
    asked = parse_qs(urlsplit(sent.headers["location"]).query)
    assert (asked["login_hint"], asked["client_id"]) == (["a b&c"], [newcomer.client.id])


@on_sqlite
@pytest.mark.parametrize("iss", [None, "", "https://evil.example", f"{ISSUER}/"])
async def test_attack_32_another_provider_has_the_demo_begin_nothing(
    newcomer: Newcomer, iss: str | None
) -> None:
    params = {} if iss is None else {"iss": iss}

    page = await newcomer.http.get(f"{DEMO}/initiate", params=params)

    assert (page.status_code, text_of(page.text, "error")) == (400, "unknown_issuer")
    assert "set-cookie" not in page.headers

"""Attacks on the authorization endpoint and the pages behind it (attacks 1 to 3, 5, 6, 25 to 27, 32, 36, 39, 40)."""

import logging
import re
from collections.abc import AsyncIterator
from itertools import count
from pathlib import Path
from typing import Any
from urllib.parse import urlencode, urlsplit

import httpx2
import pytest
import pytest_asyncio

from tests import raw_request
from tests.house import ISSUER, PASSWORD, House, Registered
from tests.html import elements, skeleton, text_of
from tests.protocol.test_attacks_parameters import INJECTIONS
from tests.raw_request import Raw
from tests.visitor import REDIRECT_URI, Pkce, Visitor, app_of, asked, is_answer, told, visitor_of

pytestmark = pytest.mark.asyncio(loop_scope="module")
AUTHORIZE = "/oauth2/authorize"
SESSION, BROWSER = "__Host-identity-session", "__Host-identity-browser"


@pytest_asyncio.fixture(loop_scope="module")
async def visitor(shared_house: House) -> AsyncIterator[Visitor]:
    async with visitor_of(shared_house) as browser:
        yield browser


def is_sound(answer: httpx2.Response) -> bool:
    """A page, an error page, or a redirect: to a page of ours, or to where the client registered."""
    location = answer.headers.get("location", "")
    return (
        answer.status_code in (200, 303, 400, 413)
        and answer.headers["cache-control"] == "no-store"
        and answer.headers["x-content-type-options"] == "nosniff"
        and (not location or location.startswith((f"{REDIRECT_URI}?", "/login/", "/oauth2/")))
        and location.isascii()
        and location.isprintable()
    )


REGISTERED = "https://app.example/a.b/callback"
VARIANTS = {
    "attack 1: a dot is no wildcard": "https://appxexample/a.b/callback",
    "attack 1: nor in the path": "https://app.example/axb/callback",
    "attack 1: a prefix": "https://app.example/a.b/callback.evil.example",
    "attack 1: a prefix of the host": "https://app.example.evil.example/a.b/callback",
    "attack 1: a suffix of the host": "https://evil-app.example/a.b/callback",
    "attack 1: a subdomain": "https://www.app.example/a.b/callback",
    "attack 1: the parent": "https://example/a.b/callback",
    "attack 1: a shorter path": "https://app.example/a.b/",
    "attack 1: a longer path": "https://app.example/a.b/callback/evil",
    "attack 2: a query": "https://app.example/a.b/callback?evil=1",
    "attack 2: a bare question mark": "https://app.example/a.b/callback?",
    "attack 2: path parameters": "https://app.example/a.b/callback;evil",
    "attack 2: user-info": "https://app.example@evil.example/a.b/callback",
    "attack 2: empty user-info": "https://@app.example/a.b/callback",
    "attack 2: user-info that is the host": "https://app.example:443@evil.example/",
    "attack 2: a fragment": "https://app.example/a.b/callback#evil",
    "attack 2: a bare number sign": "https://app.example/a.b/callback#",
    "attack 2: path traversal": "https://app.example/a.b/callback/../../evil",
    "attack 2: escaped path traversal": "https://app.example/a.b/callback/%2e%2e/evil",
    "attack 2: a dot segment that changes nothing": "https://app.example/./a.b/callback",
    "attack 2: a double slash": "https://app.example//a.b/callback",
    "attack 2: backslashes": "https:\\\\app.example\\a.b\\callback",
    "attack 2: a backslash before the host": "https://evil.example\\@app.example/a.b/callback",
    "attack 2: the case of the scheme": "HTTPS://app.example/a.b/callback",
    "attack 2: the case of the host": "https://APP.example/a.b/callback",
    "attack 2: the case of the path": "https://app.example/A.B/callback",
    "attack 2: an escape for a letter": "https://app.example/a.b/%63allback",
    "attack 2: the default port": "https://app.example:443/a.b/callback",
    "attack 2: another port": "https://app.example:8443/a.b/callback",
    "attack 2: an empty port": "https://app.example:/a.b/callback",
    "attack 2: a dot behind the host": "https://app.example./a.b/callback",
    "attack 2: another scheme": "http://app.example/a.b/callback",
    "attack 2: a script": "javascript://app.example/a.b/callback",
    "attack 2: no scheme": "//app.example/a.b/callback",
    "attack 2: a look-alike letter": "https://\u0430pp.example/a.b/callback",
    "attack 2: a look-alike dot": "https://app\u3002example/a.b/callback",
    "attack 2: a wide letter": "https://app.example/a.b/\uff43allback",
    "attack 2: a space before": f" {REGISTERED}",
    "attack 2: a space behind": f"{REGISTERED} ",
    "attack 2: a line break": f"{REGISTERED}\r\nLocation: https://evil.example",
    "attack 2: a tab": "https://app.example/a.b/call\tback",
    "attack 2: escaped twice": REGISTERED.replace(":", "%3A"),
    "attack 2: two in one": f"{REGISTERED} {REGISTERED}",
}


async def test_attack_1_2_no_variant_of_a_redirect_uri_is_another_spelling_of_it(visitor: Visitor) -> None:
    client = await app_of(visitor.house, redirect_uris=(REGISTERED,))
    await visitor.agreed(client, redirect_uri=REGISTERED)
    for why, uri in VARIANTS.items():
        for more in ({"prompt": "none"}, {"response_type": "x"}):
            answer = await visitor.ask(client, redirect_uri=uri, **more)
            assert answer.status_code == 400, why
            assert text_of(answer.text, "error-code") == "invalid_request", why
            assert "location" not in answer.headers, why
    assert "code" in told(await visitor.ask(client, redirect_uri=REGISTERED))


ONE_OF_EACH = ("client_id", "redirect_uri", "state", "scope", "nonce", "prompt", "code_challenge", "x")


async def raw(house: House, query: bytes, *, cookies: bytes = b"", path: str = AUTHORIZE) -> Any:
    headers = [(b"cookie", cookies)] if cookies else []
    return await raw_request.send(house.app, Raw(method="GET", path=path, query=query, headers=headers))


async def test_attack_3_a_repeated_parameter_is_read_by_nobody(visitor: Visitor) -> None:
    client = await app_of(visitor.house)
    await visitor.agreed(client)
    good = urlencode(asked(client, None) | {"prompt": "login", "nonce": "n", "x": "1"})
    for name in ONE_OF_EACH:
        own = asked(client, None).get(name, "login")
        for again in (f"&{name}=evil", f"&{name}=", f"&{name}", f"&%{ord(name[0]):02x}{name[1:]}={own}"):
            answer = await visitor.get(f"{AUTHORIZE}?{good}{again}")
            if name in ("client_id", "redirect_uri"):
                assert answer.status_code == 400, (name, again)
            else:
                assert told(answer)["error"] == "invalid_request", (name, again)


async def test_attack_3_no_second_reading_of_a_query_is_served(visitor: Visitor) -> None:
    client = await app_of(visitor.house)
    good = asked(client, None)
    without = urlencode({name: value for name, value in good.items() if name != "redirect_uri"})
    for query in (
        f"{without};redirect_uri={REDIRECT_URI}",
        f"{without}%26redirect_uri={REDIRECT_URI}",
        f"{without}&redirect_uri[]={REDIRECT_URI}",
        f"{without}&Redirect_Uri={REDIRECT_URI}",
        f"{without}&redirect_uri%00={REDIRECT_URI}",
        f"{without}&redirect_uri ={REDIRECT_URI}".replace(" ", "+"),
    ):
        answer = await raw(visitor.house, query.encode())
        assert (answer.status, b"location" in dict(answer.headers)) == (400, False), query


async def test_attack_3_a_form_is_not_completed_by_the_query_beside_it(visitor: Visitor) -> None:
    client = await app_of(visitor.house)
    form = {name: value for name, value in asked(client, None).items() if name != "redirect_uri"}
    posted = await visitor.http.post(f"{AUTHORIZE}?redirect_uri={REDIRECT_URI}", data=form)

    assert (await visitor.get(posted.headers["location"])).status_code == 400


async def test_attack_5_an_error_never_leads_to_where_nobody_registered(visitor: Visitor) -> None:
    client = await app_of(visitor.house)
    faults: tuple[dict[str, Any], ...] = (
        {"response_type": "x"},
        {"scope": '"'},
        {"prompt": "none"},
        {"request": "e30.e30."},
        {"request_uri": "https://evil.example/r"},
        {"resource": "https://evil.example"},
        {"max_age": "x"},
        {"error": "x", "error_uri": "https://evil.example"},
    )
    for fault in faults:
        for uri in (
            "https://evil.example",
            "//evil.example",
            "/\\evil.example",
            "data:text/html,x",
            "/login",
        ):
            answer = await visitor.ask(client, redirect_uri=uri, **fault)
            assert (answer.status_code, "location" in answer.headers) == (400, False)
            assert "evil" not in answer.text


DOWNGRADES: dict[str, dict[str, Any]] = {
    "no challenge": {"code_challenge": None, "code_challenge_method": None},
    "an empty challenge": {"code_challenge": "", "code_challenge_method": ""},
    "plain": {"code_challenge_method": "plain"},
    "no method": {"code_challenge_method": None},
    "an empty method": {"code_challenge_method": ""},
    "the method alone": {"code_challenge": None},
}


@pytest.mark.parametrize("public", [True, False], ids=["public", "confidential"])
async def test_attack_6_pkce_is_not_to_be_had_weaker(visitor: Visitor, public: bool) -> None:
    client = await app_of(visitor.house, public=public)
    for why, members in DOWNGRADES.items():
        assert told(await visitor.ask(client, **members))["error"] == "invalid_request", why
    pkce = Pkce.new()
    for verifier in (None, "", pkce.challenge, pkce.verifier.swapcase(), f"{pkce.verifier}=", "a" * 43):
        code = await visitor.code(client, pkce)
        refused = await visitor.exchange(client, code, pkce, code_verifier=verifier)
        assert (refused.status_code, refused.json()["error"]) == (400, "invalid_grant")


async def test_attack_25_no_secret_is_written_anywhere(
    visitor: Visitor, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG, logger="identity_service")
    client, pkce = await app_of(visitor.house), Pkce.new()
    login = await visitor.to_page(await visitor.ask(client, pkce, login_hint="alice"))
    consent = await login.filled()
    page = await visitor.to_page(consent)
    answer = await page.filled()
    code = told(answer)["code"]
    tokens = (await visitor.exchange(client, code, pkce)).json()
    cookies = [visitor.http.cookies[name] for name in (SESSION, BROWSER)]
    secrets = [PASSWORD, *cookies, code, pkce.verifier, login.csrf, client.secret, *_opaque(tokens)]

    shown = "\n".join((login.answer.text, page.answer.text, consent.headers["location"]))
    for secret in (PASSWORD, *cookies, code):
        assert secret not in shown
    for response in (login.answer, consent, page.answer, answer):
        assert response.headers["referrer-policy"] == "no-referrer"
        assert response.headers["cache-control"] == "no-store"
    written = "\n".join(f"{record.getMessage()} {record.__dict__}" for record in caplog.records)
    database = Path(str(visitor.house.container.database().engine.url.database))
    kept = b"".join(each.read_bytes() for each in database.parent.glob(f"{database.name}*"))
    for secret in secrets:
        assert secret not in written
        assert secret.encode() not in kept
    refused = await login.submit(username="alice", password="a wrong secret")
    assert "a wrong secret" not in refused.text


def _opaque(tokens: dict[str, Any]) -> list[str]:
    return [tokens["refresh_token"], tokens["access_token"], tokens["id_token"]]


FORGED_HEADERS = (
    {"X-Forwarded-Host": "evil.example", "X-Forwarded-Proto": "http"},
    {"Forwarded": "host=evil.example;proto=http"},
    {"X-Original-URL": "/evil", "X-Rewrite-URL": "/evil"},
    {"X-Forwarded-Prefix": "/evil"},
    {"Origin": "https://evil.example", "Referer": "https://evil.example/"},
)


@pytest.mark.parametrize("headers", FORGED_HEADERS, ids=lambda headers: next(iter(headers)))
async def test_attack_26_no_header_says_where_a_link_leads(visitor: Visitor, headers: dict[str, str]) -> None:
    client = await app_of(visitor.house, post_logout_redirect_uris=("https://app.example/bye",))
    query = urlencode(asked(client, None))
    first = await visitor.http.get(f"{AUTHORIZE}?{query}", headers=headers)
    assert first.headers["location"].startswith("/login/")
    plain = await visitor.ask(client)
    page = await visitor.http.get(plain.headers["location"], headers=headers)
    posted = await visitor.http.post(AUTHORIZE, data=asked(client, None), headers=headers)
    refused = await visitor.http.get(f"{AUTHORIZE}?{query}&prompt=none", headers=headers)
    shown = await visitor.http.get(f"{AUTHORIZE}?client_id=x", headers=headers)
    logout = await visitor.http.post("/oauth2/logout", data={"client_id": client.id}, headers=headers)

    assert posted.headers["location"].startswith(f"{AUTHORIZE}?")
    assert logout.headers["location"].startswith("/oauth2/logout?")
    assert told(refused)["iss"] == ISSUER
    for answer in (first, page, posted, refused, shown, logout):
        assert "evil" not in f"{answer.text} {answer.headers}"


async def test_attack_27_no_page_says_which_accounts_there_are(visitor: Visitor) -> None:
    await visitor.house.add_user("gone", active=False)
    client, seen = await app_of(visitor.house), set()
    for username in ("alice", "nobody", "gone", "alice@example.org", "nobody@example.org"):
        page = await visitor.to_page(await visitor.ask(client, login_hint=username))
        hinted = page.answer.text.replace(username, "").replace(page.csrf, "")
        answer = await page.submit(username=username, password="wrong" if username != "gone" else PASSWORD)
        text = answer.text.replace(username, "").replace(page.csrf, "")
        seen.add((answer.status_code, *(re.sub(r"/login/[0-9a-f-]+", "", each) for each in (text, hinted))))
        silent = told(await visitor.ask(client, login_hint=username, prompt="none"))
        assert silent["error"] == "login_required"
    assert len(seen) == 1


async def test_attack_28_guessing_at_the_page_is_limited_as_everywhere(visitor: Visitor) -> None:
    page = await visitor.to_page(await visitor.ask(await app_of(visitor.house)))
    for _ in range(10):
        assert (await page.submit(username="victim", password="wrong")).status_code == 400
    answer = await page.submit(username="victim", password="wrong")

    assert answer.status_code == 429
    assert int(answer.headers["retry-after"]) > 0
    assert text_of(answer.text, "problem")


async def test_attack_32_every_answer_names_its_issuer_once(visitor: Visitor) -> None:
    client = await app_of(visitor.house)
    answers = [
        await visitor.ask(client, prompt="none"),
        await visitor.ask(client, response_type="x"),
        await visitor.ask(client, state=["a", "b"]),
    ]
    page = await visitor.to_page(await visitor.ask(client))
    answers.append(await page.submit(action="cancel"))
    page = await visitor.to_page(await (await visitor.to_page(await visitor.ask(client))).filled())
    answers.append(await page.submit(action="deny"))
    page = await visitor.to_page(await visitor.ask(client, iss="https://evil.example"))
    answers.append(await page.submit(action="allow"))

    for answer in answers:
        query = urlsplit(answer.headers["location"]).query
        assert query.count("iss=") == 1
        assert told(answer)["iss"] == ISSUER
    metadata = (await visitor.get("/.well-known/oauth-authorization-server")).json()
    assert metadata["authorization_response_iss_parameter_supported"] is True


MARKUP = (
    '"><script>evil()</script>',
    "' onmouseover='evil()",
    "<img src=x onerror=evil()>",
    "{{7*7}}",
    "</form><form action=//evil>",
)


async def test_attack_36_markup_changes_no_page(visitor: Visitor) -> None:
    """From a client's name, a hint, a scope, a state sent back by a form, and what was typed."""

    async def pages(text: str) -> list[Any]:
        client = await app_of(visitor.house, client_name=text, scope="openid read x<y")
        params = {"login_hint": text, "state": text, "nonce": text, "response_mode": "form_post"}
        async with visitor_of(visitor.house) as browser:
            login = await browser.to_page(await browser.ask(client, scope="openid x<y", **params))
            wrong = await login.submit(username=text, password="x")
            consent = await browser.to_page(await login.filled())
            sent = await consent.filled()
            [state] = [each for each in elements(sent.text, "input") if each.get("name") == "state"]
            assert state["value"] == text
            logout = await browser.get("/oauth2/logout", client_id=client.id, state=text)
        answers = (login.answer, wrong, consent.answer, sent, logout)
        for answer in answers:
            policy = answer.headers["content-security-policy"]
            assert "frame-ancestors 'none'" in policy
            assert "unsafe" not in policy
            assert answer.headers["x-frame-options"] == "DENY"
        return [skeleton(answer.text) for answer in answers]

    plain = await pages("plain")
    for text in MARKUP:
        assert await pages(text) == plain, text


PARAMETERS = (
    "client_id",
    "redirect_uri",
    "response_type",
    "response_mode",
    "scope",
    "state",
    "nonce",
    "code_challenge",
    "code_challenge_method",
    "prompt",
    "max_age",
    "display",
    "ui_locales",
    "acr_values",
    "claims",
    "claims_locales",
    "id_token_hint",
    "login_hint",
    "resource",
    "request",
    "unknown",
)
UNICODE = ("\u202egnp.exe", "e\u0301", "\ufeff", "\u200b", "\U0001f4a9", "\uffff", "ﷺ" * 20, "İ", "\u2028")


STRANGE = (*INJECTIONS, *UNICODE)
EVERY_FIFTH = [(name, text) for at, text in enumerate(STRANGE) for name in PARAMETERS[at % 5 :: 5]]
EVERY = [(name, text) for text in STRANGE for name in PARAMETERS]


@pytest.mark.parametrize(
    "pairs", [EVERY_FIFTH, pytest.param(EVERY, marks=pytest.mark.all)], ids=["every fifth", "every one"]
)
async def test_attack_39_40_strange_strings_mean_nothing_in_any_parameter(
    visitor: Visitor, caplog: pytest.LogCaptureFixture, pairs: list[tuple[str, str]]
) -> None:
    client = await app_of(visitor.house)
    for name, text in pairs:
        query = urlencode(asked(client, None) | {name: text})
        answer = await visitor.get(f"{AUTHORIZE}?{query}")
        assert is_sound(answer), (name, text)
        assert "x-injected" not in answer.headers
        assert is_answer(answer) or len(text) < 4 or text not in answer.text
    assert not [record for record in caplog.records if record.levelname == "ERROR"]


async def test_attack_39_40_strange_strings_sign_nobody_in(
    visitor: Visitor, caplog: pytest.LogCaptureFixture
) -> None:
    page, numbers = await visitor.to_page(await visitor.ask(await app_of(visitor.house))), count()
    for text in (*STRANGE, "ALICE\u0000", "аlice", "alice\u200b", "ａｌｉｃｅ\u0338"):
        for fields in (
            {"username": text, "password": PASSWORD},
            {"username": f"victim{next(numbers)}", "password": text, "action": text},
        ):
            answer = await page.submit(**fields)
            assert answer.status_code == 400, fields
            assert SESSION not in visitor.http.cookies
    assert not [record for record in caplog.records if record.levelname == "ERROR"]
    assert (await page.filled()).status_code == 303


async def other_cookies(client: Registered, visitor: Visitor) -> list[str]:
    await visitor.agreed(client)
    own = visitor.http.cookies[SESSION]
    return [own[:-1], own + "A", own.upper(), own.swapcase(), f'"{own}x"', f"x{own}"]


async def test_attack_40_strange_cookies_are_none(visitor: Visitor) -> None:
    client = await app_of(visitor.house)
    query = urlencode(asked(client, None) | {"prompt": "none"}).encode()
    made_up = [text.encode("utf-8", "replace") for text in STRANGE]
    made_up += [each.encode() for each in await other_cookies(client, visitor)]
    made_up += [b"\xff\xfe", b"x" * 100_000, b"=;=;=", b'"', b"\x7f"]
    for value in made_up:
        for name in (SESSION, BROWSER):
            answer = await raw(visitor.house, query, cookies=name.encode() + b"=" + value)
            assert answer.status == 303, value
            assert b"login_required" in dict(answer.headers)[b"location"], value

"""Each page says what its view holds, as valid HTML, in the language of whoever reads it, under a strict policy."""

import gzip
from collections.abc import AsyncIterator
from dataclasses import replace

import httpx2
import pytest

from identity_service.web.headers import form_target
from identity_service.web.static import FOLDER, read_assets
from identity_service.web.views import Page
from tests.html import NAMESPACE, elements, ids, parsed, text_of
from tests.pages import (
    CLIENT,
    CONSENT,
    ERROR,
    FORM_POST,
    FRAMES,
    LOGIN,
    SAMPLES,
    SELECT,
    SIGNED_OUT,
    own_look,
    showing,
)

MOST_BYTES = 50_000
POLICY = (
    "default-src 'none'; style-src 'self'; img-src 'self' data:; script-src 'self'; "
    "form-action 'self' https://album.example; frame-ancestors 'none'; base-uri 'none'"
)


def client_of(app) -> httpx2.AsyncClient:
    return httpx2.AsyncClient(transport=httpx2.ASGITransport(app=app), base_url="http://id.example")


@pytest.fixture
async def client() -> AsyncIterator[httpx2.AsyncClient]:
    async with client_of(showing()) as opened:
        yield opened


ONE: dict[str, Page] = {}
SHOWING_ONE = showing(ONE)


async def shown(page: Page) -> httpx2.Response:
    """The answer that shows this page."""
    ONE["page"] = page
    async with client_of(SHOWING_ONE) as client:
        return await client.get("/page")


def test_a_page_that_is_not_valid_is_noticed() -> None:
    with pytest.raises(AssertionError):
        parsed("<!doctype html><title>x</title><p><div></p></div></section>")


@pytest.mark.parametrize("name", SAMPLES)
@pytest.mark.parametrize(("language", "direction"), [("en", "ltr"), ("ar", "rtl")])
async def test_every_page_is_valid_says_its_language_and_names_each_id_once(
    client: httpx2.AsyncClient, name: str, language: str, direction: str
) -> None:
    answer = await client.get(f"/{name}", headers={"Accept-Language": language})
    assert answer.headers["content-type"] == "text/html; charset=utf-8"
    [html] = elements(answer.text, "html")
    assert (html["lang"], html["dir"]) == (language, direction)
    assert answer.headers["content-language"] == language
    assert len(ids(answer.text)) == len(set(ids(answer.text)))
    assert len(elements(answer.text, "h1")) == len(elements(answer.text, "main")) == 1


@pytest.mark.parametrize(
    ("language", "direction"), [("de", "ltr"), ("es", "ltr"), ("zh", "ltr"), ("ar", "rtl")]
)
async def test_every_language_has_every_page_in_its_own_direction(
    client: httpx2.AsyncClient, language: str, direction: str
) -> None:
    for name in SAMPLES:
        text = (await client.get(f"/{name}", headers={"Accept-Language": language})).text
        assert f'<html lang="{language}" dir="{direction}">' in text


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("account", {"tab-profile", "tab-sessions", "edit", "change-password", "sign-out"}),
        ("account_edit", {"username", "email", "address-locality", "save", "cancel"}),
        ("account_password", {"current_password", "password", "again", "save"}),
        ("account_sessions", {"session-1", "end-2", "end-3", "everywhere"}),
        ("account_consents", {"consent-1", "withdraw-1", "withdraw-2"}),
        ("account_activity", {"entries", "newest", "older"}),
        ("password_changed", {"continue"}),
        ("login", {"username", "password", "login", "cancel"}),
        ("login-wrong_credentials", {"username", "password", "login", "problem"}),
        ("consent", {"consent-allow", "consent-deny", "scopes", "claims"}),
        ("select_account", {"account-1", "account-2", "account-other"}),
        ("logout", {"logout", "stay"}),
        ("signed_out", {"continue"}),
        ("error", {"error-code", "error-description", "request-id", "advice"}),
        ("form_post", {"form", "continue"}),
    ],
)
async def test_pages_have_the_ids_that_automation_relies_on(
    client: httpx2.AsyncClient, name: str, expected: set[str]
) -> None:
    assert expected <= set(ids((await client.get(f"/{name}")).text))


@pytest.mark.parametrize(
    "page", [replace(LOGIN, cancel=False, problem=None), SIGNED_OUT], ids=["no cancel", "nothing wrong"]
)
async def test_what_a_view_does_not_hold_is_not_there(page) -> None:
    assert not {"cancel", "problem"} & set(ids((await shown(page)).text))


async def test_the_policy_is_exactly_this_and_the_other_headers_are_there(client: httpx2.AsyncClient) -> None:
    headers = (await client.get("/login")).headers
    assert headers["content-security-policy"] == POLICY
    assert headers["cache-control"] == "no-store"
    assert headers["referrer-policy"] == "no-referrer"
    assert headers["x-frame-options"] == "DENY"
    assert headers["x-content-type-options"] == "nosniff"
    assert headers["vary"] == "Accept-Language, Cookie"


@pytest.mark.parametrize(
    ("name", "opener"), [("login", "unsafe-none"), ("error", "same-origin"), ("account", "same-origin")]
)
async def test_only_pages_that_lead_nowhere_are_cut_off_from_who_opened_them(
    client: httpx2.AsyncClient, name: str, opener: str
) -> None:
    assert (await client.get(f"/{name}")).headers["cross-origin-opener-policy"] == opener


async def test_without_targets_a_form_leads_here_only() -> None:
    async with client_of(showing(form_action=())) as client:
        assert "form-action 'self';" in (await client.get("/login")).headers["content-security-policy"]


@pytest.mark.parametrize(
    "target",
    [
        "https://a.example; script-src *",
        "*",
        "'unsafe-inline'",
        "https://a.example https://b.example",
        "https://a.example/path",
        "https://*.example",
        "",
        "https://a.example\r\nSet-Cookie: a=b",
    ],
)
async def test_a_target_that_would_change_the_policy_is_refused(target: str) -> None:
    async with client_of(showing(form_action=(target,))) as client:
        with pytest.raises(ValueError, match="not a source"):
            await client.get("/login")


@pytest.mark.parametrize(
    ("uri", "target"),
    [
        ("https://app.example/callback?a=b", "https://app.example"),
        ("https://app.example:8443/callback", "https://app.example:8443"),
        ("http://127.0.0.1:51004/", "http://127.0.0.1:51004"),
        ("http://[::1]:51004/", "http:"),
        ("com.example.app:/callback", "com.example.app:"),
        ("com.example.app://callback", "com.example.app://callback"),
    ],
)
def test_a_redirect_uri_has_a_target(uri: str, target: str) -> None:
    assert form_target(uri) == target


@pytest.mark.parametrize(
    ("ui_locales", "header", "language"),
    [
        ("", None, "en"),
        ("", "de", "de"),
        ("", "de-AT, en;q=0.5", "de"),
        ("", "zh-Hans-CN, en;q=0.5", "zh"),
        ("zh-CN", "en", "zh"),
        ("es-419", "en", "es"),
        ("", "ar-EG", "ar"),
        ("", "fr, de;q=0.3, en;q=0.7", "en"),
        ("", "fr", "en"),
        ("", "de;q=0", "en"),
        ("", "*", "en"),
        ("de", "en", "de"),
        ("fr de-CH", "en", "de"),
        ("fr", "de", "de"),
        ("", "de;q=x, ;;, \x7f", "en"),
    ],
)
async def test_the_language_is_that_of_the_request_then_of_the_browser_then_english(
    client: httpx2.AsyncClient, ui_locales: str, header: str | None, language: str
) -> None:
    client.headers.pop("accept-language", None)
    answer = await client.get(
        "/login",
        params={"ui_locales": ui_locales},
        headers={} if header is None else {"Accept-Language": header},
    )
    assert answer.headers["content-language"] == language
    said = {"en": "Sign in", "de": "Anmelden", "es": "Iniciar sesión", "zh": "登录", "ar": "تسجيل الدخول"}
    assert text_of(answer.text, "login") == said[language]


@pytest.mark.parametrize("name", [name for name in SAMPLES if "form_post" not in name])
async def test_every_form_of_ours_is_a_post_with_the_csrf_token(
    client: httpx2.AsyncClient, name: str
) -> None:
    html = (await client.get(f"/{name}")).text
    forms = elements(html, "form")
    hidden = [each for each in elements(html, "input") if each.get("name") == "csrf"]
    assert [form["method"] for form in forms] == ["post"] * len(forms)
    assert [each["value"] for each in hidden] == ["c-1"] * len(forms)


async def test_the_csrf_token_is_not_told_to_a_client(client: httpx2.AsyncClient) -> None:
    assert "csrf" not in (await client.get("/form_post")).text


async def test_the_fields_say_to_password_managers_what_they_are(client: httpx2.AsyncClient) -> None:
    html = (await client.get("/login-wrong_credentials")).text
    fields = {each["id"]: each for each in elements(html, "input") if "id" in each}
    assert fields["username"]["autocomplete"] == "username"
    assert fields["username"]["value"] == "ada"
    assert fields["password"]["autocomplete"] == "current-password"
    assert "value" not in fields["password"]
    assert {each["for"] for each in elements(html, "label")} == set(fields)
    assert fields["password"]["aria-describedby"] == "problem"


async def test_frontchannel_s3_the_policy_names_exactly_the_origins_of_the_frames() -> None:
    page = replace(SIGNED_OUT, frames=FRAMES)
    framed = tuple(map(form_target, FRAMES))
    async with client_of(showing({"page": page}, form_action=(), frame_src=framed)) as client:
        answer = await client.get("/page")
    policy = answer.headers["content-security-policy"]
    assert "; frame-src https://album.example https://print.example; frame-ancestors 'none';" in policy
    assert [each["src"] for each in elements(answer.text, "iframe")] == list(FRAMES)
    [script] = elements(answer.text, "script")
    assert script["src"].startswith("/static/signed_out.")
    [link] = elements(answer.text, "a")
    assert (link["id"], link["href"]) == ("continue", SIGNED_OUT.continue_to)


async def test_frontchannel_s3_without_anywhere_to_go_the_frames_are_shown_and_no_script_runs() -> None:
    html = (
        await shown(replace(SIGNED_OUT, continue_to=None, frames=("https://a.example/", "javascript:x")))
    ).text
    assert [each["src"] for each in elements(html, "iframe")] == ["https://a.example/"]
    assert elements(html, "script") == []


async def test_a_known_scope_is_described_and_an_unknown_one_named() -> None:
    html = (await shown(CONSENT)).text
    assert "See your e-mail address" in html
    assert "<bdi>album:print</bdi>" in html
    assert "Your date of birth" in html
    assert "<bdi>shoe_size</bdi>" in html


async def test_a_choice_sends_the_key_of_the_account_and_another_one_nothing() -> None:
    buttons = elements((await shown(SELECT)).text, "button")
    assert [(each["name"], each["value"]) for each in buttons] == [
        ("account", "k-1"),
        ("account", "k-2"),
        ("account", ""),
    ]


async def test_an_error_has_its_own_status_and_its_code_as_text() -> None:
    answer = await shown(replace(ERROR, status=503))
    assert answer.status_code == 503
    assert text_of(answer.text, "error-code") == "invalid_request"
    assert text_of(answer.text, "request-id") == ERROR.request_id


async def test_form_post_sends_what_it_was_given_in_order_and_without_inline_script() -> None:
    html = (await shown(FORM_POST)).text
    hidden = [(each["name"], each["value"]) for each in elements(html, "input")]
    assert hidden == list(FORM_POST.members)
    [script] = parsed(html).iter(f"{NAMESPACE}script")
    assert script.attrib["src"].startswith("/static/form_post.")
    assert script.text is None


@pytest.mark.parametrize("name", SAMPLES)
async def test_nothing_is_loaded_from_outside_and_nothing_is_inline(
    client: httpx2.AsyncClient, name: str
) -> None:
    html = (await client.get(f"/{name}")).text
    loaded = [
        each.get("src") or each.get("href")
        for tag in ("link", "script", "img")
        for each in elements(html, tag)
    ]
    assert [each for each in loaded if not each.startswith(("/static/", "/logos/"))] == []
    attributes = {key for each in parsed(html).iter() for key in each.attrib}
    assert [key for key in attributes if key == "style" or key.startswith("on")] == []
    assert elements(html, "style") == []


async def test_links_to_others_give_nothing_away() -> None:
    links = elements((await shown(LOGIN)).text, "a")
    assert [each["href"] for each in links] == [CLIENT.client_uri, CLIENT.policy_uri, CLIENT.tos_uri]
    assert {each["rel"] for each in links} == {"noopener noreferrer"}


async def test_a_client_without_links_has_none() -> None:
    bare = replace(CLIENT, client_uri=None, policy_uri=None, tos_uri="")
    assert elements((await shown(replace(LOGIN, client=bare))).text, "a") == []


async def test_a_deployment_has_its_own_colours_and_logo(tmp_path) -> None:
    async with client_of(showing(assets=own_look(tmp_path))) as client:
        html = (await client.get("/login")).text
        styles = [each["href"] for each in elements(html, "link") if each["rel"] == "stylesheet"]
        [logo] = elements(html, "img")
        assert [name.split("/")[-1].split(".")[0] for name in styles] == ["theme", "own", "page"]
        assert "--accent: #7a2048" in (await client.get(styles[1])).text
        assert (await client.get(logo["src"])).headers["content-type"] == "image/svg+xml"


async def test_all_pages_and_files_together_are_small(client: httpx2.AsyncClient) -> None:
    pages = [await client.get(f"/{name}") for name in SAMPLES if "-" not in name]
    files = [path.read_bytes() for path in FOLDER.iterdir()]
    assert len(pages) == 15
    assert sum(len(each.content) for each in pages) + sum(map(len, files)) < MOST_BYTES
    assert max(len(gzip.compress(each.content)) for each in pages) < 3000


def test_every_file_is_used() -> None:
    assert {path.name for path in FOLDER.iterdir()} == {
        *("page.css", "theme.css", "account.css", "icon.svg"),
        *("form_post.js", "signed_out.js", "check_session.js"),
    }
    assert read_assets().name("own.css") is None


async def test_a_logo_stands_for_the_first_letter(client: httpx2.AsyncClient) -> None:
    with_logo, without = [(await client.get(f"/{name}")).text for name in ("login-logo", "login")]

    [image] = elements(with_logo, "img")
    assert (image["src"], image["alt"]) == ("/logos/of-a-client", ""), "the name stands beside it"
    assert "monogram" not in with_logo
    assert elements(without, "img") == []
    assert "monogram" in without

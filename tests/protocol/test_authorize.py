"""The authorization endpoint: what is shown to the person, what the client is told (RFC 6749 §4.1.2.1, RFC 9207)."""

from collections.abc import AsyncIterator
from typing import Any
from urllib.parse import parse_qs, urlencode, urlsplit

import httpx2
import pytest
import pytest_asyncio

from tests.house import ISSUER, House
from tests.html import elements, ids, text_of
from tests.visitor import REDIRECT_URI, Pkce, Visitor, app_of, asked, is_answer, told, visitor_of

pytestmark = pytest.mark.asyncio(loop_scope="module")
AUTHORIZE = "/oauth2/authorize"
FORM = {"Content-Type": "application/x-www-form-urlencoded"}
STATE = "ä b&c=d+e%#'\"<>"


@pytest_asyncio.fixture(loop_scope="module")
async def visitor(shared_house: House) -> AsyncIterator[Visitor]:
    async with visitor_of(shared_house) as browser:
        yield browser


def is_shown(answer: httpx2.Response, code: str = "invalid_request") -> bool:
    """An error page, and nowhere to go."""
    return (
        answer.status_code == 400
        and "location" not in answer.headers
        and answer.headers["content-type"] == "text/html; charset=utf-8"
        and answer.headers["cache-control"] == "no-store"
        and text_of(answer.text, "error-code") == code
        and "evil" not in answer.text
    )


SHOWN: dict[str, dict[str, Any]] = {
    "no client_id": {"client_id": None},
    "an empty client_id": {"client_id": ""},
    "an unknown client_id": {"client_id": "evil"},
    "a client_id with a space behind": {"client_id": "{client} "},
    "a repeated client_id": {"client_id": ["{client}", "{client}"]},
    "a second client_id": {"client_id": ["{client}", "evil"]},
    "an unregistered redirect_uri": {"redirect_uri": "https://evil.example/"},
    "a longer redirect_uri": {"redirect_uri": f"{REDIRECT_URI}/evil"},
    "a redirect_uri with a query": {"redirect_uri": f"{REDIRECT_URI}?evil=1"},
    "a repeated redirect_uri": {"redirect_uri": [REDIRECT_URI, REDIRECT_URI]},
    "a second redirect_uri": {"redirect_uri": [REDIRECT_URI, "https://evil.example/"]},
    "no redirect_uri with openid": {"redirect_uri": None},
    "an empty redirect_uri with openid": {"redirect_uri": ""},
}


@pytest.mark.parametrize("method", ["GET", "POST"])
@pytest.mark.parametrize("members", SHOWN.values(), ids=SHOWN)
async def test_s4_1_2_1_nobody_is_redirected_for(
    visitor: Visitor, members: dict[str, Any], method: str
) -> None:
    client = await app_of(visitor.house)
    pairs = [
        (name, each.replace("{client}", client.id))
        for name, value in (asked(client, None) | members).items()
        if value is not None
        for each in (value if isinstance(value, list) else [value])
    ]
    if method == "GET":
        answer = await visitor.get(f"{AUTHORIZE}?{urlencode(pairs)}")
    else:
        sent = await visitor.http.post(AUTHORIZE, content=urlencode(pairs), headers=FORM)
        assert not is_answer(sent)
        answer = await visitor.get(sent.headers["location"])

    assert is_shown(answer)
    assert is_answer(await visitor.ask(client, prompt="none"))


async def test_s4_1_2_1_a_deactivated_client_is_unknown(visitor: Visitor) -> None:
    assert is_shown(await visitor.ask(await app_of(visitor.house, active=False)))


TOLD: dict[str, tuple[dict[str, Any], str]] = {
    "a repeated parameter": ({"nonce": ["a", "b"]}, "invalid_request"),
    "a repeated parameter that nobody knows": ({"x": ["a", "a"]}, "invalid_request"),
    "no response_type": ({"response_type": None}, "invalid_request"),
    "another response_type": ({"response_type": "id_token"}, "unsupported_response_type"),
    "a hybrid response_type": ({"response_type": "code token"}, "unsupported_response_type"),
    "an unknown response_mode": ({"response_mode": "fragment"}, "invalid_request"),
    "a request object that is none": ({"request": "e30.e30."}, "invalid_request_object"),
    "a request_uri": ({"request_uri": "https://app.example/r"}, "request_uri_not_supported"),
    "a registration": ({"registration": "{}"}, "registration_not_supported"),
    "an unknown scope": ({"scope": "read evil"}, "invalid_scope"),
    "a malformed scope": ({"scope": 'openid "'}, "invalid_scope"),
    "no code_challenge": ({"code_challenge": None, "code_challenge_method": None}, "invalid_request"),
    "a plain code_challenge": ({"code_challenge_method": "plain"}, "invalid_request"),
    "an unknown prompt": ({"prompt": "evil"}, "invalid_request"),
    "prompt=none with another": ({"prompt": "none consent"}, "invalid_request"),
    "a max_age that is no number": ({"max_age": "1e3"}, "invalid_request"),
    "an unknown display": ({"display": "evil"}, "invalid_request"),
    "malformed claims": ({"claims": "{"}, "invalid_request"),
    "half a surrogate pair in claims": ({"claims": r'{"userinfo":{"\ud800":null}}'}, "invalid_request"),
    "a hint that is no token": ({"id_token_hint": "evil"}, "invalid_request"),
    "an unknown resource": ({"resource": "https://evil.example"}, "invalid_target"),
    "one unknown resource of two": ({"resource": [ISSUER, "https://evil.example"]}, "invalid_target"),
    "a resource that is no URI": ({"resource": "evil"}, "invalid_target"),
    "an acr that is not to be had": (
        {"claims": '{"id_token":{"acr":{"essential":true,"values":["evil"]}}}'},
        "unmet_authentication_requirements",
    ),
    "no page, and nobody there": ({"prompt": "none"}, "login_required"),
}


@pytest.mark.parametrize(("members", "code"), TOLD.values(), ids=TOLD)
async def test_s4_1_2_1_the_client_is_told_of(visitor: Visitor, members: dict[str, Any], code: str) -> None:
    client = await app_of(visitor.house)
    answer = await visitor.ask(client, state=STATE, **members)
    members_told = told(answer)

    assert answer.headers["location"].startswith(f"{REDIRECT_URI}?")
    assert (members_told["error"], members_told["state"], members_told["iss"]) == (code, STATE, ISSUER)
    assert members_told.keys() == {"error", "error_description", "state", "iss"}
    assert "evil" not in answer.headers["location"]
    assert answer.headers["cache-control"] == "no-store"
    assert "set-cookie" not in answer.headers


async def test_s4_1_2_1_a_client_without_the_grant_is_told_so(visitor: Visitor) -> None:
    client = await app_of(visitor.house, grants=("password",))

    assert told(await visitor.ask(client))["error"] == "unauthorized_client"


async def test_s4_1_2_1_a_state_that_was_not_sent_or_twice_is_not_answered(visitor: Visitor) -> None:
    client = await app_of(visitor.house)

    assert "state" not in told(await visitor.ask(client, state=None, prompt="none"))
    assert "state" not in told(await visitor.ask(client, state="", prompt="none"))
    repeated = told(await visitor.ask(client, state=["a", "b"], prompt="none"))
    assert (repeated["error"], "state" in repeated) == ("invalid_request", False)


async def test_s4_1_2_a_success_has_code_state_and_issuer_and_nothing_else(visitor: Visitor) -> None:
    client = await app_of(visitor.house, redirect_uris=("https://app.example/cb?tenant=7",))
    uri = {"redirect_uri": "https://app.example/cb?tenant=7"}
    answer = await visitor.agreed(client, state=STATE, **uri)
    assert answer.keys() == {"tenant", "code", "state", "iss"}
    assert (answer["state"], answer["tenant"], answer["iss"]) == (STATE, "7", ISSUER)

    without = await visitor.agreed(client, state=None, **uri)
    assert without.keys() == {"tenant", "code", "iss"}


async def test_s3_1_2_3_one_registered_uri_need_not_be_named_and_then_is_not_at_the_token_endpoint(
    visitor: Visitor,
) -> None:
    client = await app_of(visitor.house, require_pkce=False)
    bare = {"redirect_uri": None, "code_challenge": None, "code_challenge_method": None, "scope": "read"}
    code = (await visitor.agreed(client, **bare))["code"]
    assert (await visitor.exchange(client, code, redirect_uri=None)).status_code == 200

    code = (await visitor.agreed(client, **bare))["code"]
    assert (await visitor.exchange(client, code)).json()["error"] == "invalid_grant"


async def test_rfc8252_s7_3_a_native_app_answers_at_any_port_of_loopback(visitor: Visitor) -> None:
    native = await app_of(visitor.house, public=True, redirect_uris=("http://127.0.0.1/cb",))
    pkce, here = Pkce.new(), "http://127.0.0.1:51004/cb"
    code = await visitor.code(native, pkce, redirect_uri=here)
    refused = await visitor.exchange(native, code, pkce, redirect_uri="http://127.0.0.1:51005/cb")
    assert refused.json()["error"] == "invalid_grant"

    code = await visitor.code(native, pkce, redirect_uri=here)
    assert (await visitor.exchange(native, code, pkce, redirect_uri=here)).status_code == 200
    for foreign in ("http://localhost:51004/cb", "http://127.0.0.1:51004/", "http://127.0.0.2:51004/cb"):
        assert is_shown(await visitor.ask(native, redirect_uri=foreign))


async def test_oidc_s3_1_2_1_a_posted_request_is_asked_again_by_get(visitor: Visitor) -> None:
    client = await app_of(visitor.house)
    form = asked(client, None, state=STATE, ui_locales="de")
    posted = await visitor.http.post(
        f"{AUTHORIZE}?state=evil&client_id=evil", data=form, headers={"Origin": "https://app.example"}
    )

    assert posted.status_code == 303
    there = urlsplit(posted.headers["location"])
    assert (there.netloc, there.path) == ("", AUTHORIZE)
    assert parse_qs(there.query) == {name: [value] for name, value in form.items()}
    assert "set-cookie" not in posted.headers
    page = await visitor.to_page(posted)
    assert told(await (await visitor.to_page(await page.filled())).filled())["state"] == STATE


@pytest.mark.parametrize(
    ("content_type", "body", "status"),
    [
        ("application/json", "{}", 400),
        ("multipart/form-data; boundary=x", "--x--", 400),
        ("application/x-www-form-urlencoded", "a=" + "x" * 70_000, 413),
        ("application/x-www-form-urlencoded", "a=%zz", 400),
        ("application/x-www-form-urlencoded", "&".join("a=1" for _ in range(200)), 400),
    ],
    ids=["JSON", "multipart", "too large", "a broken escape", "too many parameters"],
)
async def test_a_body_that_is_no_form_is_shown_as_a_fault(
    visitor: Visitor, content_type: str, body: str, status: int
) -> None:
    answer = await visitor.http.post(AUTHORIZE, content=body, headers={"Content-Type": content_type})

    assert (answer.status_code, text_of(answer.text, "error-code")) == (status, "invalid_request")


@pytest.mark.parametrize("method", ["PUT", "DELETE", "PATCH"])
@pytest.mark.parametrize("path", [AUTHORIZE, "/oauth2/logout"])
async def test_another_method_is_answered_with_those_that_there_are(
    visitor: Visitor, path: str, method: str
) -> None:
    answer = await visitor.http.request(method, path)

    assert answer.status_code == 405
    assert set(answer.headers["allow"].split(", ")) >= {"GET", "POST"}


async def test_form_post_s2_the_answer_is_a_form_that_leads_to_the_client(visitor: Visitor) -> None:
    client = await app_of(visitor.house)
    page = await visitor.to_page(await visitor.ask(client, response_mode="form_post", state=STATE))
    page = await visitor.to_page(await page.filled())
    answer = await page.filled()

    assert (answer.status_code, answer.headers["cache-control"]) == (200, "no-store")
    [form] = elements(answer.text, "form")
    assert (form["action"], form["method"].lower()) == (REDIRECT_URI, "post")
    sent = {each["name"]: each["value"] for each in elements(answer.text, "input") if "name" in each}
    assert sent.keys() == {"code", "state", "iss"}
    assert (sent["state"], sent["iss"]) == (STATE, ISSUER)
    policy = answer.headers["content-security-policy"]
    assert "form-action 'self' https://app.example;" in policy
    assert "unsafe" not in policy
    assert elements(answer.text, "button")
    assert "error-code" not in ids(answer.text)


async def test_form_post_s2_a_refusal_travels_so_too(visitor: Visitor) -> None:
    client = await app_of(visitor.house)
    answer = await visitor.ask(client, response_mode="form_post", prompt="none", state=STATE)
    sent = {each["name"]: each["value"] for each in elements(answer.text, "input") if "name" in each}

    assert (sent["error"], sent["state"], sent["iss"]) == ("login_required", STATE, ISSUER)
    twice = await visitor.ask(client, response_mode=["form_post", "form_post"])
    assert told(twice)["error"] == "invalid_request"


async def test_rfc9700_s4_12_the_browser_is_sent_on_by_get(visitor: Visitor) -> None:
    """A 307 would send the password along to the client."""
    client = await app_of(visitor.house)
    login = await visitor.to_page(await visitor.ask(client))
    consent = await login.filled()
    assert consent.status_code == 303
    assert (await (await visitor.to_page(consent)).filled()).status_code == 303


async def test_oidc_s3_1_2_1_what_does_not_change_the_answer_does_not_hinder_it(visitor: Visitor) -> None:
    client = await app_of(visitor.house)
    for params in (
        {"extra": "foobar"},
        {"display": "page"},
        {"display": "popup"},
        {"ui_locales": "se de"},
        {"claims_locales": "se"},
        {"acr_values": "1 2"},
        {"nonce": None},
        {"nonce": "n"},
        {"login_hint": "nobody@example.org"},
        {"max_age": "10000"},
        {"claims": '{"userinfo":{"name":{"essential":true}}}'},
        {"request": ""},
        {"audience": "x"},
        {"response_mode": "query"},
    ):
        assert "code" in await visitor.agreed(client, **params), params

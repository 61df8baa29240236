"""Clients are told by the person's own browser (OIDC Front-Channel Logout 1.0)."""

from collections.abc import AsyncIterator
from typing import Any
from urllib.parse import urlencode

import pytest
import pytest_asyncio

from tests.account_visitor import signed_in
from tests.api_caller import pointers, program
from tests.forged import claims_of
from tests.house import ISSUER, House, Registered
from tests.html import elements
from tests.visitor import Page, Visitor, app_of, told, visitor_of

pytestmark = pytest.mark.asyncio(loop_scope="module")
LOGOUT, BYE, URI = "/oauth2/logout", "https://app.example/bye", "https://app.example/signed-out"


@pytest_asyncio.fixture(loop_scope="module")
async def visitor(shared_house: House) -> AsyncIterator[Visitor]:
    async with visitor_of(shared_house) as browser:
        yield browser


async def app(house: House, **members: Any) -> Registered:
    made = {"post_logout_redirect_uris": (BYE,), "frontchannel_logout_uri": URI}
    return await app_of(house, **(made | members))


def frames(html: str) -> list[str]:
    return [each["src"] for each in elements(html, "iframe")]


async def test_s3_the_page_holds_each_client_of_the_session_with_issuer_and_session(visitor: Visitor) -> None:
    first = await app(visitor.house)
    second = await app(
        visitor.house,
        redirect_uris=("https://app.example/callback", "https://two.example:8443/callback"),
        frontchannel_logout_uri="https://two.example:8443/out?a=b",
    )
    silent, other = await app(visitor.house, frontchannel_logout_uri=None), await app(visitor.house)
    for client in (first, second, silent):
        hint = (await visitor.tokens(client))["id_token"]
    async with visitor_of(visitor.house) as elsewhere:
        await elsewhere.tokens(other)
    answer = await visitor.get(LOGOUT, id_token_hint=hint, post_logout_redirect_uri=BYE, state="s")

    query = urlencode({"iss": ISSUER, "sid": claims_of(hint)["sid"]})
    assert answer.status_code == 200
    assert sorted(frames(answer.text)) == sorted(
        (f"{URI}?{query}", f"https://two.example:8443/out?a=b&{query}")
    )
    [link] = elements(answer.text, "a")
    assert link["href"] == f"{BYE}?state=s"
    policy = answer.headers["content-security-policy"]
    [sources] = [part.split()[1:] for part in policy.split("; ") if part.startswith("frame-src ")]
    assert sorted(sources) == ["https://app.example", "https://two.example:8443"]
    assert answer.headers["x-frame-options"] == "DENY"
    assert told(await visitor.ask(first, prompt="none"))["error"] == "login_required"


async def test_s3_after_the_question_as_well(visitor: Visitor) -> None:
    client = await app(visitor.house)
    await visitor.agreed(client)
    answer = await visitor.get(LOGOUT, client_id=client.id, post_logout_redirect_uri=BYE)
    assert frames(answer.text) == []
    page = Page(visitor, answer)
    page.path = str(answer.request.url)
    left = await page.submit(action="logout")

    assert len(frames(left.text)) == 1
    again = await page.submit(action="logout")
    assert again.headers["location"] == BYE, "the session is over: there is nobody left to be told"


async def test_without_anywhere_to_go_the_frames_are_there_all_the_same(visitor: Visitor) -> None:
    client = await app(visitor.house)
    answer = await visitor.get(
        LOGOUT, id_token_hint=(await visitor.tokens(client))["id_token"], ui_locales="de"
    )
    assert len(frames(answer.text)) == 1
    assert elements(answer.text, "a") == elements(answer.text, "script") == []
    assert answer.headers["content-language"] == "de"


async def test_s3_signing_out_everywhere_shows_the_clients_of_this_browser_alone(visitor: Visitor) -> None:
    await visitor.house.add_user("everywhere")
    here, there, silent = (
        await app(visitor.house),
        await app(visitor.house),
        await app(visitor.house, frontchannel_logout_uri=None),
    )
    async with visitor_of(visitor.house) as elsewhere:
        await elsewhere.tokens(there, username="everywhere")
    await visitor.tokens(silent, username="everywhere")
    sid = claims_of((await visitor.tokens(here, username="everywhere"))["id_token"])["sid"]
    page = await signed_in(visitor, "/account/sessions")
    left = await page.submit(everywhere="yes")

    assert left.status_code == 200
    assert frames(left.text) == [f"{URI}?{urlencode({'iss': ISSUER, 'sid': sid})}"]
    assert "no longer open in any browser" in left.text
    policy = left.headers["content-security-policy"].split("; ")
    assert [part for part in policy if part.startswith("frame-src")] == ["frame-src https://app.example"]
    assert (await visitor.get("/account")).status_code == 303, "nobody is signed in here any more"
    login = await page.submit(everywhere="yes")
    assert login.headers["location"].startswith("/login/"), "once more there is nobody to sign out"


async def test_without_clients_to_show_signing_out_everywhere_frames_nobody(visitor: Visitor) -> None:
    await visitor.house.add_user("alone")
    page = await signed_in(visitor, "/account/sessions", "alone")
    left = await page.submit(everywhere="yes")

    assert frames(left.text) == []
    assert "no longer open in any browser" in left.text
    assert "frame-src" not in left.headers["content-security-policy"]


BAD = {
    "of another host": "https://evil.example/out",
    "of another port": "https://app.example:8443/out",
    "of another scheme": "http://127.0.0.1/out",
    "with an iss": "https://app.example/out?iss=x",
    "with a sid": "https://app.example/out?sid=x",
    "a script": "javascript:alert(1)",
    "of an app": "com.example.app:/out",
    "with a fragment": "https://app.example/out#x",
}


@pytest.mark.parametrize("uri", BAD.values(), ids=BAD)
async def test_s2_a_uri_is_on_the_origin_of_a_redirect_uri(shared_house: House, uri: str) -> None:
    admin = await program(shared_house)
    members = {
        "client_name": "Shop",
        "grant_types": ["authorization_code"],
        "redirect_uris": ["https://app.example/callback"],
        "scope": "openid",
    }
    refused = await admin("POST", "/clients", json=members | {"frontchannel_logout_uri": uri})
    assert (refused.status_code, pointers(refused)) == (422, ["/frontchannel_logout_uri"])
    made = await admin.made("/clients", **members, frontchannel_logout_uri=URI)
    assert made["frontchannel_logout_uri"] == URI
    moved = {"redirect_uris": ["https://elsewhere.example/callback"]}
    refused = await admin("PATCH", f"/clients/{made['client_id']}", json=moved)
    assert (refused.status_code, pointers(refused)) == (422, ["/frontchannel_logout_uri"])
    unset = await admin(
        "PATCH", f"/clients/{made['client_id']}", json=moved | {"frontchannel_logout_uri": None}
    )
    assert unset.json()["frontchannel_logout_uri"] is None


@pytest.mark.parametrize(
    ("uri", "good"),
    [
        ("https://elsewhere.example/back?a=b", True),
        ("http://127.0.0.1:9000/back", True),
        ("http://app.example/back", False),
        ("com.example.app:/back", False),
        ("https://app.example/back#x", False),
        ("https://user@app.example/back", False),
    ],
)
async def test_backchannel_s2_2_its_uri_is_https_or_on_loopback(
    shared_house: House, uri: str, good: bool
) -> None:
    admin = await program(shared_house)
    members = {"client_name": "Shop", "grant_types": ["client_credentials"], "scope": "read"}
    answer = await admin("POST", "/clients", json=members | {"backchannel_logout_uri": uri})
    assert answer.status_code == (201 if good else 422)
    assert good or pointers(answer) == ["/backchannel_logout_uri"]

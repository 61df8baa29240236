"""Sign-ins that somebody else has a client begin (OIDC Core §4): the account home is such a somebody."""

from collections.abc import AsyncIterator
from urllib.parse import parse_qsl, urlsplit

import pytest
import pytest_asyncio

from tests.account_visitor import signed_in
from tests.api_caller import pointers, program
from tests.house import ISSUER, House
from tests.html import elements, text_of
from tests.visitor import Page, Visitor, app_of, visitor_of

pytestmark = pytest.mark.asyncio(loop_scope="module")
LOGIN = "https://app.example/login?tenant=7"


@pytest_asyncio.fixture(loop_scope="module")
async def visitor(shared_house: House) -> AsyncIterator[Visitor]:
    async with visitor_of(shared_house) as browser:
        yield browser


def opened_by(page: Page, name: str) -> list[str]:
    """Where the links lead that open the application of this name."""
    html = page.answer.text
    ids = {each["id"] for each in elements(html, "h2") if text_of(html, each["id"]) == name}
    return [each["href"] for each in elements(html, "a") if each.get("aria-describedby") in ids]


async def test_conformance_oidcc_3rd_party_init_login(shared_house: House) -> None:
    admin = await program(shared_house)
    members = {"client_name": "Shop", "initiate_login_uri": LOGIN}

    made = await admin.made("/clients", **members)
    shown = (await admin("GET", f"/clients/{made['client_id']}")).json()

    assert made["initiate_login_uri"] == shown["initiate_login_uri"] == LOGIN


async def test_conformance_oidcc_3rd_party_init_login_nohttps(shared_house: House) -> None:
    admin = await program(shared_house)
    for uri in ("http://app.example/login", "http://127.0.0.1/login", "javascript:alert(1)", "/login"):
        refused = await admin("POST", "/clients", json={"client_name": "Shop", "initiate_login_uri": uri})
        assert (refused.status_code, pointers(refused)) == (422, ["/initiate_login_uri"])


async def test_s4_applications_that_begin_a_sign_in_are_opened_from_the_account_home(
    visitor: Visitor,
) -> None:
    with_login = {"metadata": {"initiate_login_uri": LOGIN}}
    app = await app_of(visitor.house, client_name="With", **with_login)
    for client in (app, await app_of(visitor.house, client_name="Without")):
        await visitor.agreed(client)

    page = await signed_in(visitor, "/account/consents")

    [place] = opened_by(page, "With")
    parts = urlsplit(place)
    assert (parts.scheme, parts.netloc, parts.path) == ("https", "app.example", "/login")
    assert parse_qsl(parts.query) == [("tenant", "7"), ("iss", ISSUER)]
    assert opened_by(page, "Without") == []


async def test_attack_5_where_it_is_opened_is_the_clients_own_whatever_the_request_says(
    visitor: Visitor,
) -> None:
    app = await app_of(visitor.house, client_name="Own", metadata={"initiate_login_uri": LOGIN})
    await visitor.agreed(app)
    evil = "target_link_uri=https://evil.example&iss=https://evil.example&login_hint=evil"

    page = Page(visitor, await visitor.get(f"/account/consents?{evil}"))

    assert len(opened_by(page, "Own")) == 1
    assert "evil" not in page.answer.text


async def test_s4_one_that_was_deactivated_is_not_opened(visitor: Visitor) -> None:
    app = await app_of(visitor.house, client_name="Off", metadata={"initiate_login_uri": LOGIN})
    await visitor.agreed(app)
    admin = await program(visitor.house)
    await admin("POST", f"/clients/{app.id}/deactivate")

    page = await signed_in(visitor, "/account/consents")

    assert "Off" in page.answer.text
    assert opened_by(page, "Off") == []

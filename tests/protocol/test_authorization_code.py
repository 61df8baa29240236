"""The authorization code flow, from the client's request to its tokens (RFC 6749 §4.1, RFC 7636, OIDC Core §3.1)."""

from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager

import pytest

from identity_service.domain.services.access_policy import OPERATOR
from tests.forged import claims_of
from tests.house import ISSUER, House
from tests.visitor import Pkce, Visitor, app_of, told, visitor_of

Open = Callable[..., AbstractAsyncContextManager[House]]


@pytest.fixture
async def visitor(house: House) -> AsyncIterator[Visitor]:
    await house.add_user()
    async with visitor_of(house) as browser:
        yield browser


async def test_rfc6749_s4_1_a_person_signs_in_agrees_and_the_client_gets_tokens(
    house: House, visitor: Visitor
) -> None:
    client, pkce = await app_of(house), Pkce.new()
    login = await visitor.to_page(await visitor.ask(client, pkce, scope="openid email", nonce="n-0S6"))
    assert login.path.startswith("/login/")
    consent = await visitor.to_page(await login.filled())
    assert consent.path.startswith("/consent/")
    answer = told(await consent.submit(action="allow"))

    assert answer.keys() == {"code", "state", "iss"}
    assert (answer["state"], answer["iss"]) == ("a state", ISSUER)
    tokens = (await visitor.exchange(client, answer["code"], pkce)).json()
    assert tokens["scope"] == "openid email"
    assert {"access_token", "refresh_token", "id_token"} <= tokens.keys()
    assert claims_of(tokens["id_token"])["nonce"] == "n-0S6"
    userinfo = await house.http.get(
        "/oauth2/userinfo", headers={"Authorization": f"Bearer {tokens['access_token']}"}
    )
    assert userinfo.json()["email"] == "alice@example.org"
    assert userinfo.json()["sub"] == claims_of(tokens["id_token"])["sub"]


async def test_s4_a_second_redemption_ends_what_the_first_one_gave(house: House, visitor: Visitor) -> None:
    client, pkce = await app_of(house), Pkce.new()
    code = await visitor.code(client, pkce)
    tokens = (await visitor.exchange(client, code, pkce)).json()
    assert await house.is_active(client, tokens["access_token"])

    again = await visitor.exchange(client, code, pkce)
    assert (again.status_code, again.json()["error"]) == (400, "invalid_grant")
    assert not await house.is_active(client, tokens["access_token"])
    assert not await house.is_active(client, tokens["refresh_token"])


async def test_oidc_s3_1_2_who_is_signed_in_and_agreed_before_sees_no_page(
    house: House, visitor: Visitor
) -> None:
    client = await app_of(house)
    await visitor.agreed(client)

    assert told(await visitor.ask(client)).keys() == {"code", "state", "iss"}


async def test_oidc_s8_1_a_pairwise_client_knows_a_person_under_a_name_of_its_own(
    house: House, visitor: Visitor
) -> None:
    public = await app_of(house)
    pairwise = [
        await app_of(house, subject_type="pairwise", sector_identifier_uri=f"https://{host}/uris")
        for host in ("one.example", "one.example", "two.example")
    ]
    user_id = claims_of((await visitor.tokens(public))["id_token"])["sub"]
    names = []
    for client in pairwise:
        tokens = await visitor.tokens(client, scope="openid profile")
        name = claims_of(tokens["id_token"])["sub"]
        names.append(name)
        header = {"Authorization": f"Bearer {tokens['access_token']}"}
        assert claims_of(tokens["access_token"])["sub"] == name
        userinfo = (await house.http.get("/oauth2/userinfo", headers=header)).json()
        assert (userinfo["sub"], "preferred_username" in userinfo) == (name, False)
        for token in (tokens["access_token"], tokens["refresh_token"]):
            told = await house.introspect(client, token)
            assert (told["active"], told["sub"], told.get("username")) == (True, name, None)
        refreshed = await house.token(
            client, grant_type="refresh_token", refresh_token=tokens["refresh_token"]
        )
        assert claims_of(refreshed.json()["id_token"])["sub"] == name

    assert names[0] == names[1] != names[2]
    assert user_id not in names


@pytest.mark.parametrize("verb", ["deactivate", "delete"])
async def test_s5_a_pairwise_clients_tokens_end_with_their_person(
    house: House, visitor: Visitor, verb: str
) -> None:
    client = await app_of(house, subject_type="pairwise", scope="openid read")
    tokens = await visitor.tokens(client)
    for _ in range(3):
        assert await house.is_active(client, tokens["access_token"])
    users = house.container.accounts.users()
    async with house.container.read() as uow:
        user = await uow.users.by_username("alice")
    order = users.deactivate_user if verb == "deactivate" else users.delete_user
    await order(user.id, by=OPERATOR)

    assert not await house.is_active(client, tokens["access_token"])
    assert not await house.is_active(client, tokens["refresh_token"])


@pytest.mark.parametrize(
    ("issuer", "said"),
    [
        pytest.param("http://127.0.0.1:8000", True, id="an issuer for development"),
        pytest.param("https://id.example", False, id="an issuer on https"),
    ],
)
async def test_s5_a_server_without_https_says_so_at_its_start(
    house_with: Open, caplog: pytest.LogCaptureFixture, issuer: str, said: bool
) -> None:
    async with house_with(issuer=issuer):
        assert ("ISSUER is http" in caplog.text) is said


async def test_s4_a_form_for_a_step_that_another_tab_has_done_leads_to_the_answer(
    house: House, visitor: Visitor
) -> None:
    client = await app_of(house)
    one = await visitor.to_page(await visitor.ask(client, state="one"))
    await visitor.agreed(client)
    page = await one.filled()
    assert (page.status_code, page.headers["location"]) == (303, one.path)

    assert told(await visitor.get(page.headers["location"]))["state"] == "one"

"""A person is signed out everywhere: nothing that the account gave out is left (ATTACKS 31)."""

from collections.abc import AsyncIterator

import pytest

from tests.api_caller import Caller, program
from tests.house import House
from tests.visitor import Pkce, Visitor, app_of, told, visitor_of

NOBODY = "0192f0c1-7a3e-7c55-9f2e-0f4b5a6c7d8e"


@pytest.fixture
async def visitor(house: House) -> AsyncIterator[Visitor]:
    await house.add_user()
    async with visitor_of(house) as browser:
        yield browser


async def alice_id(house: House) -> str:
    async with house.container.read() as uow:
        return str((await uow.users.by_username("alice")).id)


async def test_attack_31_sessions_codes_and_every_token_end_those_with_offline_access_too(
    house: House, visitor: Visitor
) -> None:
    client = await app_of(house, scope="openid offline_access account read")
    pkce = Pkce.new()
    given = [
        await visitor.tokens(client, scope="openid account"),
        await visitor.tokens(client, scope="openid offline_access"),
        await house.sign_in(await house.add_client(), scope="read"),
    ]
    code = await visitor.code(client, pkce)
    await house.add_user("bob")
    async with visitor_of(house) as phone, visitor_of(house) as bobs:
        await phone.agreed(client)
        kept = await bobs.tokens(client, username="bob")
        alice = Caller(house, given[0]["access_token"])
        assert (await alice("DELETE", "/users/me/sessions")).status_code == 204

        for browser in (visitor, phone):
            assert told(await browser.ask(client, prompt="none"))["error"] == "login_required"
        assert "code" in told(await bobs.ask(client, prompt="none"))
        assert await house.is_active(client, kept["refresh_token"])
    for tokens in given[:2]:
        assert not await house.is_active(client, tokens["access_token"])
        assert not await house.is_active(client, tokens["refresh_token"])
    assert (await visitor.exchange(client, code, pkce)).json()["error"] == "invalid_grant"
    assert (await alice("GET", "/users/me/sessions")).status_code == 401
    assert "code" in await visitor.agreed(client), "the account itself is as it was"


@pytest.mark.parametrize("storage", ["sqlite"])
async def test_who_may_do_it_to_whom(house: House, visitor: Visitor) -> None:
    writer, admin = await program(house, "users:write"), await program(house)
    reader, root = await program(house, "users:read"), await house.add_user("root", admin=True)
    of_alice, of_root = (f"/users/{each}/sessions" for each in (await alice_id(house), root.id))

    assert (await reader("DELETE", of_alice)).status_code == 403
    assert (await writer("DELETE", of_root)).status_code == 403
    assert (await writer("DELETE", f"/users/{NOBODY}/sessions")).status_code == 404
    assert (await writer("DELETE", "/users/x/sessions")).status_code == 404
    for _ in range(2):
        assert (await writer("DELETE", of_alice)).status_code == 204
    assert (await admin("DELETE", of_root)).status_code == 204

"""What the ports `Interactions` and `Consents` promise, on every database."""

import asyncio
import os
from dataclasses import replace
from typing import Any

from sqlalchemy import text

from identity_service.domain.entities.authorization_request import AuthorizationRequest
from identity_service.domain.entities.interaction import Interaction
from identity_service.domain.oauth.claims_request import ClaimsRequest
from identity_service.domain.value_objects.ids import ClientId, InteractionId, SessionId, UserId
from identity_service.domain.value_objects.scope import Scope
from identity_service.infrastructure.container import new_id
from tests.house import House

CALLERS = 8

REQUEST = AuthorizationRequest(
    client_id=ClientId("a client"),
    client_epoch=3,
    redirect_uri="https://app.example/cb?x=1",
    redirect_uri_sent=True,
    response_mode="form_post",
    scope=Scope.parse("openid read"),
    state="späti",
    nonce=None,
    code_challenge="c" * 43,
    prompt=frozenset({"login", "consent"}),
    max_age=0,
    login_hint="alice",
    subject=None,
    ui_locales=("de", "en"),
    acr_values=("a",),
    claims=ClaimsRequest(id_token=("email",), userinfo=("name",), sub=None, essential_acr=("a", "b")),
    audience=("https://api.example",),
)


class Rig:
    """One browser's interaction."""

    def __init__(self, house: House) -> None:
        self.house = house
        self.browser = os.urandom(32)
        self.begun = Interaction.begun(InteractionId(new_id()), REQUEST)

    async def write(self, work: Any) -> Any:
        async with self.house.container.begin() as uow:
            result = await work(uow)
            await uow.commit()
        return result

    async def add(self) -> None:
        await self.write(
            lambda uow: uow.interactions.add(self.begun, browser=self.browser, lifetime_seconds=60)
        )

    async def get(self, *, browser: bytes | None = None) -> Interaction | None:
        async with self.house.container.read() as uow:
            seen = await uow.interactions.seen(
                self.begun.id, browser=browser or self.browser, session=None, idle_seconds=60
            )
        return None if seen is None else seen.interaction

    async def run_out(self) -> None:
        async with self.house.container.database().engine.begin() as connection:
            await connection.execute(text("UPDATE interactions SET expires_at = created_at"))


async def test_an_interaction_comes_back_as_it_was_kept_to_its_own_browser_only(house: House) -> None:
    rig = Rig(house)
    await rig.add()

    assert await rig.get() == rig.begun
    assert await rig.get(browser=os.urandom(32)) is None


async def test_the_steps_done_are_kept(house: House) -> None:
    rig = Rig(house)
    await rig.add()
    done = replace(rig.begun, session_id=SessionId(new_id()), signed_in=True, consented=True)

    assert await rig.write(lambda uow: uow.interactions.update(done))
    assert await rig.get() == done


async def test_an_interaction_that_ran_out_is_gone_for_everything(house: House) -> None:
    rig = Rig(house)
    await rig.add()
    await rig.run_out()

    assert await rig.get() is None
    assert not await rig.write(lambda uow: uow.interactions.update(rig.begun))
    assert not await rig.write(lambda uow: uow.interactions.finish(rig.begun.id))


async def test_of_many_that_finish_an_interaction_one_does_and_nothing_is_done_after(house: House) -> None:
    rig = Rig(house)
    await rig.add()
    finished = await asyncio.gather(
        *(rig.write(lambda uow: uow.interactions.finish(rig.begun.id)) for _ in range(CALLERS))
    )

    assert sorted(finished) == [False] * (CALLERS - 1) + [True]
    assert not await rig.write(lambda uow: uow.interactions.update(rig.begun))
    found = await rig.get()
    assert found is not None
    assert found.finished


class Agreeing:
    """One person and one client."""

    def __init__(self, house: House, user_id: UserId, client_id: ClientId) -> None:
        self.house = house
        self.pair = (user_id, client_id)

    @classmethod
    async def make(cls, house: House) -> "Agreeing":
        return cls(house, (await house.add_user()).id, (await house.add_client()).client.client_id)

    async def grant(self, scope: str, *claims: str) -> None:
        async with self.house.container.begin() as uow:
            await uow.consents.grant(*self.pair, scope=Scope.parse(scope), claims=claims)
            await uow.commit()

    async def agreed(self) -> tuple[set[str], set[str]] | None:
        async with self.house.container.read() as uow:
            found = await uow.consents.get(*self.pair)
        return None if found is None else (set(found.scope), set(found.claims))


async def test_what_is_agreed_to_adds_up(house: House) -> None:
    agreeing = await Agreeing.make(house)
    assert await agreeing.agreed() is None
    await agreeing.grant("openid read", "email")
    await agreeing.grant("openid write", "name")

    assert await agreeing.agreed() == ({"openid", "read", "write"}, {"email", "name"})


async def test_who_agrees_in_several_tabs_at_once_loses_nothing(house: House) -> None:
    agreeing = await Agreeing.make(house)
    await agreeing.grant("openid")
    await asyncio.gather(*(agreeing.grant(f"scope-{number}") for number in range(CALLERS)))

    agreed = await agreeing.agreed()
    assert agreed is not None
    assert agreed[0] == {"openid", *(f"scope-{number}" for number in range(CALLERS))}


async def test_what_everybody_agreed_to_for_a_client_is_forgotten_and_for_others_is_not(house: House) -> None:
    agreeing = await Agreeing.make(house)
    user_id, client_id = agreeing.pair
    other = Agreeing(house, user_id, (await house.add_client()).client.client_id)
    for each in (agreeing, other):
        await each.grant("openid")
    async with house.container.begin() as uow:
        await uow.consents.forget(client_id)
        await uow.commit()

    assert await agreeing.agreed() is None
    assert await other.agreed() == ({"openid"}, set())


async def test_a_consent_is_taken_back_once_and_listed_until_then(house: House) -> None:
    agreeing = await Agreeing.make(house)
    await agreeing.grant("openid")
    async with house.container.read() as uow:
        listed = await uow.consents.of_user(agreeing.pair[0])
    assert [each.client_id for each in listed] == [agreeing.pair[1]]

    async def revoke() -> bool:
        async with house.container.begin() as uow:
            revoked: bool = await uow.consents.revoke(*agreeing.pair)
            await uow.commit()
        return revoked

    assert await revoke()
    assert not await revoke()
    assert await agreeing.agreed() is None


async def test_a_consent_that_is_held_is_taken_back_afterwards(house: House) -> None:
    agreeing = await Agreeing.make(house)
    await agreeing.grant("openid")
    order = []

    async def revoke() -> None:
        async with house.container.begin() as uow:
            assert await uow.consents.revoke(*agreeing.pair)
            order.append("taken back")
            await uow.commit()

    async with house.container.begin() as holding:
        assert await holding.consents.hold(*agreeing.pair)
        revoking = asyncio.create_task(revoke())
        await asyncio.sleep(0.05)
        order.append("held")
        await holding.commit()
    await revoking

    assert order == ["held", "taken back"]
    async with house.container.begin() as holding:
        assert not await holding.consents.hold(*agreeing.pair)

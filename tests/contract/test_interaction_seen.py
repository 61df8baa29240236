"""What `Interactions.seen` promises beside the interaction, on every database: the session and the consent."""

import os
from dataclasses import replace
from typing import Any

import pytest

from identity_service.domain.entities.interaction import Interaction
from identity_service.domain.value_objects.ids import InteractionId
from identity_service.domain.value_objects.scope import Scope
from identity_service.infrastructure.container import new_id
from identity_service.ports.repositories.sessions import InteractionSeen
from tests.contract.test_authorization_codes import ENDINGS, IDLE, OF_PEOPLE, Rig
from tests.contract.test_interactions import REQUEST
from tests.house import House


class Looking:
    """A person with a session, at an interaction of a client."""

    def __init__(self, rig: Rig) -> None:
        self.rig = rig
        self.browser = os.urandom(32)
        self.begun = Interaction.begun(
            InteractionId(new_id()), replace(REQUEST, client_id=rig.code.client_id)
        )

    @classmethod
    async def make(cls, house: House) -> "Looking":
        made = cls(await Rig.make(house))
        await made.rig.write(
            lambda uow: uow.interactions.add(made.begun, browser=made.browser, lifetime_seconds=60)
        )
        return made

    async def agree(self, **others: Any) -> None:
        pair = {"user_id": self.rig.code.user_id, "client_id": self.rig.code.client_id} | others
        await self.rig.write(
            lambda uow: uow.consents.grant(*pair.values(), scope=Scope.parse("openid"), claims=("email",))
        )

    async def seen(self, *, session: bytes | None, idle: int = IDLE) -> InteractionSeen:
        async with self.rig.house.container.read() as uow:
            seen: InteractionSeen | None = await uow.interactions.seen(
                self.begun.id, browser=self.browser, session=session, idle_seconds=idle
            )
        assert seen is not None
        assert seen.interaction == self.begun
        return seen


async def test_who_is_signed_in_and_what_they_agreed_to_are_seen_as_they_are_found(house: House) -> None:
    looking = await Looking.make(house)
    await looking.agree()
    seen = await looking.seen(session=looking.rig.cookie)

    assert seen.session is not None
    assert seen.session == await looking.rig.found()
    async with house.container.read() as uow:
        assert seen.consent is not None
        assert seen.consent == await uow.consents.get(looking.rig.code.user_id, looking.rig.code.client_id)


@pytest.mark.parametrize("cookie", [None, b"", b"x" * 32], ids=["none", "an empty one", "an unknown one"])
async def test_without_a_cookie_of_a_session_nobody_is_seen(house: House, cookie: bytes | None) -> None:
    looking = await Looking.make(house)
    await looking.agree()
    seen = await looking.seen(session=cookie)

    assert (seen.session, seen.consent) == (None, None)


async def test_what_was_agreed_to_with_another_client_or_by_somebody_else_is_not_seen(house: House) -> None:
    looking = await Looking.make(house)
    other, somebody = await house.add_client(), await house.add_user(username="bob")
    await looking.agree(client_id=other.id)
    await looking.agree(user_id=somebody.id)
    seen = await looking.seen(session=looking.rig.cookie)

    assert seen.session is not None
    assert seen.consent is None


@pytest.mark.parametrize("ending", [*OF_PEOPLE, "the session ended"])
async def test_a_session_that_is_over_is_not_seen(house: House, ending: str) -> None:
    looking = await Looking.make(house)
    await looking.agree()
    await looking.rig.sql(ENDINGS[ending])
    seen = await looking.seen(session=looking.rig.cookie)

    assert (seen.session, seen.consent) == (None, None)


async def test_a_session_that_was_idle_for_too_long_is_not_seen(house: House) -> None:
    looking = await Looking.make(house)

    assert (await looking.seen(session=looking.rig.cookie)).session is not None
    assert (await looking.seen(session=looking.rig.cookie, idle=-1)).session is None

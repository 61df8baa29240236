"""What the ports `RevokedTokens.access_states` and `Endings` promise, on every database."""

from typing import Any

import pytest

from identity_service.domain.entities.event import UserChanged
from identity_service.domain.entities.token import AccessState, Epochs, TokenTies
from identity_service.domain.entities.token_event import AccessTokenRevoked, FamilyEnded
from identity_service.domain.value_objects.ids import ClientId, FamilyId, UserId
from identity_service.infrastructure.container import new_id
from tests.house import House


async def ties_of(house: House, **form: Any) -> TokenTies:
    client = await house.add_client()
    token = (await house.token(client, **form)).json()["access_token"]
    claims = house.container.tokens.access_tokens().parse(token)
    assert claims is not None
    ties: TokenTies = claims.ties
    return ties


async def states(house: House, *wanted: TokenTies) -> list[AccessState]:
    async with house.container.read() as uow:
        found: list[AccessState] = await uow.revoked_tokens.access_states(wanted)
    return found


@pytest.fixture
async def person(house: House) -> TokenTies:
    await house.add_user()
    return await ties_of(
        house, grant_type="password", username="alice", password="correct horse battery staple"
    )


async def test_each_token_gets_the_state_of_its_own_in_the_order_asked_for(
    house: House, person: TokenTies
) -> None:
    program = await ties_of(house, grant_type="client_credentials")
    nobody = TokenTies("j", FamilyId(new_id()), UserId(new_id()), ClientId("nobody"))
    async with house.container.begin() as uow:
        await uow.revoked_tokens.add(program.jti, expires_at=2_000_000_000)
        await uow.commit()

    found = await states(house, nobody, program, person, program)

    alive = AccessState(
        current=Epochs(1, 1, 1),
        user_active=True,
        client_active=True,
        family_ended=False,
        jti_revoked=False,
        username="alice",
        user_id=person.user_id,
    )
    revoked = AccessState(
        current=Epochs(1, 0, 1),
        user_active=False,
        client_active=True,
        family_ended=False,
        jti_revoked=True,
        username=None,
    )
    gone = AccessState(
        current=Epochs(1, 0, 0),
        user_active=False,
        client_active=False,
        family_ended=True,
        jti_revoked=False,
        username=None,
    )
    assert found == [gone, revoked, alive, revoked]


async def test_whom_a_token_speaks_for_is_told_by_its_family_where_its_sub_does_not(
    house: House, person: TokenTies
) -> None:
    program = await ties_of(house, grant_type="client_credentials")
    found = await states(house, person._replace(user_id=None), program)

    assert [state.user_id for state in found] == [person.user_id, None]
    assert [state.user_active for state in found] == [True, False]


async def test_an_ended_family_is_told(house: House, person: TokenTies) -> None:
    async with house.container.begin() as uow:
        await uow.families.end(person.fid, reason="revoked")
        await uow.commit()

    assert [state.family_ended for state in await states(house, person)] == [True]


async def test_nothing_is_asked_and_nothing_answered(house: House) -> None:
    assert await states(house) == []


async def test_quotes_and_other_signs_in_a_name_are_only_a_name(house: House) -> None:
    odd = TokenTies("j'\"\\\u20ac\n", None, None, ClientId("'; --"))

    assert [state.client_active for state in await states(house, odd)] == [False]


async def test_the_endings_of_tokens_are_read_page_by_page_and_no_others(house: House) -> None:
    async with house.container.begin() as uow:
        for number in range(3):
            uow.events.add(AccessTokenRevoked(by="test", jti=f"j{number}", client_id="c"))
        uow.events.add(UserChanged(by="test", user_id="u", members=()))
        uow.events.add(FamilyEnded(by="test", family_id="f", client_id="c", reason="revoked"))
        await uow.commit()
    async with house.container.read() as uow:
        first = await uow.endings.of_tokens(after=0, most=2)
        rest = await uow.endings.of_tokens(after=first[-1].sequence, most=10)

    assert [row.tag for row in first] == ["jti:j0", "jti:j1"]
    assert [row.tag for row in rest] == ["jti:j2", "family:f"]

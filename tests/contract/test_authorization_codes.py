"""What the ports `AuthorizationCodes`, `Sessions`, `Families.forbid` and `TokenChanges.spend_code` promise, on every
database."""

import asyncio
import os
from collections.abc import AsyncIterator, Callable
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import text

from identity_service.adapters.sql.token_changes import token_changes
from identity_service.domain.entities.authorization_code import AuthorizationCode
from identity_service.domain.entities.session import NewSession
from identity_service.domain.entities.token import Epochs, Family
from identity_service.domain.value_objects.ids import ClientId, FamilyId, SessionId
from identity_service.domain.value_objects.scope import Scope
from identity_service.infrastructure.container import new_id
from identity_service.ports.repositories.sessions import SignedInAgain
from tests.house import House, open_house, settings_for

CALLERS = 16
SIGNED_IN = datetime(2026, 1, 1, tzinfo=UTC)
IDLE = 3600


@pytest.fixture
async def house(database_url: str, tmp_path: Path) -> AsyncIterator[House]:
    settings = settings_for(tmp_path, database_url=database_url, database_pool_size=CALLERS + 2)
    async with open_house(settings) as opened:
        yield opened


class Rig:
    """A person with a session, a client, and a code that is not kept yet."""

    def __init__(self, house: House, session: NewSession, code: AuthorizationCode) -> None:
        self.house = house
        self.session = session
        self.cookie = os.urandom(32)
        self.code = code
        self.digest = os.urandom(32)

    @classmethod
    async def make(cls, house: House) -> "Rig":
        user, client = await house.add_user(), await house.add_client()
        session = NewSession(
            id=SessionId(new_id()),
            user_id=user.id,
            server_epoch=1,
            user_epoch=1,
            auth_time=SIGNED_IN,
            amr=("pwd",),
            acr="level",
            user_agent="a browser",
            address="192.0.2.1",
            lifetime_seconds=600,
        )
        code = AuthorizationCode(
            family_id=FamilyId(new_id()),
            client_id=client.client.client_id,
            user_id=user.id,
            subject="the person, as the client knows them",
            session_id=session.id,
            redirect_uri="https://app.example/cb",
            code_challenge="a challenge",
            scope=Scope.parse("openid read"),
            audience=("https://api.example",),
            nonce="a nonce",
            id_token_claims=("email",),
            userinfo_claims=("name",),
            epochs=Epochs(1, 1, 1),
            auth_time=SIGNED_IN,
            amr=("pwd",),
            acr="level",
        )
        rig = cls(house, session, code)
        assert await rig.start_session()
        return rig

    async def write(self, work: Any) -> Any:
        async with self.house.container.begin() as uow:
            result = await work(uow)
            await uow.commit()
        return result

    async def start_session(self, **members: Any) -> bool:
        session = replace(self.session, **members)
        return bool(await self.write(lambda uow: uow.sessions.start(session, self.cookie)))

    async def found(self, cookie: bytes | None = None, *, idle: int = IDLE) -> Any:
        async with self.house.container.read() as uow:
            return await uow.sessions.get(cookie or self.cookie, idle_seconds=idle)

    async def keep(self, **members: Any) -> bool:
        code = replace(self.code, **members)
        return bool(await self.write(lambda uow: uow.codes.add(code, self.digest)))

    async def spend(self, *, client_id: str | None = None, alone: bool = False) -> AuthorizationCode | None:
        owner = ClientId(client_id or self.code.client_id)
        if alone:
            changes = token_changes(self.house.container.database(), on_endings=lambda tags: None)
            return await changes.spend_code(self.digest, client_id=owner)
        return await self.write(lambda uow: uow.codes.spend(self.digest, client_id=owner))

    async def sql(self, statement: str) -> None:
        async with self.house.container.database().engine.begin() as connection:
            await connection.execute(text(statement))

    def family(self) -> Family:
        return Family(
            id=self.code.family_id,
            client_id=self.code.client_id,
            user_id=self.code.user_id,
            scope=self.code.scope,
            audience=self.code.audience,
            epochs=self.code.epochs,
            auth_time=self.code.auth_time,
            amr=self.code.amr,
            lifetime_seconds=3600,
            acr=self.code.acr,
            subject=self.code.subject,
            session_id=self.code.session_id,
            userinfo_claims=self.code.userinfo_claims,
        )


ENDINGS = {
    "the user was deactivated": "UPDATE users SET active = false",
    "the user's epoch moved on": "UPDATE users SET epoch = 2",
    "the user was deleted": "UPDATE users SET deleted_at = created_at",
    "the client was deactivated": "UPDATE clients SET active = false",
    "the client's epoch moved on": "UPDATE clients SET epoch = 2",
    "everything was revoked": "UPDATE server_state SET epoch = 2",
    "the session ended": "UPDATE sessions SET ended_at = created_at",
}
OF_PEOPLE = (
    "the user was deactivated",
    "the user's epoch moved on",
    "the user was deleted",
    "everything was revoked",
)


either_way = pytest.mark.parametrize("alone", [False, True], ids=["with others", "alone"])


@either_way
async def test_a_code_comes_back_as_it_was_kept(house: House, alone: bool) -> None:
    rig = await Rig.make(house)

    assert await rig.keep()
    assert await rig.spend(alone=alone) == rig.code


@either_way
async def test_of_many_that_spend_a_code_at_once_one_does(house: House, alone: bool) -> None:
    rig = await Rig.make(house)
    await rig.keep()
    spent = await asyncio.gather(*(rig.spend(alone=alone) for _ in range(CALLERS)))

    assert [code for code in spent if code is not None] == [rig.code]


@either_way
async def test_another_clients_attempt_changes_nothing(house: House, alone: bool) -> None:
    rig, other = await Rig.make(house), await house.add_client()
    await rig.keep()

    assert await rig.spend(client_id=other.id, alone=alone) is None
    assert await rig.spend(alone=alone) == rig.code


@either_way
async def test_a_code_that_has_run_out_cannot_be_spent(house: House, alone: bool) -> None:
    rig = await Rig.make(house)
    await rig.keep()
    await rig.sql("UPDATE authorization_codes SET expires_at = created_at")

    assert await rig.spend(alone=alone) is None


async def test_a_spent_code_is_recognised_and_an_unspent_or_foreign_one_is_not(house: House) -> None:
    rig, other = await Rig.make(house), await house.add_client()
    await rig.keep()

    async def spent(client_id: str) -> Any:
        async with house.container.read() as uow:
            return await uow.codes.spent(rig.digest, client_id=ClientId(client_id))

    assert await spent(rig.code.client_id) is None
    await rig.spend()
    assert await spent(rig.code.client_id) == rig.code
    assert await spent(other.id) is None


@pytest.mark.parametrize("statement", ENDINGS.values(), ids=ENDINGS)
async def test_a_code_is_not_kept_once(house: House, statement: str) -> None:
    rig = await Rig.make(house)
    await rig.sql(statement)

    assert not await rig.keep()
    assert await rig.spend() is None


async def test_a_family_is_made_under_the_id_of_its_code_once(house: House) -> None:
    rig = await Rig.make(house)
    first = await rig.write(lambda uow: uow.families.start(rig.family(), os.urandom(32)))
    second = await rig.write(lambda uow: uow.families.start(rig.family(), os.urandom(32)))

    assert first is not None
    assert second is None


async def test_a_forbidden_family_never_starts(house: House) -> None:
    rig = await Rig.make(house)

    assert await rig.write(lambda uow: uow.families.forbid(rig.family(), reason="replay"))
    assert await rig.write(lambda uow: uow.families.start(rig.family(), os.urandom(32))) is None
    assert not await rig.write(lambda uow: uow.families.forbid(rig.family(), reason="replay"))


async def test_a_family_that_has_started_is_ended_by_forbidding_it(house: House) -> None:
    rig = await Rig.make(house)
    await rig.write(lambda uow: uow.families.start(rig.family(), os.urandom(32)))

    assert await rig.write(lambda uow: uow.families.forbid(rig.family(), reason="replay"))
    async with house.container.read() as uow:
        state = await uow.families.get(rig.code.family_id)
    assert state is not None
    assert state.ended
    assert state.family == replace(rig.family(), lifetime_seconds=3600)


async def test_starting_and_forbidding_at_once_leave_no_living_family(house: House) -> None:
    rig = await Rig.make(house)

    async def attempt(number: int) -> None:
        if number % 2:
            await rig.write(lambda uow: uow.families.start(rig.family(), os.urandom(32)))
        else:
            await rig.write(lambda uow: uow.families.forbid(rig.family(), reason="replay"))

    await asyncio.gather(*(attempt(number) for number in range(CALLERS)))
    async with house.container.read() as uow:
        state = await uow.families.get(rig.code.family_id)
    assert state is not None
    assert state.ended


async def test_a_session_is_found_by_its_cookie_alone(house: House) -> None:
    rig = await Rig.make(house)
    found = await rig.found()

    assert (found.id, found.user_id, found.username) == (rig.session.id, rig.session.user_id, "alice")
    assert (found.auth_time, found.amr, found.acr) == (SIGNED_IN, ("pwd",), "level")
    assert await rig.found(os.urandom(32)) is None


@pytest.mark.parametrize("ending", OF_PEOPLE)
async def test_a_session_is_over_once(house: House, ending: str) -> None:
    rig = await Rig.make(house)
    await rig.sql(ENDINGS[ending])

    assert await rig.found() is None
    assert not await rig.write(lambda uow: uow.sessions.renew(rig.session.id, again()))


@pytest.mark.parametrize("ending", OF_PEOPLE)
async def test_a_session_does_not_begin_once(house: House, ending: str) -> None:
    rig = await Rig.make(house)
    rig.cookie = os.urandom(32)
    await rig.sql(ENDINGS[ending])

    assert not await rig.start_session(id=SessionId(new_id()))


async def test_a_session_runs_out_by_idling_and_absolutely(house: House) -> None:
    rig = await Rig.make(house)

    assert await rig.found(idle=60) is not None
    await rig.sql("UPDATE sessions SET last_seen_at = '2020-01-01 00:00:00.000000'")
    assert await rig.found(idle=60) is None
    assert await rig.write(lambda uow: uow.sessions.touch(rig.session.id))
    assert await rig.found(idle=60) is not None
    await rig.sql("UPDATE sessions SET expires_at = '2020-01-01 00:00:00.000000'")
    assert await rig.found(idle=60) is None


def again(digest: bytes = b"another cookie", amr: tuple[str, ...] = ("otp",)) -> SignedInAgain:
    return SignedInAgain(digest=digest, auth_time=datetime(2026, 2, 2, tzinfo=UTC), amr=amr, acr="higher")


async def test_a_renewed_session_has_another_cookie_and_the_same_id(house: House) -> None:
    rig = await Rig.make(house)

    assert await rig.write(lambda uow: uow.sessions.renew(rig.session.id, again()))
    assert await rig.found() is None
    found = await rig.found(b"another cookie")
    assert (found.id, found.amr, found.acr) == (rig.session.id, ("otp",), "higher")


async def test_a_session_ends_once_and_for_its_own_person_only(house: House) -> None:
    rig, other = await Rig.make(house), await house.add_user("bob")

    async def end(**members: Any) -> Any:
        return await rig.write(lambda uow: uow.sessions.end(rig.session.id, **members))

    assert not await end(user_id=other.id)
    assert await rig.found() is not None
    assert await end(user_id=rig.session.user_id)
    assert not await end()
    assert await rig.found() is None
    assert not await rig.write(lambda uow: uow.sessions.touch(rig.session.id))
    async with house.container.read() as uow:
        assert await uow.sessions.of_user(rig.session.user_id, idle_seconds=IDLE) == []
        assert await uow.sessions.living(rig.session.id) is None


async def test_living_sessions_are_found_by_id_and_by_person_the_newest_first(house: House) -> None:
    rig = await Rig.make(house)
    newer = replace(rig.session, id=SessionId(new_id()), address="192.0.2.2")
    other = replace(rig.session, id=SessionId(new_id()), user_id=(await house.add_user("bob")).id)
    for session in (newer, other):
        assert await rig.write(lambda uow, session=session: uow.sessions.start(session, os.urandom(32)))
    await rig.sql("UPDATE sessions SET created_at = '2026-01-01 00:00:00' WHERE address = '192.0.2.1'")

    async with house.container.read() as uow:
        listed = await uow.sessions.of_user(rig.session.user_id, idle_seconds=IDLE)
        found = await uow.sessions.living(rig.session.id)
    assert [session.id for session in listed] == [newer.id, rig.session.id]
    assert found == listed[1]


@pytest.mark.parametrize("ending", [*OF_PEOPLE, "the session ended"])
async def test_a_session_that_is_over_is_neither_found_nor_listed(house: House, ending: str) -> None:
    rig = await Rig.make(house)
    await rig.sql(ENDINGS[ending])

    async with house.container.read() as uow:
        assert await uow.sessions.of_user(rig.session.user_id, idle_seconds=IDLE) == []
        assert await uow.sessions.living(rig.session.id) is None


async def test_a_session_that_was_idle_is_not_listed(house: House) -> None:
    rig = await Rig.make(house)

    async with house.container.read() as uow:
        assert await uow.sessions.of_user(rig.session.user_id, idle_seconds=0) == []
        assert len(await uow.sessions.of_user(rig.session.user_id, idle_seconds=IDLE)) == 1


Ends = Callable[[Any, Rig], Any]


def of_session(uow: Any, rig: Rig) -> Any:
    return uow.codes.end_of_session(rig.session.id)


def of_grant(uow: Any, rig: Rig) -> Any:
    return uow.codes.end_of_grant(rig.code.user_id, rig.code.client_id)


@pytest.mark.parametrize("end", [of_session, of_grant])
async def test_a_code_that_was_ended_becomes_nothing(house: House, end: Ends) -> None:
    rig = await Rig.make(house)
    await rig.keep()

    assert await rig.write(lambda uow: end(uow, rig)) == [rig.code]
    assert await rig.spend() is None


@pytest.mark.parametrize("end", [of_session, of_grant])
async def test_a_code_that_was_spent_a_moment_ago_is_named_so_that_its_family_can_be_forbidden(
    house: House, end: Ends
) -> None:
    rig = await Rig.make(house)
    await rig.keep()
    await rig.spend()

    [named] = await rig.write(lambda uow: end(uow, rig))
    assert await rig.write(lambda uow: uow.families.forbid(named.family(), reason="over"))
    assert await rig.write(lambda uow: uow.families.start(rig.family(), os.urandom(32))) is None


async def test_codes_of_others_and_those_that_may_outlive_the_session_go_on(house: House) -> None:
    rig, other = await Rig.make(house), await house.add_user("bob")
    await rig.keep(scope=Scope.parse("openid offline_access"))

    for end in (
        lambda uow: uow.codes.end_of_session(rig.session.id),
        lambda uow: uow.codes.end_of_session(SessionId(new_id())),
        lambda uow: uow.codes.end_of_grant(other.id, rig.code.client_id),
        lambda uow: uow.codes.end_of_grant(rig.code.user_id, ClientId("another")),
    ):
        assert await rig.write(end) == []
    assert await rig.spend() is not None


async def test_who_ends_a_session_waits_for_whoever_makes_a_code_in_it(house: House) -> None:
    rig = await Rig.make(house)
    order: list[str] = []

    async def end() -> None:
        await rig.write(lambda uow: uow.sessions.end(rig.session.id))
        order.append("ended")

    async with house.container.begin() as uow:
        assert await uow.sessions.touch(rig.session.id)
        ending = asyncio.create_task(end())
        await asyncio.sleep(0.1)
        order.append("made")
        assert await uow.codes.add(rig.code, rig.digest)
        await uow.commit()
    await ending

    assert order == ["made", "ended"]


async def test_the_end_of_a_session_ends_its_families_but_those_for_offline_use(house: House) -> None:
    rig = await Rig.make(house)
    scopes = ("openid read", "openid offline_access", "offlineXaccess", "offline_access")
    families = [replace(rig.family(), id=FamilyId(new_id()), scope=Scope.parse(scope)) for scope in scopes]
    foreign = replace(rig.family(), id=FamilyId(new_id()), session_id=None)
    for family in (*families, foreign):
        await rig.write(lambda uow, family=family: uow.families.start(family, os.urandom(32)))

    ended = await rig.write(lambda uow: uow.families.end_of_session(rig.session.id, reason="logout"))
    assert sorted(ended) == sorted([families[0].id, families[2].id])
    assert await rig.write(lambda uow: uow.families.end_of_session(rig.session.id, reason="logout")) == []


async def test_what_a_client_got_from_a_person_ends_together(house: House) -> None:
    rig, other = await Rig.make(house), await house.add_client()
    mine = replace(rig.family(), id=FamilyId(new_id()))
    others = replace(rig.family(), id=FamilyId(new_id()), client_id=other.client.client_id)
    for family in (mine, others):
        await rig.write(lambda uow, family=family: uow.families.start(family, os.urandom(32)))

    ended = await rig.write(
        lambda uow: uow.families.end_of_grant(rig.code.user_id, rig.code.client_id, reason="consent revoked")
    )
    assert ended == [mine.id]

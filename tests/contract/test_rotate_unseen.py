"""What `rotate_unseen` promises: on Postgres it rotates what keeps within the bounds, and tells the family; on SQLite
it does nothing."""

import asyncio
import json
import os
from dataclasses import replace
from typing import Any

import pytest

from identity_service.domain.entities.token_event import RefreshTokenRotated
from identity_service.domain.value_objects.ids import ClientId, FamilyId
from identity_service.domain.value_objects.scope import Scope
from identity_service.ports.repositories.tokens import Bounds, Spend, Spent
from tests.contract.test_refresh_tokens import family_of
from tests.contract.test_token_changes import BY, Rig
from tests.house import House

AUDIENCE = "https://api.example"
OURS = Bounds(scope=Scope(), audience=frozenset({AUDIENCE, "https://id.example"}))
on_postgres = pytest.mark.parametrize("storage", ["postgres"])


class Unseen(Rig):
    """The port, with a family that has been started."""

    async def rotate_unseen(
        self,
        digest: bytes,
        *,
        bounds: Bounds = OURS,
        client_id: str | None = None,
        successor: bytes | None = None,
        grace: int = 10,
    ) -> Spent | None:
        client = self.family.client_id if client_id is None else ClientId(client_id)
        spend = Spend(
            digest=digest,
            client_id=client,
            successor=successor or os.urandom(32),
            nonce=os.urandom(32) if grace else None,
            grace_seconds=grace,
        )

        def event(family_id: FamilyId) -> RefreshTokenRotated:
            return RefreshTokenRotated(by=BY, family_id=family_id, client_id=client)

        return await self.changes.rotate_unseen(spend, bounds=bounds, event=event)

    async def unspent(self) -> list[bytes]:
        rows = await self.sql("SELECT digest FROM refresh_tokens WHERE spent_at IS NULL")
        return [bytes(digest) for (digest,) in rows]


@pytest.fixture
async def rig(house: House) -> Unseen:
    user, client = await house.add_user(), await house.add_client()
    made = Unseen(
        house, replace(family_of(user.id, client.client.client_id), scope=Scope.parse("read write"))
    )
    assert await made.start()
    return made


@on_postgres
@pytest.mark.parametrize("grace", [0, 10])
async def test_it_spends_and_tells_the_family(rig: Unseen, grace: int) -> None:
    successor = os.urandom(32)
    spent = await rig.rotate_unseen(rig.first, successor=successor, grace=grace)

    assert spent == Spent(rig.family, user_is_admin=False)
    assert await rig.unspent() == [successor]
    [(nonce, lapses)] = await rig.sql(
        "SELECT nonce IS NOT NULL, grace_until > statement_timestamp() FROM refresh_tokens"
        " WHERE spent_at IS NOT NULL"
    )
    assert (nonce, bool(lapses)) == (bool(grace), bool(grace))


@on_postgres
async def test_its_event_is_that_of_an_ordinary_rotation(rig: Unseen) -> None:
    second = os.urandom(32)
    assert await rig.rotate(rig.first, successor=second)
    assert await rig.rotate_unseen(second)
    rows = await rig.sql("SELECT name, actor, subject, payload FROM events ORDER BY id")

    assert rows[-1] == rows[-2]
    assert json.loads(bytes(rows[-1][3])) == {
        "by": BY,
        "family_id": rig.family.id,
        "client_id": rig.family.client_id,
    }
    assert await rig.feed() == rig.told == []


@on_postgres
async def test_it_erases_the_nonce_of_the_token_before(rig: Unseen) -> None:
    second = os.urandom(32)
    await rig.rotate_unseen(rig.first, successor=second)
    await rig.rotate_unseen(second)

    assert len(await rig.sql("SELECT digest FROM refresh_tokens WHERE nonce IS NOT NULL")) == 1


@on_postgres
async def test_an_administrator_is_told_of(rig: Unseen) -> None:
    await rig.sql("UPDATE users SET admin = true")

    assert await rig.rotate_unseen(rig.first) == Spent(rig.family, user_is_admin=True)


WITHIN = [
    pytest.param("", [AUDIENCE], id="nothing asked for"),
    pytest.param("write", [AUDIENCE], id="a part of the scope"),
    pytest.param("write read", [AUDIENCE, "https://other.example"], id="all of it"),
]
BEYOND = [
    pytest.param("admin", [AUDIENCE], id="more than the scope"),
    pytest.param("read admin", [AUDIENCE], id="some more"),
    pytest.param("rea", [AUDIENCE], id="a part of a name"),
    pytest.param("", ["https://other.example"], id="another audience"),
    pytest.param("", [], id="no audience"),
]


@on_postgres
@pytest.mark.parametrize(("scope", "audience"), WITHIN)
async def test_a_family_within_the_bounds_is_rotated(rig: Unseen, scope: str, audience: list[str]) -> None:
    bounds = Bounds(scope=Scope.parse(scope), audience=frozenset(audience))

    assert await rig.rotate_unseen(rig.first, bounds=bounds)


@on_postgres
@pytest.mark.parametrize(("scope", "audience"), BEYOND)
async def test_a_family_beyond_the_bounds_is_left_alone(rig: Unseen, scope: str, audience: list[str]) -> None:
    bounds = Bounds(scope=Scope.parse(scope), audience=frozenset(audience))

    assert await rig.rotate_unseen(rig.first, bounds=bounds) is None
    assert await rig.unspent() == [rig.first]
    assert await rig.recorded() == ["family.started"]


ENDED = [
    "UPDATE families SET ended_at = statement_timestamp(), ended_reason = 'revoked'",
    "UPDATE families SET expires_at = statement_timestamp()",
    "UPDATE users SET active = false",
    "UPDATE users SET deleted_at = statement_timestamp()",
    "UPDATE users SET epoch = epoch + 1",
    "UPDATE clients SET active = false",
    "UPDATE clients SET deleted_at = statement_timestamp()",
    "UPDATE clients SET epoch = epoch + 1",
    "UPDATE server_state SET epoch = epoch + 1",
]


@on_postgres
@pytest.mark.parametrize("end", ENDED)
async def test_what_has_ended_is_not_rotated(rig: Unseen, end: str) -> None:
    await rig.sql(end)

    assert await rig.rotate_unseen(rig.first) is None
    assert await rig.unspent() == [rig.first]


@on_postgres
async def test_another_client_spends_nothing(rig: Unseen) -> None:
    other = await rig.house.add_client()

    assert await rig.rotate_unseen(rig.first, client_id=other.id) is None
    assert await rig.unspent() == [rig.first]


@on_postgres
async def test_a_spent_token_and_one_that_never_was_are_not_rotated(rig: Unseen) -> None:
    assert await rig.rotate_unseen(rig.first)

    assert await rig.rotate_unseen(rig.first) is None
    assert await rig.rotate_unseen(os.urandom(32)) is None


@on_postgres
async def test_of_many_that_rotate_at_once_in_either_way_one_does(rig: Unseen) -> None:
    calls: list[Any] = [rig.rotate_unseen(rig.first) for _ in range(6)]
    calls += [rig.rotate(rig.first) for _ in range(6)]
    did = await asyncio.gather(*calls)

    assert sum(bool(one) for one in did) == 1
    assert await rig.recorded() == ["family.started", "refresh_token.rotated"]
    assert len(await rig.unspent()) == 1


@on_postgres
async def test_a_rotation_whose_event_cannot_be_written_is_not_made(rig: Unseen) -> None:
    await rig.sql("ALTER TABLE events RENAME TO elsewhere")
    with pytest.raises(Exception, match="events"):
        await rig.rotate_unseen(rig.first)
    await rig.sql("ALTER TABLE elsewhere RENAME TO events")

    assert await rig.rotate_unseen(rig.first), "it was still unspent"


@pytest.mark.parametrize("storage", ["sqlite"])
async def test_where_it_would_take_several_statements_nothing_is_done(rig: Unseen) -> None:
    assert await rig.rotate_unseen(rig.first) is None
    assert await rig.unspent() == [rig.first]

"""What the port `TokenChanges` promises, on every database: a change, its event and its endings, all or nothing."""

import asyncio
import os
from typing import Any

import pytest
from sqlalchemy import text

from identity_service.adapters.sql.token_changes import token_changes
from identity_service.domain.entities.token import Family
from identity_service.domain.entities.token_event import (
    AccessTokenRevoked,
    FamilyEnded,
    FamilyStarted,
    RefreshTokenRotated,
)
from identity_service.infrastructure.container import new_id
from identity_service.ports.repositories.tokens import Spend
from tests.contract.test_refresh_tokens import family_of
from tests.house import House

BY = "test"
SOON = 4_000_000_000


class Rig:
    """The port over a house's database, and what it told the process of endings."""

    def __init__(self, house: House, family: Family) -> None:
        self.told: list[str] = []
        self.changes = token_changes(house.container.database(), on_endings=self.told.extend)
        self.house = house
        self.family = family
        self.first = os.urandom(32)

    async def start(self) -> bool:
        event = FamilyStarted(
            by=BY,
            family_id=self.family.id,
            client_id=self.family.client_id,
            user_id=self.family.user_id,
            grant_type="password",
            address="192.0.2.7",
        )
        return await self.changes.start(self.family, self.first, event=event)

    async def rotate(self, digest: bytes, *, successor: bytes | None = None, grace: int = 10) -> bool:
        spend = Spend(
            digest=digest,
            client_id=self.family.client_id,
            successor=successor or os.urandom(32),
            nonce=os.urandom(32) if grace else None,
            grace_seconds=grace,
        )
        event = RefreshTokenRotated(by=BY, family_id=self.family.id, client_id=self.family.client_id)
        return await self.changes.rotate(spend, event=event)

    async def end(self) -> bool:
        event = FamilyEnded(
            by=BY, family_id=self.family.id, client_id=self.family.client_id, reason="revoked"
        )
        return await self.changes.end(self.family.id, reason="revoked", event=event)

    async def revoke(self, jti: str) -> bool:
        event = AccessTokenRevoked(by=BY, jti=jti, client_id=self.family.client_id)
        return await self.changes.revoke(jti, expires_at=SOON, event=event)

    async def sql(self, statement: str) -> list[Any]:
        async with self.house.container.database().engine.begin() as connection:
            result = await connection.execute(text(statement))
            return list(result.all()) if result.returns_rows else []

    async def recorded(self) -> list[str]:
        """The names of this test's events, in order."""
        return [
            name for (name,) in await self.sql(f"SELECT name FROM events WHERE actor = '{BY}' ORDER BY id")
        ]

    async def feed(self) -> list[str]:
        return [tag for (tag,) in await self.sql("SELECT tag FROM endings ORDER BY sequence")]


@pytest.fixture
async def rig(house: House) -> Rig:
    user, client = await house.add_user(), await house.add_client()
    return Rig(house, family_of(user.id, client.client.client_id))


async def test_a_family_starts_with_its_first_token_its_event_and_what_is_personal_about_it(rig: Rig) -> None:
    assert await rig.start()
    assert await rig.rotate(rig.first)
    assert await rig.recorded() == ["family.started", "refresh_token.rotated"]
    [(subject, data)] = await rig.sql("SELECT subject, data FROM event_personal_data")
    assert (subject, bytes(data)) == (rig.family.user_id, b'{"address":"192.0.2.7"}')
    assert rig.told == await rig.feed() == []


async def test_nothing_starts_and_nothing_is_recorded_under_a_raised_epoch(rig: Rig) -> None:
    await rig.sql("UPDATE users SET epoch = epoch + 1")
    assert not await rig.start()
    assert await rig.recorded() == []
    assert await rig.sql("SELECT digest FROM refresh_tokens") == []


@pytest.mark.parametrize("grace", [0, 10])
async def test_of_eight_that_rotate_at_once_one_does_and_one_event_says_so(rig: Rig, grace: int) -> None:
    await rig.start()
    did = await asyncio.gather(*(rig.rotate(rig.first, grace=grace) for _ in range(8)))
    assert sorted(did) == [False] * 7 + [True]
    assert await rig.recorded() == ["family.started", "refresh_token.rotated"]
    assert len(await rig.sql("SELECT digest FROM refresh_tokens WHERE spent_at IS NULL")) == 1


async def test_an_ended_family_is_not_rotated(rig: Rig) -> None:
    await rig.start()
    await rig.end()
    assert not await rig.rotate(rig.first)
    assert await rig.recorded() == ["family.started", "family.ended"]


async def test_who_ends_a_family_a_second_time_records_nothing_and_still_tells_the_process(rig: Rig) -> None:
    await rig.start()
    assert [await rig.end(), await rig.end()] == [True, False]
    assert await rig.recorded() == ["family.started", "family.ended"]
    tag = f"family:{rig.family.id}"
    assert await rig.feed() == [tag]
    assert rig.told == [tag, tag]


async def test_who_revokes_an_access_token_a_second_time_records_nothing_and_still_tells_the_process(
    rig: Rig,
) -> None:
    jti = new_id()
    assert [await rig.revoke(jti), await rig.revoke(jti)] == [True, False]
    assert await rig.recorded() == ["access_token.revoked"]
    assert await rig.feed() == [f"jti:{jti}"]
    assert rig.told == [f"jti:{jti}"] * 2


async def test_a_change_whose_event_cannot_be_written_is_not_made(rig: Rig) -> None:
    await rig.start()
    await rig.sql("ALTER TABLE events RENAME TO elsewhere")
    with pytest.raises(Exception, match="events"):
        await rig.rotate(rig.first)
    await rig.sql("ALTER TABLE elsewhere RENAME TO events")
    assert await rig.rotate(rig.first), "it was still unspent"

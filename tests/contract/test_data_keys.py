"""What the ports `DataKeys` and `SealedRecords` promise, on every database."""

import asyncio
from collections.abc import AsyncIterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import pytest

from identity_service.domain.entities.data_key import DataKey
from identity_service.domain.entities.signing_key import SigningKey
from identity_service.infrastructure.container import build
from identity_service.ports.repositories.data_keys import SealedRecord
from tests.house import NOW, settings_for

CALLERS = 8
HERE, ELSEWHERE = "11" * 8, "22" * 8


@dataclass
class House:
    """The parts of a server that does not run: a database that has the test's own keys and no others."""

    container: Any


@pytest.fixture
async def house(database_url: str, tmp_path: Path) -> AsyncIterator[House]:
    settings = settings_for(tmp_path, database_url=database_url, database_pool_size=CALLERS + 2)
    container = build(settings)
    yield House(container)
    await container.hashing_pool().close()
    await container.database().close()


def key(key_id: str, purpose: Any = "seal", *, current: bool = True) -> DataKey:
    return DataKey(
        id=key_id, purpose=purpose, current=current, wrapped=key_id.encode(), wrapped_by="master-1"
    )


async def done(house: House, method: str, *args: Any, **options: Any) -> bool:
    async with house.container.begin() as uow:
        result = await getattr(uow.data_keys, method)(*args, **options)
        await uow.commit()
    return bool(result)


async def stored(house: House) -> list[DataKey]:
    async with house.container.read() as uow:
        return list(await uow.data_keys.all())


async def test_of_many_current_keys_of_a_purpose_one_is_stored(house: House) -> None:
    added = await asyncio.gather(*(done(house, "add", key(f"k{number}")) for number in range(CALLERS)))
    assert sum(added) == 1
    assert await done(house, "add", key("other", "digest"))
    assert await done(house, "add", key("former", current=False))
    assert [found.current for found in await stored(house)] == [True, True, False]


async def test_a_key_is_wrapped_anew_only_while_it_is_wrapped_as_was_read(house: House) -> None:
    one = key("one")
    await done(house, "add", one)
    assert not await done(house, "rewrap", replace(one, wrapped=b"else"), wrapped=b"x", wrapped_by="m2")
    assert await stored(house) == [one]
    changed = await asyncio.gather(
        *(done(house, "rewrap", one, wrapped=b"w%d" % number, wrapped_by="m2") for number in range(CALLERS))
    )
    assert sum(changed) == 1
    assert [found.wrapped_by for found in await stored(house)] == ["m2"]


async def test_a_key_is_retired_once(house: House) -> None:
    await done(house, "add", key("one"))
    assert await done(house, "retire", "one")
    assert not await done(house, "retire", "one")
    assert await done(house, "add", key("two"))
    assert [(found.id, found.current) for found in await stored(house)] == [("two", True), ("one", False)]


def sealed(kid: str, key_id: str) -> SigningKey:
    return SigningKey(
        kid=kid,
        alg="ES256",
        status="retired",
        public_jwk={"kid": kid},
        sealed=b"\x01" + bytes.fromhex(key_id) + kid.encode(),
        created_at=NOW,
        activated_at=None,
        verify_until=None,
    )


async def test_records_are_found_by_the_key_that_sealed_them_and_replaced_only_as_they_were_read(
    house: House,
) -> None:
    async with house.container.begin() as uow:
        await uow.keys.add(sealed("a", HERE))
        await uow.keys.add(sealed("b", ELSEWHERE))
        await uow.keys.add(sealed("c", ELSEWHERE))
        await uow.commit()
    async with house.container.begin() as uow:
        [kind] = [each for each in uow.sealed_records if each.purpose == "signing-key"]
        stale = await kind.stale(HERE, most=50)
        assert [record.id for record in stale] == ["b", "c"]
        assert await kind.count_stale(HERE) == 2
        assert len(await kind.stale(HERE, most=1)) == 1
        assert not await kind.replace(SealedRecord("b", b"else"), b"\x01" + bytes.fromhex(HERE))
        assert await kind.replace(stale[0], b"\x01" + bytes.fromhex(HERE) + b"new")
        assert await kind.count_stale(HERE) == 1
        await uow.commit()


async def test_every_column_of_sealed_bytes_is_known_to_who_seals_anew() -> None:
    from identity_service.adapters.sql.data_keys import SEALED
    from identity_service.adapters.sql.schema import metadata

    found = {table.name for table in metadata.tables.values() if "sealed" in table.columns}
    assert found == {table.name for _, table, _ in SEALED}

"""The master key changes while servers run: no token fails, and the former key opens nothing afterwards."""

import asyncio
from base64 import b64encode
from collections.abc import AsyncIterator, Callable
from contextlib import AsyncExitStack
from pathlib import Path
from typing import Any

import pytest
from pydantic import SecretStr
from sqlalchemy import text

from identity_service.adapters.crypto.aes_gcm_sealer import AesGcmSealer
from identity_service.application.use_cases.keys.reseal_secrets import ResealSecrets
from identity_service.application.use_cases.keys.sealing import KeysUnreadable
from identity_service.infrastructure.container import build
from identity_service.ports.unit_of_work import StorageUnavailable
from tests.house import House, open_house, settings_for

OLD, NEW = b64encode(bytes(32)).decode(), b64encode(bytes(range(32))).decode()
ONLY_OLD = {"master_key": SecretStr(OLD)}
BOTH = {"master_key": SecretStr(NEW), "master_key_former": SecretStr(OLD)}
ONLY_NEW = {"master_key": SecretStr(NEW)}

Servers = Callable[..., Any]


@pytest.fixture
async def server(database_url: str, tmp_path: Path) -> AsyncIterator[Servers]:
    """`await server(**settings)` is one more server on the same database, whose keys it holds."""
    async with AsyncExitStack() as stack:

        async def opened(**settings: Any) -> House:
            chosen = settings_for(
                tmp_path,
                database_url=database_url,
                jwt_private_key=None,
                signing_algorithm="ES256",
                client_signing_algorithms=("ES256",),
                **settings,
            )
            return await stack.enter_async_context(open_house(chosen))

        yield opened


def reseal_of(house: House) -> ResealSecrets:
    found: ResealSecrets = house.container.services().keys.reseal_secrets
    return found


async def refreshed(house: House, client: Any, token: str) -> str:
    answer = await house.token(client, grant_type="refresh_token", refresh_token=token)
    assert answer.status_code == 200, answer.text
    return str(answer.json()["refresh_token"])


async def master_keys(house: House) -> set[str]:
    async with house.container.read() as uow:
        return {key.wrapped_by for key in await uow.data_keys.all()} | {str(await uow.server.master_key_id())}


@pytest.mark.every_storage
async def test_no_token_fails_while_the_master_key_changes(server: Servers) -> None:
    old = await server(**ONLY_OLD)
    await old.add_user()
    client = await old.add_client(refresh_reuse_grace=60, resource_server=True)
    tokens = await old.sign_in(client)
    both = await server(**BOTH)

    successor = await refreshed(old, client, tokens["refresh_token"])
    assert await refreshed(both, client, tokens["refresh_token"]) == successor, "both derive alike"
    assert await reseal_of(both)(by="test") == 2
    assert len(await master_keys(both)) == 1

    for house in (old, both):
        assert await house.is_active(client, tokens["access_token"])
        await house.sign_in(client)
        assert await refreshed(house, client, tokens["refresh_token"]) == successor
    later = await refreshed(old, client, successor)
    new = await server(**ONLY_NEW)
    assert await refreshed(new, client, successor) == later
    assert await new.is_active(client, tokens["access_token"])
    made = await old.container.services().keys.generate_key(by="test")
    for house in (old, both, new):  # who holds the data keys needs no master key for a new signing key
        await house.container.load_keys()()
        assert made.kid in {jwk["kid"] for jwk in house.container.key_ring().public_jwks()}
    late = build(old.container.settings())
    with pytest.raises(KeysUnreadable, match="not the one that this database was set up with"):
        await late.load_keys()()
    await late.hashing_pool().close()
    await late.database().close()


async def test_the_former_master_key_opens_nothing_any_more(server: Servers) -> None:
    old = await server(**ONLY_OLD)
    both = await server(**BOTH)
    await reseal_of(both)(by="test")
    former = AesGcmSealer(bytes(32))
    async with old.container.read() as uow:
        for key in await uow.data_keys.all():
            assert key.wrapped[1:9].hex() != former.key_id
        for key in await uow.keys.all():
            assert key.sealed[1:9].hex() != former.key_id


async def test_what_was_sealed_under_the_master_key_itself_is_brought_under_a_data_key(
    server: Servers,
) -> None:
    old = await server(**ONLY_OLD)
    ring, direct = old.container.data_keys(), AesGcmSealer(bytes(32))
    async with old.container.begin() as uow:
        kind = next(each for each in uow.sealed_records if each.purpose == "signing-key")
        [record] = await kind.stale("00" * 8, most=50)
        plain = ring.open(record.sealed, purpose=kind.purpose, context=record.id)
        before = direct.seal(plain, purpose=kind.purpose, context=record.id)
        assert await kind.replace(record, before)
        await uow.commit()
    kid = record.id
    again = await server(**ONLY_OLD)
    assert {jwk["kid"] for jwk in again.container.key_ring().public_jwks()} == {kid}
    assert await reseal_of(again)(by="test") == 1
    assert (await reseal_of(again).state()).done
    new = await server(**ONLY_OLD)
    assert {jwk["kid"] for jwk in new.container.key_ring().public_jwks()} == {kid}


class Killed:
    """Lets so many commits through; the process ends at the next, before or behind it."""

    def __init__(self, house: House, commits: int, *, behind: bool) -> None:
        self._begin = house.container.begin
        self._left = commits
        self._behind = behind

    def __call__(self) -> Any:
        return _Transaction(self, self._begin())

    async def commit(self, uow: Any) -> None:
        if self._left == 0 and not self._behind:
            raise StorageUnavailable("killed before the commit")
        await uow.commit()
        if self._left == 0:
            raise StorageUnavailable("killed behind the commit")
        self._left -= 1


class _Transaction:
    def __init__(self, killed: Killed, uow: Any) -> None:
        self._killed, self._uow = killed, uow

    async def __aenter__(self) -> Any:
        await self._uow.__aenter__()
        return self

    async def __aexit__(self, *error: Any) -> None:
        await self._uow.__aexit__(*error)

    def __getattr__(self, name: str) -> Any:
        return getattr(self._uow, name)

    async def commit(self) -> None:
        await self._killed.commit(self._uow)


@pytest.mark.parametrize("behind", [False, True], ids=["before a commit", "behind it"])
@pytest.mark.parametrize(
    "commits", [pytest.param(0, marks=pytest.mark.all), 1, pytest.param(2, marks=pytest.mark.all)]
)
async def test_whoever_is_killed_leaves_what_can_be_gone_on_with(
    server: Servers, commits: int, behind: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("identity_service.application.use_cases.keys.reseal_secrets.BATCH", 1)
    old = await server(**ONLY_OLD)
    await old.container.services().keys.generate_key(by="test")
    both = await server(**BOTH)
    await reseal_of(both).new_data_key(by="test")
    reseal = reseal_of(both)
    monkeypatch.setattr(reseal, "_begin", Killed(both, commits, behind=behind))
    with pytest.raises(StorageUnavailable):
        await reseal(by="test")
    monkeypatch.undo()

    assert (await server(**BOTH)).container.key_ring().public_jwks()
    other = await server(**BOTH)
    await reseal_of(other)(by="test")

    assert (await reseal_of(other).state()).done
    last = await server(**ONLY_NEW)
    assert len(last.container.key_ring().public_jwks()) == 2


@pytest.mark.every_storage
async def test_two_at_once_do_not_disturb_each_other(server: Servers) -> None:
    old = await server(**ONLY_OLD)
    await old.container.services().keys.generate_key(by="test")
    one, two = await server(**BOTH), await server(**BOTH)
    await reseal_of(one).new_data_key(by="test")

    done = await asyncio.gather(*(reseal_of(house)(by="test") for house in (one, two) for _ in range(2)))

    assert sum(done) >= 2 + 2
    assert (await reseal_of(two).state()).done
    last = await server(**ONLY_NEW)
    assert len(last.container.key_ring().public_jwks()) == 2
    async with old.container.database().engine.connect() as connection:
        found = await connection.execute(
            text("SELECT count(*) FROM events WHERE name = 'keys.master_key_changed'")
        )
        assert found.scalar_one() == 1


async def test_a_damaged_secret_does_not_keep_the_others_from_being_sealed_anew(
    server: Servers, caplog: pytest.LogCaptureFixture
) -> None:
    old = await server(**ONLY_OLD)
    made = await old.container.services().keys.generate_key(by="test")
    async with old.container.database().engine.begin() as connection:
        await connection.execute(
            text("UPDATE signing_keys SET sealed = :sealed WHERE kid = :kid"),
            {"sealed": bytes(60), "kid": made.kid},
        )
    await reseal_of(old).new_data_key(by="test")
    assert await reseal_of(old)(by="test") == 1
    assert (await reseal_of(old).state()).secrets_left == 1
    assert f"signing-key of {made.kid} is left as it is" in caplog.text


async def test_a_damaged_data_key_is_told_and_nothing_is_issued(server: Servers) -> None:
    old = await server(**ONLY_OLD)
    async with old.container.database().engine.begin() as connection:
        await connection.execute(text("UPDATE data_keys SET purpose = 'seal', current = :no"), {"no": False})
    other = await server(**ONLY_OLD)
    health = await other.http.get("/health/ready")
    assert health.status_code == 503
    assert "a data key in the database is damaged" in health.text

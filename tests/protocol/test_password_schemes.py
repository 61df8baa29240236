"""How passwords are hashed under the settings (PROTOCOL §7): upgraded at sign-in, and never in the way of others."""

import asyncio
import threading
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import pytest
from pydantic import SecretStr

from identity_service.adapters.crypto.argon2_hasher import Argon2Hasher
from identity_service.adapters.crypto.hashing_pool import ALWAYS_ADMITTED
from identity_service.adapters.crypto.password_hasher import PasswordSchemes
from identity_service.adapters.crypto.prehash import Pepper
from identity_service.ports.security import Standing
from tests.house import PASSWORD, House, Registered, open_house, settings_for
from tests.migrated import copy_of

OWASP = "$identity$v=1,pepper=none$argon2id$v=19$m=19456,t=2,p=1$"
BCRYPT_4 = "$identity$v=1,pepper=none$2b$04$"
BCRYPT_5 = "$identity$v=1,pepper=none$2b$05$"


@pytest.fixture
def url(sqlite_template: Path, tmp_path: Path) -> str:
    return copy_of(sqlite_template, tmp_path)


async def stored(house: House) -> str:
    async with house.container.read() as uow:
        return str((await uow.users.by_username("alice")).password_hash)


@asynccontextmanager
async def house_under(url: str, folder: Path, **settings: Any) -> AsyncIterator[House]:
    async with open_house(settings_for(folder, database_url=url, **settings)) as house:
        yield house


@pytest.mark.parametrize(
    ("before", "after", "old", "new"),
    [
        ({}, {"password_scheme": "argon2id"}, BCRYPT_4, OWASP),
        ({"password_scheme": "argon2id"}, {}, OWASP, BCRYPT_4),
        ({}, {"bcrypt_cost": 5}, BCRYPT_4, BCRYPT_5),
        ({"bcrypt_cost": 5}, {}, BCRYPT_5, BCRYPT_4),
    ],
    ids=["bcrypt to argon2id", "argon2id to bcrypt", "a higher cost", "a lower cost"],
)
async def test_s7_scheme_and_cost_are_upgraded_by_the_next_right_password(
    url: str, tmp_path: Path, before: dict[str, Any], after: dict[str, Any], old: str, new: str
) -> None:
    async with house_under(url, tmp_path, **before) as house:
        await house.add_user()
        client = await house.add_client()
        await house.sign_in(client)
        made = await stored(house)
        assert made.startswith(old)
    async with house_under(url, tmp_path, **after) as house:
        wrong = await house.token(client, grant_type="password", username="alice", password="wrong")
        assert wrong.json()["error"] == "invalid_grant"
        assert await stored(house) == made
        tokens = await house.sign_in(client)
        assert (upgraded := await stored(house)).startswith(new)
        await house.sign_in(client)
        assert await stored(house) == upgraded
        assert await house.is_active(client, tokens["access_token"])


async def test_s7_argon2id_of_another_cost_is_upgraded_too(url: str, tmp_path: Path) -> None:
    cheap = PasswordSchemes(Argon2Hasher(memory_kib=64, passes=1)).hash(PASSWORD)
    async with house_under(url, tmp_path, password_scheme="argon2id") as house:
        await house.add_user(username="alice", password_hash=cheap)
        await house.sign_in(await house.add_client())
        assert (await stored(house)).startswith(OWASP)


async def test_a_new_pepper_takes_over_as_people_sign_in_and_the_former_one_is_needed_until_then(
    url: str, tmp_path: Path
) -> None:
    former, new = SecretStr("pepper of before"), SecretStr("pepper of today")
    async with house_under(url, tmp_path, password_pepper=former) as house:
        await house.add_user()
        client = await house.add_client()
        made = await stored(house)
    async with house_under(url, tmp_path, password_pepper=new) as house:
        refused = await house.token(client, grant_type="password", username="alice", password=PASSWORD)
        assert refused.json()["error"] == "invalid_grant"
    both = {"password_pepper": new, "password_pepper_former": SecretStr("another one\npepper of before")}
    async with house_under(url, tmp_path, **both) as house:
        wrong = await house.token(client, grant_type="password", username="alice", password="wrong")
        assert wrong.json()["error"] == "invalid_grant"
        assert await stored(house) == made
        await house.sign_in(client)
        assert f"pepper={Pepper.of('pepper of today').id}$" in await stored(house)
    async with house_under(url, tmp_path, password_pepper=new) as house:
        await house.sign_in(client)


class Gate:
    """A hash that takes until the gate is opened."""

    def __init__(self) -> None:
        self.opened = threading.Event()

    def __call__(self) -> None:
        assert self.opened.wait(60)


@asynccontextmanager
async def saturated(house: House, gate: Gate) -> AsyncIterator[None]:
    """Every thread hashes, and the queue is full."""
    pool = house.container.hashing_pool()
    waiting = [
        asyncio.create_task(pool.run(gate, address=f"192.0.2.{n}", standing=Standing.KNOWN))
        for n in range(ALWAYS_ADMITTED + pool.threads)
    ]
    async with asyncio.timeout(60):
        while pool.queued < ALWAYS_ADMITTED:
            await asyncio.sleep(0)
    yield
    gate.opened.set()
    await asyncio.gather(*waiting, return_exceptions=True)


async def answers_without_a_hash(house: House, client: Registered, tokens: dict[str, Any]) -> list[int]:
    refreshed = await house.token(client, grant_type="refresh_token", refresh_token=tokens["refresh_token"])
    return [
        refreshed.status_code,
        (await house.token(client, grant_type="client_credentials")).status_code,
        (await house.post("/oauth2/introspect", client, token=refreshed.json()["access_token"])).status_code,
        (await house.post("/oauth2/revoke", client, token=refreshed.json()["refresh_token"])).status_code,
        (await house.http.get("/.well-known/jwks.json")).status_code,
        (await house.http.get("/health/ready")).status_code,
    ]


async def test_s7_a_full_queue_answers_503_with_retry_after_and_everything_else_is_served_meanwhile(
    url: str, tmp_path: Path
) -> None:
    gate = Gate()
    # The estimate makes the wait for 64 longer than what is allowed, so that 64 is the bound.
    async with house_under(url, tmp_path, hashing_threads=1, hashing_max_wait_seconds=1) as house:
        await house.add_user()
        client = await house.add_client()
        tokens = await house.sign_in(client)
        pool = house.container.hashing_pool()
        async with saturated(house, gate):
            refused = await house.token(client, grant_type="password", username="alice", password=PASSWORD)
            assert refused.status_code == 503
            assert refused.json()["error"] == "temporarily_unavailable"
            assert 1 <= int(refused.headers["retry-after"]) <= 60
            assert await answers_without_a_hash(house, client, tokens) == [200] * 6
            assert not gate.opened.is_set()
            assert (pool.running, pool.queued) == (1, ALWAYS_ADMITTED)
        assert pool.refused == 1
        assert await house.sign_in(client)

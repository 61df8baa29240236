"""Every look-up has an index: PostgreSQL, kept from reading whole tables where it can help it, never needs to."""

import json
from collections.abc import AsyncIterator, Iterator
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import text

from identity_service.adapters.sql.database import Database, DatabaseOptions
from identity_service.adapters.sql.expired import RULES, erasure, nonces_due
from identity_service.domain.entities.client import Client
from identity_service.domain.entities.user import User
from identity_service.infrastructure.container import new_id
from identity_service.ports.repositories.expired import Expired
from tests.heard import heard
from tests.house import House, Registered, open_house, settings_for
from tests.servers.databases import Databases

BIG = {
    "refresh_tokens",
    "families",
    "users",
    "clients",
    "client_secrets",
    "revoked_tokens",
    "spent_jtis",
    "endings",
    "events",
    "event_personal_data",
    "principals",
    "outbox",
    "initial_access_tokens",
    "registration_access_tokens",
}
READING = ("SELECT", "INSERT", "UPDATE", "DELETE", "WITH")


@pytest.fixture
async def house(postgres: Databases, tmp_path: Path) -> AsyncIterator[House]:
    settings = settings_for(tmp_path, database_url=await postgres.database(), purge_interval_seconds=0)
    async with open_house(settings) as opened:
        yield opened


@pytest.fixture
async def bare(postgres: Databases) -> AsyncIterator[Database]:
    database = Database(DatabaseOptions(url=await postgres.database()))
    yield database
    await database.close()


async def whole_reads(database: Database, statement: str, parameters: Any) -> set[str]:
    """The big tables that the plan of this statement reads whole, or whose index it walks from end to end."""
    async with database.engine.connect() as connection:
        await connection.exec_driver_sql("SET LOCAL enable_seqscan = off")
        explained = await connection.exec_driver_sql(f"EXPLAIN (FORMAT JSON) {statement}", parameters)
        [(plan,)] = explained.all()
        await connection.rollback()
    plan = json.loads(plan) if isinstance(plan, str) else plan
    return {table for table in found(plan[0]["Plan"]) if table in BIG}


def found(node: dict[str, Any]) -> Iterator[str]:
    if node["Node Type"] == "Seq Scan" or (
        node["Node Type"] in ("Index Scan", "Index Only Scan", "Bitmap Heap Scan")
        and not {"Index Cond", "Recheck Cond"} & set(node)
    ):
        yield node["Relation Name"]
    for inner in node.get("Plans", ()):
        yield from found(inner)


def compiled(database: Database, statement: Any) -> tuple[str, Any]:
    """The statement as the driver gets it."""
    made = statement.compile(dialect=database.engine.dialect, compile_kwargs={"render_postcompile": True})
    return str(made), tuple(made.params[name] for name in made.positiontup)


async def test_a_look_up_without_an_index_would_be_noticed(bare: Database) -> None:
    assert await whole_reads(bare, "SELECT * FROM users WHERE name = 'Alice'", ()) == {"users"}
    assert await whole_reads(bare, "SELECT * FROM users WHERE username_key = 'alice'", ()) == set()


@pytest.mark.parametrize("kind", Expired, ids=lambda kind: str(kind.value))
async def test_what_is_purged_is_found_and_deleted_by_an_index(bare: Database, kind: Expired) -> None:
    rule = RULES[kind]
    key: Any = 1 if kind is Expired.ENDINGS else b"x" if "digest" in rule.key.name else new_id()

    for statement in (rule.due(older_than=60, limit=10), rule.delete([key])):
        assert await whole_reads(bare, *compiled(bare, statement)) == set()


async def test_the_nonces_to_erase_are_found_by_their_own_index(bare: Database) -> None:
    for statement in (nonces_due(10), erasure([b"x"])):
        assert await whole_reads(bare, *compiled(bare, statement)) == set()


async def test_no_request_for_a_token_or_about_one_reads_a_table_whole(house: House) -> None:
    client = await house.add_client(resource_server=True, audiences=frozenset({"https://api.example"}))
    user = await house.add_user()
    statements: dict[str, Any] = {}

    def remember(statement: str, parameters: Any) -> None:
        if statement.lstrip().startswith(READING):
            statements.setdefault(statement, parameters)

    with heard(house.container.database(), remember):
        await everything_about_tokens(house, client, user)

    plans = {
        statement: await whole_reads(house.container.database(), statement, parameters)
        for statement, parameters in statements.items()
    }
    assert len(plans) > 10
    assert {statement: tables for statement, tables in plans.items() if tables} == {}


async def everything_about_tokens(house: House, client: Registered, user: User) -> None:
    tokens = await house.sign_in(client)
    again = await house.token(client, grant_type="refresh_token", refresh_token=tokens["refresh_token"])
    assert again.status_code == 200
    await house.token(client, grant_type="refresh_token", refresh_token=tokens["refresh_token"])
    await house.token(client, grant_type="client_credentials", resource="https://api.example")
    await house.sign_in(client, "alice@example.org")
    for token in (tokens["access_token"], again.json()["refresh_token"]):
        assert await house.is_active(client, token)
    for token in (tokens["access_token"], again.json()["refresh_token"]):
        await house.post("/oauth2/revoke", client, token=token)
    await deactivate(house, user, client.client)


async def test_what_happened_to_a_person_is_found_by_an_index(house: House) -> None:
    user = await house.add_user()
    statements: dict[str, Any] = {}
    with heard(house.container.database(), statements.setdefault):
        async with house.container.read() as uow:
            await uow.events.about(user.id, names=["user.changed"], after=None, limit=10)
            await uow.events.about(
                user.id, names=["user.changed"], after=("2026-01-01T00:00:00+00:00", user.id), limit=10
            )
    reading = {each: given for each, given in statements.items() if "events" in each}
    assert len(reading) == 2
    for statement, parameters in reading.items():
        assert await whole_reads(house.container.database(), statement, parameters) == set()


async def deactivate(house: House, user: User, client: Client) -> None:
    async with house.container.begin() as uow:
        await uow.users.change(user.id, {"active": False}, version=None, raise_epoch=True)
        await uow.clients.change(client.client_id, {"active": False}, version=None, raise_epoch=True)
        await uow.users.delete(user.id)
        await uow.clients.delete(client.client_id)
        await uow.commit()


async def test_every_foreign_key_has_an_index(bare: Database) -> None:
    """Or deleting what it points to would read the table whole."""
    statement = text("""
        SELECT conrelid::regclass::text, conname FROM pg_constraint AS c
        WHERE contype = 'f' AND NOT EXISTS (
            SELECT FROM pg_index AS i
            WHERE i.indrelid = c.conrelid AND i.indkey[0] = c.conkey[1] AND i.indpred IS NULL
        )""")
    async with bare.engine.connect() as connection:
        assert (await connection.execute(statement)).all() == []

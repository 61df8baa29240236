"""How often the token path speaks to PostgreSQL: a statement for a look-up, one for a change, nothing around them."""

import asyncio
from collections.abc import AsyncIterator, Iterator
from pathlib import Path
from typing import Any

import asyncpg
import pytest
from sqlalchemy import Engine, event

from tests.feed import caught_up
from tests.house import ISSUER, PASSWORD, House, Registered, open_house, settings_for
from tests.servers.databases import Databases
from tests.visitor import Pkce, app_of, told, visitor_of

APPLICATION = "identity-service"
OF_THE_JOBS = ("leases", "signing_keys", "master_key_id", "endings.sequence")
"""What the statements of preparation and background jobs name, and no statement of a request."""


@pytest.fixture
def sent(monkeypatch: pytest.MonkeyPatch) -> Iterator[list[str]]:
    """What is sent on connections made from now on, BEGIN and COMMIT included; the feed has its own.

    asyncpg tells of everything but prepared statements, which only Core keeps for itself.
    """
    texts: list[str] = []
    connect = asyncpg.connect

    async def heard(*arguments: Any, **options: Any) -> Any:
        connection = await connect(*arguments, **options)
        if options.get("server_settings", {}).get("application_name") == APPLICATION:
            connection.add_query_logger(lambda record: texts.append(record.query))
        return connection

    def by_core(connection: Any, cursor: Any, text: str, parameters: Any, context: Any, many: bool) -> None:
        texts.append(text)

    monkeypatch.setattr(asyncpg, "connect", heard)
    event.listen(Engine, "before_cursor_execute", by_core)
    yield texts
    event.remove(Engine, "before_cursor_execute", by_core)


@pytest.fixture
async def house(sent: list[str], postgres: Databases, tmp_path: Path) -> AsyncIterator[House]:
    settings = settings_for(
        tmp_path,
        database_url=await postgres.database(),
        purge_interval_seconds=0,
        audit_token_issue="off",
    )
    async with open_house(settings) as opened:
        async with asyncio.timeout(30):
            while (await opened.http.get("/health/ready")).status_code != 200:
                await asyncio.sleep(0.01)
        await opened.container.workers().stop()
        yield opened


@pytest.fixture
async def client(house: House) -> Registered:
    await house.add_user()
    return await house.add_client()


async def kinds(sent: list[str]) -> list[str]:
    """The first word of each statement since the last call, sorted; those of the background jobs are left out."""
    for _ in range(5):  # asyncpg tells its loggers a turn of the loop later
        await asyncio.sleep(0)
    own = [text for text in sent if not any(word in text for word in OF_THE_JOBS)]
    sent.clear()
    return sorted(text.split(None, 1)[0].strip(";") for text in own)


async def test_a_token_of_the_client_itself_is_one_look_up_for_a_while(
    house: House, client: Registered, sent: list[str]
) -> None:
    await caught_up(house)
    await kinds(sent)
    for _ in range(3):
        assert (await house.token(client, grant_type="client_credentials")).status_code == 200
    assert await kinds(sent) == ["SELECT"]


@pytest.mark.parametrize("form", [{}, {"scope": "read"}], ids=["no scope", "a part of the scope"])
async def test_a_rotation_for_a_remembered_client_is_one_statement(
    house: House, client: Registered, sent: list[str], form: dict[str, str]
) -> None:
    tokens = await house.sign_in(client)
    await caught_up(house)
    await house.token(client, grant_type="client_credentials")
    await kinds(sent)
    for _ in range(2):
        answer = await house.token(
            client, grant_type="refresh_token", refresh_token=tokens["refresh_token"], **form
        )
        assert answer.status_code == 200
        tokens = answer.json()
        assert await kinds(sent) == ["WITH"]


@pytest.mark.parametrize(
    ("form", "status"),
    [
        ({"scope": "nothing"}, 400),
        ({"scope": "read openid"}, 200),
        ({"resource": ISSUER}, 200),
    ],
    ids=["a scope of nobody's", "a scope that is left out", "a resource"],
)
async def test_a_rotation_that_something_else_may_refuse_is_found_first(
    house: House, client: Registered, sent: list[str], form: dict[str, str], status: int
) -> None:
    tokens = await house.sign_in(client)
    await caught_up(house)
    await house.token(client, grant_type="client_credentials")
    await kinds(sent)
    form = {"grant_type": "refresh_token", "refresh_token": tokens["refresh_token"], **form}
    assert (await house.token(client, **form)).status_code == status
    assert await kinds(sent) == ["SELECT", "WITH"][: 1 + (status == 200)]


async def test_a_sign_in_is_one_statement_after_two_look_ups(
    house: House, client: Registered, sent: list[str]
) -> None:
    await kinds(sent)
    answer = await house.token(client, grant_type="password", username="alice", password=PASSWORD)
    assert answer.status_code == 200
    assert await kinds(sent) == ["SELECT", "SELECT", "WITH"]


@pytest.mark.parametrize(("kind", "look_ups"), [("access_token", 1), ("refresh_token", 2)])
async def test_revoking_is_one_statement_after_the_look_ups(
    house: House, client: Registered, sent: list[str], kind: str, look_ups: int
) -> None:
    tokens = await house.sign_in(client)
    await kinds(sent)
    await house.post("/oauth2/revoke", client, token=tokens[kind])
    assert await kinds(sent) == ["SELECT"] * look_ups + ["WITH"]


async def test_introspecting_a_token_that_is_not_remembered_is_one_look_up(
    house: House, client: Registered, sent: list[str]
) -> None:
    first, second = await house.sign_in(client), await house.sign_in(client)
    await house.introspect(client, first["refresh_token"])
    await kinds(sent)
    assert (await house.introspect(client, second["refresh_token"]))["active"]
    assert await kinds(sent) in (
        ["SELECT"],
        ["SELECT", "SELECT"],
    ), "the caller's own, unless it is remembered"


async def test_a_transaction_would_be_noticed(house: House, sent: list[str]) -> None:
    await kinds(sent)
    async with house.container.begin() as uow:
        await uow.server.now()
        await uow.commit()
    assert await kinds(sent) == ["BEGIN", "COMMIT", "SELECT"]


async def test_a_page_is_one_look_up_and_the_exchange_of_a_code_two_changes_for_a_known_client(
    house: House, sent: list[str]
) -> None:
    await house.add_user()
    client, pkce = await app_of(house, grants=("authorization_code", "client_credentials")), Pkce.new()
    await caught_up(house)
    await house.token(client, grant_type="client_credentials")
    async with visitor_of(house) as visitor:
        login = await visitor.to_page(await visitor.ask(client, pkce))
        consent = await visitor.to_page(await login.filled())
        for page in (login, consent):
            await kinds(sent)
            await visitor.get(page.path)
            assert await kinds(sent) == ["SELECT"]
        code = told(await consent.submit(action="allow"))["code"]
        await kinds(sent)
        assert (await visitor.exchange(client, code, pkce)).status_code == 200
        assert await kinds(sent) == ["WITH", "WITH"]

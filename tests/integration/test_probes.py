"""The probes call our server safe and a bad one weak: each of them, so that each can do both."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest
import uvicorn
from click import UsageError

from identity_service.cli.posture.attack import checked
from identity_service.main import create_app
from identity_service.ports.repositories.clients import ClientQuery
from identity_service.probes.probe import Verdict
from identity_service.probes.run import NOT_FROM_OUTSIDE, PROBES, attacks
from identity_service.probes.target import Credentials, Target
from identity_service.server.run import uvicorn_config
from tests.bad_server import bad_server
from tests.house import House, open_house, settings_for
from tests.migrated import copy_of
from tests.serving import free_listener, url_of

MOST_ATTACKS = 40
CLIENT = Credentials("a-client", "its-secret")
OWN_TESTS = {"registration-judges-what-it-is-told": "needs CLIENT_REGISTRATION=open"}


@asynccontextmanager
async def our_server(folder: Path, template: Path, **settings: str) -> AsyncIterator[tuple[str, House]]:
    """As `serve` serves it, on a port of its own, with a client."""
    listener = free_listener()
    listener.listen()
    chosen = settings_for(folder, database_url=copy_of(template, folder), issuer=url_of(listener), **settings)
    server = uvicorn.Server(uvicorn_config(create_app(chosen), chosen, "127.0.0.1", 0))
    async with open_house(chosen) as house:
        task = asyncio.create_task(server.serve(sockets=[listener]))
        try:
            yield url_of(listener), house
        finally:
            server.should_exit = True
            await task


async def verdicts(target: Target) -> dict[str, tuple[Verdict, str]]:
    return {tried.probe.name: (tried.outcome.verdict, tried.outcome.seen) async for tried in attacks(target)}


async def test_our_server_holds_and_nothing_is_left_behind(sqlite_template: Path, tmp_path: Path) -> None:
    async with our_server(tmp_path, sqlite_template, client_registration="open") as (url, house):
        client = await house.add_client()
        found = await verdicts(Target(url, credentials=Credentials(client.id, client.secret)))
        weak = {name: seen for name, (verdict, seen) in found.items() if verdict is not Verdict.OK}
        assert weak == {}
        async with house.container.read() as uow:
            assert [each.client_id for each in await uow.clients.page(ClientQuery())] == [client.id]


async def test_without_a_client_and_without_registration_it_says_what_it_could_not_try(
    sqlite_template: Path, tmp_path: Path
) -> None:
    async with our_server(tmp_path, sqlite_template) as (url, _):
        found = await verdicts(Target(url))
    untried = {name for name, (verdict, _) in found.items() if verdict is Verdict.UNTRIED}
    assert untried == {each.name for each in PROBES if each.needs_client} | set(OWN_TESTS)
    assert Verdict.WEAK not in {verdict for verdict, _ in found.values()}


async def test_a_bad_server_is_weak_by_every_probe() -> None:
    async with bad_server() as url:
        found = await verdicts(Target(url, credentials=CLIENT))
    held = {name: outcome for name, outcome in found.items() if outcome[0] is not Verdict.WEAK}
    assert held == {}


async def test_it_sends_no_more_than_it_may() -> None:
    async with bad_server() as url:
        few = await verdicts(Target(url, most_requests=5))
        late = await verdicts(Target(url, most_seconds=3600, most_requests=1))
    assert list(few.values()).count(few["odd-times-are-refused"]) > 10
    assert few["odd-times-are-refused"][0] is Verdict.UNTRIED
    assert "used up" in late["odd-times-are-refused"][1]


async def test_a_server_that_is_not_there_is_no_safe_one() -> None:
    with free_listener() as nobody, pytest.raises(ConnectionError, match="cannot be reached"):
        await verdicts(Target(url_of(nobody)))


def test_every_attack_of_the_list_has_a_probe_or_a_reason() -> None:
    probed = {each.number for each in PROBES}
    assert probed | set(NOT_FROM_OUTSIDE) == set(range(1, MOST_ATTACKS + 1))
    assert not probed & set(NOT_FROM_OUTSIDE)
    assert len({each.name for each in PROBES}) == len(PROBES)
    assert all(each.what.endswith(".") or ":" in each.what for each in PROBES)


@pytest.mark.parametrize("url", ["http://127.0.0.1:8000", "http://localhost:1", "https://[::1]/"])
def test_a_server_of_this_machine_may_be_attacked(url: str) -> None:
    assert checked(url, credentials=None, ours=False).is_loopback


@pytest.mark.parametrize(
    "url", ["https://id.example", "http://127.0.0.1.attacker.example", "http://10.0.0.1"]
)
def test_another_one_only_by_whom_it_belongs_to(url: str) -> None:
    with pytest.raises(UsageError, match="--yes-this-server-is-mine"):
        checked(url, credentials=None, ours=False)
    assert not checked(url, credentials=None, ours=True).is_loopback

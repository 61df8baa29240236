"""What a running server does by itself: each job, on each storage."""

import asyncio
from pathlib import Path
from typing import Any

from sqlalchemy import text

from identity_service.application.use_cases.clients.fetch_logos import FetchLogos
from identity_service.application.use_cases.system.purge import EraseNonces
from identity_service.application.workers.jobs import background_jobs
from identity_service.application.workers.runner import Job, Workers
from identity_service.infrastructure.container import build
from tests.ageing import A_DAY, age
from tests.house import House, settings_for


def jobs(house: House, *, purge_every: int = 60) -> dict[str, Job]:
    container = house.container
    made = background_jobs(
        purge=container.services().system.purge,
        purge_every=purge_every,
        erase_nonces=EraseNonces(begin=container.begin),
        follow_schedule=container.keys().schedule,
        reseal_secrets=container.services().keys.reseal_secrets,
        fetch_logos=FetchLogos(begin=container.begin, read=container.read, fetch=container.fetcher()),
        delivery=container.delivery(),
        outbox_watch=container.outbox.watch(),
        spoofing=container.admission.spoofing(),
        audit=container.audit.jobs(),
    )
    return {job.name: job for job in made}


async def count(house: House, table: str) -> int:
    async with house.container.database().engine.connect() as connection:
        return int((await connection.execute(text(f"SELECT count(*) FROM {table}"))).scalar_one())


async def test_every_job_can_be_done_on_a_fresh_server(house: House) -> None:
    for job in jobs(house).values():
        await job.run(lambda: True)


async def test_the_purge_deletes_what_is_due(house: House) -> None:
    client, _ = await house.add_client(), await house.add_user()
    await house.sign_in(client)
    await age(house.container.database(), 1000 * A_DAY)
    while not await count(house, "events WHERE chain_position IS NOT NULL"):
        await jobs(house)["audit chain"].run(lambda: True)
    await jobs(house)["audit checkpoint"].run(lambda: True)

    await jobs(house)["purge"].run(lambda: True)

    assert await count(house, "families") == 0
    assert await count(house, "events WHERE name <> 'audit.entries_removed'") == 0


async def test_the_purge_stops_after_a_batch_when_it_may_not_go_on(house: House) -> None:
    client, _ = await house.add_client(), await house.add_user()
    await house.sign_in(client)
    await age(house.container.database(), 1000 * A_DAY)

    await jobs(house)["purge"].run(lambda: False)

    assert (await count(house, "refresh_tokens"), await count(house, "families")) == (0, 1)


def test_an_interval_of_nothing_leaves_purging_to_the_command_line(tmp_path: Path) -> None:
    container: Any = build(settings_for(tmp_path))
    house: Any = type("Opened", (), {"container": container})

    assert "purge" not in jobs(house, purge_every=0)
    assert "purge" in jobs(house, purge_every=60)


def test_what_must_be_done_by_one_process_is_done_by_the_leader(house: House) -> None:
    assert {name for name, job in jobs(house).items() if not job.alone} == {
        "outbox watch",
        "audit watch",
        "spoofing",
    }


async def test_a_running_server_leads_and_erases_and_hands_over_when_it_stops(house: House) -> None:
    client, _ = await house.add_client(), await house.add_user()
    token = (await house.sign_in(client))["refresh_token"]
    await house.token(client, grant_type="refresh_token", refresh_token=token)
    await age(house.container.database(), 60)
    erased = asyncio.Event()
    erase = jobs(house)["erase nonces"]

    async def run(go_on: Any) -> None:
        await erase.run(go_on)
        erased.set()

    workers = Workers(
        [Job(name="erase nonces", every=1, run=run)],
        leases=house.container.leases(),
        holder="test",
        clock=asyncio.get_running_loop().time,
        pause=lambda seconds: asyncio.sleep(seconds / 1000),
    )
    workers.start()
    await asyncio.wait_for(erased.wait(), 30)

    assert await count(house, "refresh_tokens WHERE nonce IS NOT NULL") == 0
    assert await count(house, "leases WHERE holder = 'test'") == 1
    await workers.stop()
    assert await count(house, "leases WHERE holder = 'test'") == 0

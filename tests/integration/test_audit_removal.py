"""Retention removes the beginning of the log, and the rest stays proven; an owner who lets entries look old does not
have them removed."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from identity_service.application.use_cases.system.purge import Purge, Retention
from identity_service.ports.repositories.expired import Expired
from tests.ageing import A_DAY, age
from tests.audited import Audited, audited_at, kinds

DAYS = 400


@pytest.fixture
async def log(database_url: str, tmp_path: Path) -> AsyncIterator[Audited]:
    """Four entries of long ago under a checkpoint, two more under another one, and two of today under a third."""
    async with audited_at(database_url, tmp_path) as audited:
        await audited.happen(6)
        await age(audited.container.database(), (DAYS + 1) * A_DAY)
        await audited.chain_all()
        await audited.checkpoint()
        await audited.happen(2)
        await audited.checkpoint()
        yield audited


async def purge(log: Audited) -> int:
    """How many events were deleted; what was signed about that is brought to the auditor."""
    deleted = 0
    purging = Purge(
        begin=log.container.begin,
        retention=Retention(events=DAYS, deleted=30),
        remove_entries=log.parts.remove_entries(),
        batch=2,
    )
    async for batch in purging():
        deleted += batch.rows if batch.kind is Expired.EVENTS else 0
    async with log.container.read() as uow:
        removals = await uow.audit_statements.lines("removal", after=0, limit=10)
    log.auditor.lines += [line for _, line in removals]
    return deleted


async def test_the_rest_is_proven_and_the_removal_is_told(log: Audited) -> None:
    assert await purge(log) == 6
    await log.chain_all()

    report = await log.verify()

    assert (report.status, kinds(report)) == ("proven", [])
    assert (report.removed, report.entries, report.checked) == (6, 9, 3)  # with the event that tells of it
    assert report.removed_at is not None
    assert report.removed_until is not None
    assert (report.removed_at - report.removed_until).days == DAYS


async def test_a_second_purge_removes_nothing_more(log: Audited) -> None:
    await purge(log)

    assert await purge(log) == 0


async def test_a_removal_only_half_done_is_proven_too(log: Audited) -> None:
    await log.parts.remove_entries()(older_than=DAYS * A_DAY)
    await log.sql("DELETE FROM events WHERE chain_position <= 3")

    assert (await log.verify()).status == "proven"


async def test_the_beginning_gone_without_a_statement_is_found(log: Audited) -> None:
    await log.sql("DELETE FROM events WHERE chain_position <= 6")

    report = await log.verify()

    assert [(each.kind, each.position) for each in report.findings] == [("missing", 1)]


async def test_more_gone_than_the_statement_says_is_found(log: Audited) -> None:
    await purge(log)
    await log.sql("DELETE FROM events WHERE chain_position = 7")

    assert next((each.kind, each.position) for each in (await log.verify()).findings) == ("missing", 7)


async def test_the_statement_taken_away_from_the_database_is_still_in_the_file(log: Audited) -> None:
    await purge(log)
    await log.sql("DELETE FROM audit_statements")

    assert (await log.verify()).status == "proven"


async def test_a_statement_that_the_key_did_not_sign_removes_nothing_from_the_proof(log: Audited) -> None:
    await purge(log)
    log.auditor.lines = [line.replace('"until":"20', '"until":"19') for line in log.auditor.lines]

    assert {"signature"} <= set(kinds(await log.verify()))


async def test_young_entries_that_somebody_made_old_are_not_removed(
    log: Audited, caplog: pytest.LogCaptureFixture
) -> None:
    await log.sql("UPDATE events SET occurred_at = '2020-01-01 00:00:00.000000' WHERE chain_position > 6")

    assert await purge(log) == 0
    assert "entry 7" in caplog.text
    assert (await log.verify()).status == "broken"


async def test_entries_rewritten_before_their_removal_are_not_removed(
    log: Audited, caplog: pytest.LogCaptureFixture
) -> None:
    statements = log.auditor.lines
    await log.sql("UPDATE events SET actor = 'somebody' WHERE chain_position = 2")

    assert await purge(log) == 0
    assert "entry 2" in caplog.text
    assert log.auditor.lines == statements


async def test_without_a_checkpoint_nothing_is_removed(log: Audited) -> None:
    await log.sql("DELETE FROM audit_statements")

    assert await purge(log) == 0

"""An owner of the database who rewrites history is found out by checkpoints that left it; nothing done is proven."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from sqlalchemy import text

from identity_service.adapters.crypto.ed25519_signatures import Ed25519Signatures
from identity_service.application.use_cases.audit.checkpoints import signed
from identity_service.application.use_cases.audit.keys import OpenKey, kid_of
from identity_service.domain.audit.statement import Statement
from tests.audited import ALICE, Audited, audited_at, failed, kinds

ENTRIES = 11
COVERED = 9


@pytest.fixture
async def log(database_url: str, tmp_path: Path) -> AsyncIterator[Audited]:
    """Eleven entries; checkpoints at five and nine."""
    async with audited_at(database_url, tmp_path) as audited:
        await audited.happen(5)
        await audited.checkpoint()
        await audited.happen(4)
        await audited.checkpoint()
        await audited.happen(2)
        yield audited


async def test_a_log_that_nobody_touched_is_proven(log: Audited) -> None:
    report = await log.verify()

    assert (report.status, kinds(report)) == ("proven", [])
    assert (report.entries, report.checked, report.covered, report.uncovered) == (
        ENTRIES,
        ENTRIES,
        COVERED,
        2,
    )
    assert (report.outside, report.pinned, report.waiting, report.erased) == (2, True, 0, 0)


async def test_what_is_not_chained_yet_is_told(log: Audited) -> None:
    await log.record(failed(1))

    report = await log.verify()

    assert (report.status, report.entries, report.waiting) == ("proven", ENTRIES, 1)


async def test_an_erased_person_leaves_the_log_proven_and_unreadable(log: Audited) -> None:
    personal = log.parts.personal_data()
    async with log.container.read() as uow:
        before = await uow.audit_log.entries(after=0, until=1, limit=1)
        stored = [(each.entry.id, each.entry.subject, each.personal) for each in before]
        assert (await personal.open(uow, stored))[before[0].entry.id]["username"] == "alice"

    await log.sql("DELETE FROM subject_salts WHERE subject = :of", of=ALICE)

    report = await log.verify()
    assert (report.status, report.erased) == (
        "proven",
        0,
    )  # the sealed bytes are still there, for nobody to read
    async with log.container.read() as uow:
        assert await personal.open(uow, stored) == {}


async def test_deleted_personal_data_leaves_the_log_proven(log: Audited) -> None:
    await log.sql("DELETE FROM event_personal_data WHERE subject = :of", of=ALICE)

    report = await log.verify()

    assert (report.status, report.erased) == ("proven", 6)


async def test_nothing_personal_stands_in_the_clear_once_it_is_chained(log: Audited) -> None:
    async with log.container.database().engine.connect() as connection:
        found = (await connection.execute(text("SELECT data FROM event_personal_data"))).scalars().all()

    assert len(found) == 6
    assert not [data for data in found if b"alice" in bytes(data) or b"192.0.2" in bytes(data)]


ALTERATIONS = (
    "payload = :bytes",
    "actor = 'somebody'",
    "subject = 'somebody'",
    "name = 'client.created'",
    "client_id = 'other'",
    "request_id = 'other'",
    "occurred_at = '2020-01-01 00:00:00.000000'",
    "personal_digest = :bytes",
)


async def test_each_edited_member_of_an_entry_is_found(log: Audited) -> None:
    for position, change in enumerate(ALTERATIONS, 1):
        given = {"bytes": b"{}"} if ":bytes" in change else {}
        await log.sql(f"UPDATE events SET {change} WHERE chain_position = {position}", **given)

    report = await log.verify()

    assert report.status == "broken"
    altered = [each.position for each in report.findings if each.kind == "altered"]
    assert altered == list(range(1, len(ALTERATIONS) + 1))


async def test_an_entry_deleted_from_the_middle_is_found(log: Audited) -> None:
    await log.sql("DELETE FROM events WHERE chain_position = 4")

    report = await log.verify()

    assert [(each.kind, each.position) for each in report.findings] == [("missing", 4)]


async def test_entries_in_another_order_are_found(log: Audited) -> None:
    await log.sql(
        "UPDATE events SET chain_position = -1 WHERE chain_position = 2",
        "UPDATE events SET chain_position = 2 WHERE chain_position = 3",
        "UPDATE events SET chain_position = 3 WHERE chain_position = -1",
    )

    report = await log.verify()

    assert [(each.kind, each.position) for each in report.findings][:2] == [("altered", 2), ("altered", 3)]


async def test_a_tail_cut_off_is_found(log: Audited) -> None:
    await log.sql("DELETE FROM events WHERE chain_position > 7")
    await log.chain_anew()

    report = await log.verify()

    assert (report.status, kinds(report)) == ("broken", ["cut_off", "head"])
    assert "entries 8 to 9 are gone" in " ".join(each.text for each in report.findings)


async def test_what_is_cut_off_behind_the_newest_checkpoint_cannot_be_known_and_is_not_claimed(
    log: Audited,
) -> None:
    await log.sql("DELETE FROM events WHERE chain_position > 9")
    await log.chain_anew()

    report = await log.verify()

    assert (report.status, report.entries, report.uncovered) == ("proven", 9, 0)


async def test_a_truncated_log_is_found(log: Audited) -> None:
    await log.sql("DELETE FROM events")
    await log.chain_anew()

    assert (await log.verify()).status == "broken"


async def test_a_chain_computed_anew_is_found(log: Audited) -> None:
    await log.sql("UPDATE events SET actor = 'somebody else' WHERE chain_position = 2")
    await log.chain_anew()

    assert (
        await log.verify(outside=False, pinned=False)
    ).status == "consistent"  # by itself nobody would know
    report = await log.verify()

    assert report.status == "broken"
    assert "rewritten" in kinds(report)
    assert "from 1 on" in " ".join(each.text for each in report.findings)


async def test_what_was_rewritten_is_placed_between_checkpoints(log: Audited) -> None:
    await log.sql("UPDATE events SET actor = 'somebody else' WHERE chain_position = 7")
    await log.chain_anew()

    report = await log.verify()

    assert "something from 6 on was changed" in " ".join(each.text for each in report.findings)


async def test_a_deleted_entry_whose_gap_was_closed_is_found(log: Audited) -> None:
    await log.sql("DELETE FROM events WHERE chain_position = 4")
    await log.chain_anew()

    assert "rewritten" in kinds(await log.verify())


async def test_replaced_personal_data_is_found(log: Audited) -> None:
    await log.sql("UPDATE event_personal_data SET data = :data", data=b'{"username":"mallory"}')

    report = await log.verify()

    assert kinds(report) == ["personal_data"]
    assert len(report.findings) == 6


async def test_personal_data_of_another_event_is_found(log: Audited) -> None:
    await log.sql(
        "UPDATE event_personal_data SET data = (SELECT max(data) FROM event_personal_data) "
        "WHERE event_id <> (SELECT event_id FROM event_personal_data ORDER BY data DESC LIMIT 1)"
    )

    assert kinds(await log.verify()) == ["personal_data"]


async def test_an_entry_put_behind_the_head_is_found(log: Audited) -> None:
    await log.sql("UPDATE events SET chain_position = 99 WHERE chain_position = 11")

    report = await log.verify()

    assert {"missing", "head"} <= set(kinds(report))


async def replace_key(log: Audited) -> OpenKey:
    """The owner's own key stands where the audit key stood."""
    private = Ed25519Signatures().make()
    public = Ed25519Signatures().public(private)
    await log.sql(
        "UPDATE audit_keys SET public = :public, kid = :kid WHERE purpose = 'sign'",
        public=public,
        kid=kid_of(public),
    )
    return OpenKey(kid=kid_of(public), private=private, public=public)


@pytest.mark.parametrize("pinned", [True, False])
async def test_a_replaced_public_key_is_found(log: Audited, pinned: bool) -> None:
    await replace_key(log)

    report = await log.verify(pinned=pinned)

    assert report.status == "broken"
    assert "signature" in kinds(report)


@pytest.mark.parametrize("pinned", [True, False])
async def test_a_log_rewritten_and_signed_with_another_key_is_found(log: Audited, pinned: bool) -> None:
    await log.sql("UPDATE events SET actor = 'somebody else' WHERE chain_position = 2")
    await log.chain_anew()
    own = await replace_key(log)
    async with log.container.begin() as uow:
        head, now = await uow.audit_log.head(), await uow.server.now()
        forged = Statement(kind="checkpoint", head=head, made_at=now, kid=own.kid)
        await uow.audit_statements.keep(signed(forged, own, Ed25519Signatures()))
        await uow.commit()

    assert (await log.verify(outside=False, pinned=False)).status == "consistent"
    assert (await log.verify(pinned=pinned)).status == "broken"


async def test_a_checkpoint_that_somebody_made_up_is_found(log: Audited) -> None:
    log.auditor.lines[1] = log.auditor.lines[1].replace('"size":9', '"size":10')

    assert "signature" in kinds(await log.verify())


async def test_two_histories_under_one_key_are_found(log: Audited) -> None:
    """A copy of the database went on by itself, for example."""
    async with log.container.begin() as uow:
        audit_key = await log.parts.keyring().get(uow, "sign")
        head, now = await uow.audit_log.head(), await uow.server.now()
    other = head.__class__(size=COVERED, link=head.link, frontier=(b"1" * 32, b"2" * 32))
    statement = signed(
        Statement(kind="checkpoint", head=other, made_at=now, kid=audit_key.kid),
        audit_key,
        Ed25519Signatures(),
    )
    log.auditor.lines.append(statement.line())

    assert "contradiction" in kinds(await log.verify())

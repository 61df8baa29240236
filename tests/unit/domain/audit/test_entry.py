"""What of an event is in its bytes: every member, each at its own place."""

from dataclasses import fields, replace
from datetime import UTC, datetime, timedelta, timezone

import pytest

from identity_service.domain.audit.entry import GENESIS, Entry, entry_bytes, framed

ENTRY = Entry(
    id="01997d5e-7c1a-7cc3-9d6f-0b5a3a0b8c77",
    name="user.changed",
    actor="cli",
    subject="alice",
    client=None,
    request_id="r",
    occurred_at=datetime(2026, 11, 28, 1, 2, 3, 456789, UTC),
    payload=b"{}",
    personal_digest=None,
)
OTHER = {
    "id": "01997d5e-7c1a-7cc3-9d6f-0b5a3a0b8c78",
    "name": "user.deleted",
    "actor": "cli2",
    "subject": None,
    "client": "",
    "request_id": None,
    "occurred_at": ENTRY.occurred_at + timedelta(microseconds=1),
    "payload": b"{ }",
    "personal_digest": b"",
}


def test_the_bytes_of_an_entry_stay_what_they_are() -> None:
    """Whoever changes them makes every log that there is unprovable."""
    link = GENESIS.followed_by(ENTRY).link.hex()

    assert link == "a9bb130a5f541e6a5294a54a521420fed8a80d2443443a6b654be80c367f1083"


@pytest.mark.parametrize("member", [field.name for field in fields(Entry)])
def test_another_value_of_any_member_is_another_entry(member: str) -> None:
    changed = replace(ENTRY, **{member: OTHER[member]})

    assert entry_bytes(changed) != entry_bytes(ENTRY)
    assert GENESIS.followed_by(changed).link != GENESIS.followed_by(ENTRY).link


def test_a_moment_is_the_same_in_every_zone() -> None:
    elsewhere = ENTRY.occurred_at.astimezone(timezone(timedelta(hours=5)))

    assert entry_bytes(replace(ENTRY, occurred_at=elsewhere)) == entry_bytes(ENTRY)


def test_text_does_not_move_between_members() -> None:
    assert entry_bytes(replace(ENTRY, name="a", actor="bc")) != entry_bytes(
        replace(ENTRY, name="ab", actor="c")
    )


def test_what_is_absent_is_not_empty() -> None:
    assert framed(None) != framed(b"")
    assert framed(b"", None) != framed(None, b"")


def test_an_entry_is_chained_to_what_was_before_it() -> None:
    first = GENESIS.followed_by(ENTRY)

    assert first.followed_by(ENTRY).link != first.link
    assert (first.size, first.followed_by(ENTRY).size) == (1, 2)
    assert replace(first, link=b"x" * 32).followed_by(ENTRY).link != first.followed_by(ENTRY).link

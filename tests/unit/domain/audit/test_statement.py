"""Lines that the server signs, and lines that somebody else wrote."""

import json
from dataclasses import replace
from datetime import UTC, datetime

import pytest

from identity_service.domain.audit.entry import Head
from identity_service.domain.audit.statement import NotAStatement, Statement, parse_statement

CHECKPOINT = Statement(
    kind="checkpoint",
    head=Head(size=5, link=b"l" * 32, frontier=(b"a" * 32, b"b" * 32)),
    made_at=datetime(2026, 11, 28, tzinfo=UTC),
    kid="key",
    signature=b"s" * 64,
)
REMOVAL = replace(CHECKPOINT, kind="removal", until=datetime(2025, 1, 1, tzinfo=UTC))


@pytest.mark.parametrize("statement", [CHECKPOINT, REMOVAL], ids=["checkpoint", "removal"])
def test_a_line_is_read_as_it_was_written(statement: Statement) -> None:
    assert parse_statement(statement.line()) == statement
    assert "\n" not in statement.line()


def test_what_a_syslog_server_puts_before_it_is_left_out() -> None:
    line = f"2026-11-28T00:00:00Z host identity-service 7 audit - {CHECKPOINT.line()}\n"

    assert parse_statement(line) == CHECKPOINT


CHANGES = [
    {"size": 7}, {"size": -1}, {"size": 5.0}, {"size": True}, {"size": 1 << 64}, {"size": None},
    {"root": "AA=="}, {"link": "AA=="}, {"link": None}, {"frontier": []}, {"frontier": ["AA=="] * 2}, {"frontier": 1},
    {"made_at": "2026-11-28"}, {"made_at": "yesterday"}, {"until": "x"}, {"signature": ""}, {"signature": "ü"},
    {"type": "identity-service audit other"}, {"type": "checkpoint"}, {"type": 7},
]  # fmt: skip


@pytest.mark.parametrize("change", CHANGES, ids=str)
def test_a_line_with_another_member_is_refused(change: dict[str, object]) -> None:
    with pytest.raises(NotAStatement):
        parse_statement(json.dumps(json.loads(CHECKPOINT.line()) | change))


@pytest.mark.parametrize(
    "line", ["", "{", "[]", "{}", "null", "{" * 9000, "x" * 9000, '{"a":' * 1500, "\0", "\ud800{"]
)
def test_whatever_is_no_statement_is_refused(line: str) -> None:
    with pytest.raises(NotAStatement):
        parse_statement(line)


@pytest.mark.parametrize(
    "change",
    [
        {"kind": "removal"},
        {"made_at": datetime(2026, 11, 29, tzinfo=UTC)},
        {"until": datetime(2026, 11, 28, tzinfo=UTC)},
        {"kid": "other"},
        {"head": replace(CHECKPOINT.head, size=6)},
        {"head": replace(CHECKPOINT.head, link=b"m" * 32)},
        {"head": replace(CHECKPOINT.head, frontier=(b"a" * 32, b"c" * 32))},
    ],
    ids=lambda change: ",".join(change),
)
def test_every_member_is_signed(change: dict[str, object]) -> None:
    assert replace(CHECKPOINT, **change).signed_bytes() != CHECKPOINT.signed_bytes()  # type: ignore[arg-type]  # of a table


def test_the_signature_is_not_signed() -> None:
    assert replace(CHECKPOINT, signature=b"").signed_bytes() == CHECKPOINT.signed_bytes()

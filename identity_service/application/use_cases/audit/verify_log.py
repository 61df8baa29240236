"""Whether the log is what it was when its checkpoints were made."""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from identity_service.application.use_cases.audit.keys import kid_of
from identity_service.application.use_cases.audit.read_statements import Believed, ReadStatements
from identity_service.domain.audit.entry import GENESIS, Head
from identity_service.domain.audit.verification import Finding, Walk, contradictions
from identity_service.ports.unit_of_work import Read

PAGE = 2000
"""Entries that are in memory at a time."""
ENDLESS = (1 << 63) - 1
"""Behind every position: what stands after the head of the log is no secret."""

Progress = Callable[[str, int, int], None]
"""Told what is done, how much of it, and of how much."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Verification:
    """`lines` are those of a file of checkpoints that the database cannot change, `public_key` the key that they were
    signed with, as it was handed over: without them the log is only held against what stands beside it."""

    lines: Iterable[str] | None = None
    public_key: bytes | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Report:
    """What was found out.

    Attributes:
        status: `proven`: the log is what it was when checkpoints from outside were made. `consistent`: nothing is wrong
            with it, as far as it can tell of itself. `broken`: see `findings`.
        entries: entries that the log has had.
        checked: those that are still there, and were looked at.
        covered: up to this entry a checkpoint vouches, the one of `covered_at`.
        uncovered: entries behind it.
        waiting: events that are not chained yet.
        removed: the entries up to this one were removed by retention at `removed_at`; all were from before
            `removed_until`.
        erased: entries whose personal data is not there any more.
        outside: usable checkpoints of the file.
        older: statements that tell of a part of the log that retention has removed since.
        unsaid: findings beyond those that are told.
    """

    status: Literal["proven", "consistent", "broken"]
    kid: str | None
    pinned: bool
    entries: int
    checked: int
    covered: int
    covered_at: datetime | None
    uncovered: int
    waiting: int
    removed: int
    removed_at: datetime | None
    removed_until: datetime | None
    erased: int
    outside: int
    older: int
    findings: tuple[Finding, ...]
    unsaid: int


class VerifyLog:
    """Holds every entry against the chain, and the chain against the checkpoints.

    The tail first: what came after the newest checkpoint, or is missing there, is known soon; then everything from the
    beginning, or from where retention has cut. A page of entries is in memory at a time.
    """

    def __init__(self, *, read: Read, read_statements: ReadStatements, page: int = PAGE) -> None:
        self._read = read
        self._read_statements = read_statements
        self._page = page

    async def __call__(self, order: Verification, tell: Progress = lambda title, done, of: None) -> Report:
        """Raises StorageUnavailable."""
        believed = await self._read_statements(order.lines, order.public_key)
        async with self._read() as uow:
            kept, waiting = await uow.audit_log.head(), (await uow.audit_log.lag()).waiting
        start = believed.removal.head if believed.removal else GENESIS
        newest = believed.newest.head if believed.newest else start
        tail = Walk(newest if newest.size >= start.size else start)
        await self._walk(tail, until=ENDLESS, of=kept.size, tell=tell, title="the newest entries")
        tail.ends_at(kept)
        marks = [mark for mark in believed.marks if mark.size >= start.size]
        body = Walk(start, marks)
        await self._walk(body, until=newest.size, of=newest.size, tell=tell, title="all entries")
        body.ends()
        return _report(order, believed, kept, waiting, tail, body, older=len(believed.marks) - len(marks))

    async def _walk(self, walk: Walk, *, until: int, of: int, tell: Progress, title: str) -> None:
        start = after = walk.head.size
        while after < until:
            async with self._read() as uow:
                page = await uow.audit_log.entries(after=after, until=until, limit=self._page)
            walk.take_all(page)
            if not page:
                break
            after = page[-1].position
            tell(title, after - start, max(of, after) - start)


def _report(
    order: Verification, believed: Believed, kept: Head, waiting: int, tail: Walk, body: Walk, *, older: int
) -> Report:
    found = list(
        _each_once((*believed.findings, *contradictions(believed.marks), *tail.findings, *body.findings))
    )
    proven = order.public_key is not None and believed.outside > 0
    covered = body.confirmed
    removal = believed.removal
    entries = max(kept.size, tail.head.size)
    return Report(
        status="broken" if found else "proven" if proven else "consistent",
        kid=None if believed.public_key is None else kid_of(believed.public_key),
        pinned=order.public_key is not None,
        entries=entries,
        checked=tail.walked + body.walked,
        covered=covered.size if covered else 0,
        covered_at=covered.made_at if covered else None,
        uncovered=entries - (covered.size if covered else 0),
        waiting=waiting,
        removed=removal.head.size if removal else 0,
        removed_at=removal.made_at if removal else None,
        removed_until=removal.until if removal else None,
        erased=tail.erased + body.erased,
        outside=believed.outside,
        older=older,
        findings=tuple(found),
        unsaid=tail.more + body.more,
    )


def _each_once(findings: Iterable[Finding]) -> Iterator[Finding]:
    yield from dict.fromkeys(findings)

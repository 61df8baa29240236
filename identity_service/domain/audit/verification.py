"""Whether stored entries are the ones that were chained, and the ones that checkpoints were made of."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Literal, NamedTuple

from identity_service.domain.audit.entry import Entry, Head, personal_digest
from identity_service.domain.audit.merkle import HASH_BYTES
from identity_service.domain.audit.statement import Statement

FindingKind = Literal[
    "altered", "missing", "rewritten", "cut_off", "personal_data", "head", "signature", "contradiction"
]
MOST_FINDINGS = 50
"""Told one by one; the rest is counted. Where everything was rewritten, each entry would be one."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Stored:
    """An entry where it is kept: its place, its link as it was stored, and the sealed personal data, if still there."""

    position: int
    link: bytes
    entry: Entry
    personal: bytes | None


class Mark(NamedTuple):
    """What a walk needs of a statement: small, for there may be very many."""

    size: int
    fingerprint: bytes
    made_at: datetime

    @classmethod
    def of(cls, statement: Statement) -> "Mark":
        """Of a statement whose signature is right."""
        return cls(statement.head.size, statement.head.fingerprint, statement.made_at)


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """Something that an honest log would not show; `position` is where, if it has a place."""

    kind: FindingKind
    text: str
    position: int | None = None


class Walk:
    """Goes along entries in their order, from a head that is believed, and compares with checkpoints on its way.

    After a first finding it goes on from what is stored, so that later changes are told too; heads are not compared any
    more, for they all hang on what was found.
    """

    def __init__(self, start: Head, checkpoints: Sequence[Mark] = ()) -> None:
        self.head = start
        self.findings: list[Finding] = []
        self.more = 0
        self.erased = 0
        self.walked = 0
        self.confirmed: Mark | None = None
        self._due = sorted(checkpoints, key=lambda each: each.size, reverse=True)
        self._trusted = True
        self._compare()

    def take(self, stored: Stored) -> None:
        """The entry that comes next."""
        self.walked += 1
        expected = self.head.size + 1
        if stored.position != expected:
            self._missing(expected, stored)
        else:
            self._chained(stored)
        self._personal(stored)
        self._compare()

    def take_all(self, entries: Iterable[Stored]) -> None:
        """Several, in their order."""
        for stored in entries:
            self.take(stored)

    def ends_at(self, kept: Head) -> None:
        """There is nothing more, and this is the head that the log keeps for itself."""
        if self.head.size != kept.size or self.head.link != kept.link:
            text = f"the log ends at entry {self.head.size}, and its own head says {kept.size}"
            if self.head.size == kept.size:
                text = f"the head of the log does not belong to its last entry, {kept.size}"
            self._found("head", text, kept.size)
        elif self._trusted and self.head.frontier != kept.frontier:
            self._found(
                "head", f"the head of the log, at {kept.size}, has another tree than the entries", kept.size
            )

    def ends(self) -> None:
        """There is nothing more: checkpoints that should have come were of entries that are gone."""
        if self._due:
            newest = self._due[0]
            self._found(
                "cut_off",
                f"entries {self.head.size + 1} to {newest.size} are gone from the end: the checkpoint of "
                f"{newest.made_at.isoformat()} covers them",
                self.head.size + 1,
            )

    def _chained(self, stored: Stored) -> None:
        found = self.head.followed_by(stored.entry)
        if found.link != stored.link:
            self._found(
                "altered",
                f"entry {stored.position} ({stored.entry.name}, {stored.entry.id}) is not what was chained there",
                stored.position,
            )
            self._trusted = False
        self.head = Head(size=found.size, link=stored.link, frontier=found.frontier)

    def _missing(self, expected: int, stored: Stored) -> None:
        text = f"entries {expected} to {stored.position - 1} are missing"
        if stored.position < expected:
            text = f"entry {stored.position} is there once more"
        self._found("missing", text, expected)
        self._trusted = False
        unknown = (bytes(HASH_BYTES),) * stored.position.bit_count()
        self.head = Head(size=stored.position, link=stored.link, frontier=unknown)

    def _personal(self, stored: Stored) -> None:
        committed = stored.entry.personal_digest
        if stored.personal is None:
            self.erased += committed is not None
        elif committed != personal_digest(stored.personal):
            text = f"the personal data of entry {stored.position} is not what was chained"
            self._found("personal_data", text, stored.position)

    def _compare(self) -> None:
        while self._due and self._due[-1].size <= self.head.size:
            checkpoint = self._due.pop()
            if checkpoint.size < self.head.size or not self._trusted:
                continue
            if checkpoint.fingerprint == self.head.fingerprint:
                self.confirmed = checkpoint
                continue
            self._rewritten(checkpoint)

    def _rewritten(self, checkpoint: Mark) -> None:
        since = self.confirmed.size if self.confirmed else 0
        self._found(
            "rewritten",
            f"the entries up to {checkpoint.size} fit each other, and are not those of the checkpoint of "
            f"{checkpoint.made_at.isoformat()}: something from {since + 1} on was changed, and chained anew",
            checkpoint.size,
        )
        self._trusted = False

    def _found(self, kind: FindingKind, text: str, position: int) -> None:
        if len(self.findings) < MOST_FINDINGS:
            self.findings.append(Finding(kind=kind, text=text, position=position))
        else:
            self.more += 1


def contradictions(marks: Iterable[Mark]) -> list[Finding]:
    """Signed heads of one size that differ: then the log has had two histories."""
    known: dict[int, Mark] = {}
    found = []
    for mark in marks:
        other = known.setdefault(mark.size, mark)
        if other.fingerprint != mark.fingerprint:
            text = (
                f"statements of {other.made_at.isoformat()} and {mark.made_at.isoformat()} tell of different "
                f"logs of {mark.size} entries"
            )
            found.append(Finding(kind="contradiction", text=text, position=mark.size))
    return found

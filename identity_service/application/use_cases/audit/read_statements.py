"""Which statements about the log are believed: those that the audit key has signed."""

from collections.abc import Iterable
from dataclasses import dataclass, field

from identity_service.domain.audit.statement import Kind, NotAStatement, Statement, parse_statement
from identity_service.domain.audit.verification import Finding, Mark
from identity_service.ports.audit import Signatures
from identity_service.ports.unit_of_work import Read

PAGE = 500
MOST_FINDINGS = 20
"""Wrong lines that are told one by one; the last of them says that there are more."""


@dataclass(slots=True, kw_only=True)
class Believed:
    """What is left of all statements: marks of every one, and whole only the newest of each kind."""

    public_key: bytes | None
    marks: list[Mark] = field(default_factory=list)
    newest: Statement | None = None
    removal: Statement | None = None
    outside: int = 0
    findings: list[Finding] = field(default_factory=list)

    def take(self, statement: Statement) -> None:
        """One whose signature is right."""
        self.marks.append(Mark.of(statement))
        if self.newest is None or statement.head.size > self.newest.head.size:
            self.newest = statement
        if statement.kind == "removal" and (
            self.removal is None or statement.head.size > self.removal.head.size
        ):
            self.removal = statement

    def refuse(self, text: str) -> None:
        """One that nobody should believe."""
        if len(self.findings) < MOST_FINDINGS:
            self.findings.append(Finding(kind="signature", text=text))
        elif len(self.findings) == MOST_FINDINGS:
            self.findings.append(Finding(kind="signature", text="there are more statements like that"))


class ReadStatements:
    """Reads those of the database, and those of a file from outside.

    A line that is no statement of ours is a finding, and so is one that another key has signed: who replaces the key
    in the database makes every checkpoint outside of it a witness.
    """

    def __init__(self, *, read: Read, signatures: Signatures) -> None:
        self._read = read
        self._signatures = signatures

    async def __call__(self, lines: Iterable[str] | None, public_key: bytes | None) -> Believed:
        """Raises StorageUnavailable."""
        async with self._read() as uow:
            known = await uow.audit_keys.get("sign")
        of_database = None if known is None else known.public
        believed = Believed(public_key=public_key or of_database)
        if public_key is not None and of_database not in (None, public_key):
            believed.refuse("the audit key in the database is not the public key that was given")
        if lines is not None:
            self._take_lines(believed, lines)
        for kind in ("removal", "checkpoint"):
            await self._take_kept(believed, kind)
        return believed

    def _take_lines(self, believed: Believed, lines: Iterable[str]) -> None:
        for number, line in enumerate(lines, 1):
            if line.strip():
                believed.outside += self._take(believed, line, f"line {number} of the checkpoints")
        if not believed.outside:
            believed.refuse("the file of checkpoints has none that can be used")

    async def _take_kept(self, believed: Believed, kind: Kind) -> None:
        after, page = -1, PAGE
        while page == PAGE:
            async with self._read() as uow:
                kept = await uow.audit_statements.lines(kind, after=after, limit=PAGE)
            for size, line in kept:
                self._take(believed, line, f"the {kind} of size {size} in the database")
            page = len(kept)
            after = kept[-1][0] if kept else after

    def _take(self, believed: Believed, line: str, where: str) -> bool:
        try:
            statement = parse_statement(line)
        except NotAStatement as error:
            believed.refuse(f"{where} is no statement of this server: {error}")
            return False
        key = believed.public_key
        if key is None or not self._signatures.verify(key, statement.signature, statement.signed_bytes()):
            believed.refuse(f"{where} was not signed by the audit key")
            return False
        believed.take(statement)
        return True

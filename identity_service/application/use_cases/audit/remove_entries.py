"""Retention removes the beginning of the log, and signs that it did."""

import logging
from datetime import timedelta

from identity_service.application.use_cases.audit.checkpoints import signed
from identity_service.application.use_cases.audit.keys import AuditKeyring, OpenKey
from identity_service.domain.audit.entry import GENESIS, Head
from identity_service.domain.audit.statement import NotAStatement, Statement, parse_statement
from identity_service.domain.audit.verification import Mark, Walk
from identity_service.domain.entities.audit_event import EntriesRemoved
from identity_service.ports.audit import Signatures
from identity_service.ports.unit_of_work import Begin, Read

log = logging.getLogger(__name__)

PAGE = 500
BY = "system"


class EntriesInDoubt(Exception):
    """The entries that are to be removed are not those that were signed, or what was signed is not there as it was."""


class RemoveEntries:
    """Gives the entries of the log free that are older than events are kept; the purge deletes them then.

    - Only up to a checkpoint, so that whoever has it sees the same head in the statement of the removal.
    - The entries are held against the chain and that checkpoint before. An owner of the database who makes entries look
      old has them not removed but reported: what is not as it was signed stays.
    - The statement has all that the rest of the log is verified from.
    """

    def __init__(self, *, begin: Begin, read: Read, keyring: AuditKeyring, signatures: Signatures) -> None:
        self._begin = begin
        self._read = read
        self._keyring = keyring
        self._signatures = signatures

    async def __call__(self, *, older_than: int) -> int:
        """Up to which position entries were given free now; 0 where there was nothing to do, or something is wrong with
        them, which the log tells. `older_than` is seconds. Raises StorageUnavailable, Unsealable."""
        try:
            return await self._remove(older_than)
        except EntriesInDoubt as doubt:
            log.error("no event was removed: %s; see `identity-service audit verify`", doubt)
            return 0

    async def _remove(self, older_than: int) -> int:
        async with self._read() as uow:
            before = await uow.audit_statements.newest("removal")
            size = 0 if before is None else before.size
            old = await uow.audit_log.old(after=size, older_than=older_than)
            checkpoint = await uow.audit_statements.newest("checkpoint", upto=old) if old > size else None
        if checkpoint is None or checkpoint.size <= size:
            return 0
        key = await self._key()
        start = GENESIS if before is None else self._believed(before.line, key).head
        return await self._sign(
            await self._walked(start, self._believed(checkpoint.line, key)), key, older_than
        )

    async def _key(self) -> OpenKey:
        async with self._begin() as uow:
            key = await self._keyring.get(uow, "sign")
            await uow.commit()
        return key

    def _believed(self, line: str, key: OpenKey) -> Statement:
        try:
            statement = parse_statement(line)
        except NotAStatement as error:
            raise EntriesInDoubt(f"a statement in the database is none: {error}") from None
        if not self._signatures.verify(key.public, statement.signature, statement.signed_bytes()):
            raise EntriesInDoubt(f"the audit key did not sign the {statement.kind} of {statement.head.size}")
        return statement

    async def _walked(self, start: Head, checkpoint: Statement) -> Head:
        """The head of the checkpoint, once every entry up to it was seen."""
        until = checkpoint.head.size
        walk = Walk(start, [Mark.of(checkpoint)])
        while walk.head.size < until:
            async with self._read() as uow:
                page = await uow.audit_log.entries(after=walk.head.size, until=until, limit=PAGE)
            if not page:
                break
            walk.take_all(page)
        walk.ends()
        if walk.findings:
            raise EntriesInDoubt(walk.findings[0].text)
        return walk.head

    async def _sign(self, head: Head, key: OpenKey, older_than: int) -> int:
        async with self._begin() as uow:
            now = await uow.server.now()
            unsigned = Statement(
                kind="removal", head=head, made_at=now, kid=key.kid, until=now - timedelta(seconds=older_than)
            )
            if not await uow.audit_statements.keep(signed(unsigned, key, self._signatures)):
                return 0
            await uow.audit_statements.forget(below=head.size)
            uow.events.add(EntriesRemoved(by=BY, position=head.size))
            await uow.commit()
        return head.size

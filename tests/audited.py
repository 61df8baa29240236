"""A log of events with checkpoints that left the database, and somebody who may write anything into the database."""

import asyncio
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from sqlalchemy import text

from identity_service.adapters.sql.schema.audit import audit_head
from identity_service.application.use_cases.audit.chain_events import ChainEvents
from identity_service.application.use_cases.audit.checkpoints import MakeCheckpoint
from identity_service.application.use_cases.audit.verify_log import Report, Verification, VerifyLog
from identity_service.domain.audit.entry import GENESIS
from identity_service.domain.entities.event import Event, SignInFailed, UserChanged
from identity_service.infrastructure.container import build
from tests.house import settings_for

ALICE = "0190a000-0000-7000-8000-00000000a11c"


@dataclass
class Auditor:
    """What an auditor holds: the public key, and the lines of the checkpoints."""

    public_key: bytes
    lines: list[str] = field(default_factory=list)


class Audited:
    """The log of a container without a server around it: nobody chains but the test."""

    def __init__(self, container: Any, auditor: Auditor) -> None:
        self.container = container
        self.auditor = auditor
        self.parts: Any = container.audit
        self.chain: ChainEvents = self.parts.chain_events()
        self.checkpointing: MakeCheckpoint = self.parts.make_checkpoint()

    async def record(self, *events: Event) -> None:
        """Each in a transaction of its own."""
        for event in events:
            async with self.container.begin() as uow:
                uow.events.add(event)
                await uow.commit()

    async def happen(self, number: int) -> None:
        """So many events, every other one with personal data, chained."""
        for at in range(number):
            if at % 2:
                await self.record(UserChanged(by="cli", user_id=ALICE, members=(f"member {at}",)))
            else:
                await self.record(failed(at))
        await self.chain_all()

    async def chain_all(self) -> None:
        """Whatever waits. Other tests share the server: their transactions, too, decide what is ripe."""
        async with asyncio.timeout(60):
            while await self.waiting():
                await self.chain()
                await asyncio.sleep(0.01)

    async def waiting(self) -> int:
        """How many events are not chained."""
        async with self.container.read() as uow:
            return int((await uow.audit_log.lag()).waiting)

    async def checkpoint(self) -> None:
        """Made, and brought to the auditor."""
        made = await self.checkpointing()
        assert made is not None
        self.auditor.lines.append(made.line())

    async def verify(self, *, outside: bool = True, pinned: bool = True) -> Report:
        verify: VerifyLog = self.parts.verify_log()
        return await verify(
            Verification(
                lines=self.auditor.lines if outside else None,
                public_key=self.auditor.public_key if pinned else None,
            )
        )

    async def sql(self, *statements: str, **parameters: Any) -> None:
        """As the owner of the database."""
        async with self.container.database().engine.begin() as connection:
            for statement in statements:
                await connection.execute(text(statement), parameters)

    async def chain_anew(self) -> None:
        """As the owner of the database who knows this code, and has no key: every link, and the head, from the rows as
        they are now."""
        async with self.container.database().engine.begin() as connection:
            places = (
                "UPDATE events SET chain_position = -chain_position WHERE chain_position IS NOT NULL",
                "DELETE FROM audit_statements",
            )
            for statement in places:
                await connection.execute(text(statement))
        async with self.container.begin() as uow:
            head, placed = GENESIS, []
            stored = await uow.audit_log.entries(after=-(1 << 62), until=-1, limit=10_000)
            for each in reversed(stored):
                head = head.followed_by(each.entry)
                placed.append((each.entry.id, head))
            for id_, at in placed:
                await uow.events._session.execute(
                    text("UPDATE events SET chain_position = :p, chain_hash = :h WHERE id = :id"),
                    {"p": at.size, "h": at.link, "id": self.id_of(id_)},
                )
            values = {"size": head.size, "link": head.link, "frontier": b"".join(head.frontier)}
            await uow.events._session.execute(audit_head.update().values(**values))
            await uow.commit()

    def id_of(self, event_id: str) -> str:
        """As this database writes it in text."""
        return event_id.replace("-", "") if self.container.database().options.embedded else event_id


@asynccontextmanager
async def audited_at(url: str, folder: Path) -> AsyncIterator[Audited]:
    """Over a database that is migrated and empty."""
    container = build(settings_for(folder, database_url=url))
    try:
        await container.signing_keys.load_data_keys()()
        key = await container.services().audit.show_audit_key()
        yield Audited(container, Auditor(key.public))
    finally:
        await container.hashing_pool().close()
        await container.database().close()


def failed(at: int, **members: Any) -> SignInFailed:
    """A wrong password, with personal data."""
    event = SignInFailed(
        by="app",
        reason="wrong_password",
        client_id="app",
        user_id=ALICE,
        username="alice",
        address=f"192.0.2.{at % 256}",
    )
    return replace(event, **members)


def kinds(report: Report) -> Sequence[str]:
    """What was found, each kind once."""
    return sorted({finding.kind for finding in report.findings})

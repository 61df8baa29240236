"""The keys of the audit log, and the salts of those whom events are about."""

from collections.abc import Collection, Mapping
from typing import cast

from sqlalchemy import select

from identity_service.adapters.sql.dialect import database_now
from identity_service.adapters.sql.schema.audit import audit_keys, subject_salts
from identity_service.adapters.sql.session import Session
from identity_service.adapters.sql.upsert import insert_unless_there
from identity_service.ports.repositories.audit_keys import AuditKey, AuditKeyUse


class SqlAuditKeys:
    """`ports.AuditKeys`. One of each use is the primary key of the table."""

    def __init__(self, session: Session) -> None:
        self._session = session

    async def get(self, use: AuditKeyUse) -> AuditKey | None:
        row = await self._session.first(select(audit_keys).where(audit_keys.c.purpose == use))
        if row is None:
            return None
        return AuditKey(use=cast(AuditKeyUse, row.purpose), kid=row.kid, public=row.public, sealed=row.sealed)

    async def add(self, key: AuditKey) -> bool:
        row = {
            "purpose": key.use,
            "kid": key.kid,
            "public": key.public,
            "sealed": key.sealed,
            "created_at": database_now(),
        }
        return bool((await self._session.execute(insert_unless_there(audit_keys, row))).rowcount)


class SqlSubjectSalts:
    """`ports.SubjectSalts`."""

    def __init__(self, session: Session) -> None:
        self._session = session

    async def get(self, subjects: Collection[str]) -> Mapping[str, bytes]:
        found = select(subject_salts).where(subject_salts.c.subject.in_(sorted(subjects)))
        return {row.subject: bytes(row.salt) for row in await self._session.execute(found)}

    async def add(self, salts: Mapping[str, bytes]) -> None:
        for subject, salt in salts.items():
            row = {"subject": subject, "salt": salt}
            await self._session.execute(insert_unless_there(subject_salts, row))

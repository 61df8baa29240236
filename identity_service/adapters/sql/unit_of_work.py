"""The unit of work on SQL: one transaction, its events, and what they end."""

from collections.abc import Callable, Sequence
from contextlib import AsyncExitStack
from functools import cached_property
from types import TracebackType
from typing import Self

from identity_service.adapters.sql.audiences import SqlAudiences
from identity_service.adapters.sql.audit_keys import SqlAuditKeys, SqlSubjectSalts
from identity_service.adapters.sql.audit_log import SqlAuditLog
from identity_service.adapters.sql.audit_statements import SqlAuditStatements
from identity_service.adapters.sql.clients import SqlClients
from identity_service.adapters.sql.codes import SqlAuthorizationCodes
from identity_service.adapters.sql.consents import SqlConsents
from identity_service.adapters.sql.data_keys import SqlDataKeys, SqlSealedRecords, sealed_records
from identity_service.adapters.sql.database import Database
from identity_service.adapters.sql.endings import SqlEndings
from identity_service.adapters.sql.event_search import SqlEventSearch
from identity_service.adapters.sql.events import SqlEvents
from identity_service.adapters.sql.expired import SqlExpiredRows
from identity_service.adapters.sql.failures import translated
from identity_service.adapters.sql.families import SqlFamilies
from identity_service.adapters.sql.family_desk import SqlFamilyDesk
from identity_service.adapters.sql.interactions import SqlInteractions
from identity_service.adapters.sql.keys import SqlSigningKeys
from identity_service.adapters.sql.logos import SqlLogos
from identity_service.adapters.sql.outbox import SqlOutbox
from identity_service.adapters.sql.outbox_desk import SqlOutboxDesk
from identity_service.adapters.sql.password_stock import SqlPasswordStock
from identity_service.adapters.sql.refresh_tokens import SqlRefreshTokens
from identity_service.adapters.sql.registrations import SqlInitialAccessTokens, SqlRegistrationAccessTokens
from identity_service.adapters.sql.revoked_tokens import SqlRevokedTokens
from identity_service.adapters.sql.server import SqlServerState
from identity_service.adapters.sql.session import Session
from identity_service.adapters.sql.session_clients import SqlSessionClients
from identity_service.adapters.sql.sessions import SqlSessions
from identity_service.adapters.sql.spent_jtis import SqlSpentJtis
from identity_service.adapters.sql.users import SqlUsers

OnEndings = Callable[[Sequence[str]], None]


class SqlUnitOfWork:
    """`ports.UnitOfWork` on one connection. `on_endings` is told this transaction's tags before `commit` returns."""

    def __init__(self, database: Database, *, writing: bool, on_endings: OnEndings) -> None:
        self._database = database
        self._writing = writing
        self._on_endings = on_endings
        self._stack = AsyncExitStack()

    async def __aenter__(self) -> Self:
        try:
            self._session: Session = await self._database.open(self._stack, writing=self._writing)
        except BaseException:
            await self._stack.aclose()
            raise
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        with translated():
            await self._stack.aclose()

    async def commit(self) -> None:
        """Writes events and endings with the rest. Endings are applied here even if the commit's answer was lost or
        nobody waits for it any more: forgetting too much is harmless."""
        if not self._writing:
            raise RuntimeError("a read has nothing to commit")
        await self.events.write()
        try:
            await self._session.commit()
        finally:
            self._on_endings(self.events.endings)

    async def rehearse(self) -> None:
        """Writes the events; whoever leaves now rolls them back."""
        await self.events.write()

    @cached_property
    def users(self) -> SqlUsers:
        return SqlUsers(self._session)

    @cached_property
    def password_stock(self) -> SqlPasswordStock:
        return SqlPasswordStock(self._session)

    @cached_property
    def clients(self) -> SqlClients:
        return SqlClients(self._session)

    @cached_property
    def initial_access_tokens(self) -> SqlInitialAccessTokens:
        return SqlInitialAccessTokens(self._session)

    @cached_property
    def registration_access_tokens(self) -> SqlRegistrationAccessTokens:
        return SqlRegistrationAccessTokens(self._session)

    @cached_property
    def logos(self) -> SqlLogos:
        return SqlLogos(self._session)

    @cached_property
    def audiences(self) -> SqlAudiences:
        return SqlAudiences(self._session)

    @cached_property
    def families(self) -> SqlFamilies:
        return SqlFamilies(self._session)

    @cached_property
    def family_desk(self) -> SqlFamilyDesk:
        return SqlFamilyDesk(self._session)

    @cached_property
    def refresh_tokens(self) -> SqlRefreshTokens:
        return SqlRefreshTokens(self._session)

    @cached_property
    def revoked_tokens(self) -> SqlRevokedTokens:
        return SqlRevokedTokens(self._session)

    @cached_property
    def spent_jtis(self) -> SqlSpentJtis:
        return SqlSpentJtis(self._session)

    @cached_property
    def codes(self) -> SqlAuthorizationCodes:
        return SqlAuthorizationCodes(self._session)

    @cached_property
    def consents(self) -> SqlConsents:
        return SqlConsents(self._session)

    @cached_property
    def interactions(self) -> SqlInteractions:
        return SqlInteractions(self._session)

    @cached_property
    def sessions(self) -> SqlSessions:
        return SqlSessions(self._session)

    @cached_property
    def session_clients(self) -> SqlSessionClients:
        return SqlSessionClients(self._session)

    @cached_property
    def keys(self) -> SqlSigningKeys:
        return SqlSigningKeys(self._session)

    @cached_property
    def data_keys(self) -> SqlDataKeys:
        return SqlDataKeys(self._session)

    @cached_property
    def sealed_records(self) -> tuple[SqlSealedRecords, ...]:
        return sealed_records(self._session)

    @cached_property
    def server(self) -> SqlServerState:
        return SqlServerState(self._session)

    @cached_property
    def events(self) -> SqlEvents:
        return SqlEvents(self._session)

    @cached_property
    def event_search(self) -> SqlEventSearch:
        return SqlEventSearch(self._session)

    @cached_property
    def audit_log(self) -> SqlAuditLog:
        return SqlAuditLog(self._session)

    @cached_property
    def audit_statements(self) -> SqlAuditStatements:
        return SqlAuditStatements(self._session)

    @cached_property
    def audit_keys(self) -> SqlAuditKeys:
        return SqlAuditKeys(self._session)

    @cached_property
    def subject_salts(self) -> SqlSubjectSalts:
        return SqlSubjectSalts(self._session)

    @cached_property
    def endings(self) -> SqlEndings:
        return SqlEndings(self._session)

    @cached_property
    def outbox(self) -> SqlOutbox:
        return SqlOutbox(self._session)

    @cached_property
    def outbox_desk(self) -> SqlOutboxDesk:
        return SqlOutboxDesk(self._session)

    @cached_property
    def expired(self) -> SqlExpiredRows:
        return SqlExpiredRows(self._session)

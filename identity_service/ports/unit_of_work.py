"""One transaction over all repositories."""

from collections.abc import Callable, Sequence
from types import TracebackType
from typing import Protocol, Self

from identity_service.ports.repositories.audiences import Audiences
from identity_service.ports.repositories.audit_keys import AuditKeys, SubjectSalts
from identity_service.ports.repositories.audit_log import AuditLog
from identity_service.ports.repositories.audit_statements import AuditStatements
from identity_service.ports.repositories.clients import Clients
from identity_service.ports.repositories.codes import AuthorizationCodes
from identity_service.ports.repositories.consents import Consents
from identity_service.ports.repositories.data_keys import DataKeys, SealedRecords
from identity_service.ports.repositories.endings import Endings
from identity_service.ports.repositories.event_search import EventSearch
from identity_service.ports.repositories.events import Events
from identity_service.ports.repositories.expired import ExpiredRows
from identity_service.ports.repositories.keys import SigningKeys
from identity_service.ports.repositories.logos import Logos
from identity_service.ports.repositories.outbox import Outbox, OutboxDesk
from identity_service.ports.repositories.password_stock import PasswordStock
from identity_service.ports.repositories.registrations import InitialAccessTokens, RegistrationAccessTokens
from identity_service.ports.repositories.server import ServerState
from identity_service.ports.repositories.session_clients import SessionClients
from identity_service.ports.repositories.sessions import Interactions, Sessions
from identity_service.ports.repositories.spent_jtis import SpentJtis
from identity_service.ports.repositories.tokens import Families, FamilyDesk, RefreshTokens, RevokedTokens
from identity_service.ports.repositories.users import Users


class StorageUnavailable(Exception):
    """The database cannot be reached, is full, or may not be written. Nothing was committed.

    One exception leaves room for doubt: `in_doubt` is true when the connection broke while a commit was under way.
    """

    def __init__(self, reason: str, *, in_doubt: bool = False) -> None:
        super().__init__(reason)
        self.in_doubt = in_doubt


class Conflict(Exception):
    """A uniqueness rule of the database refused the change; `member` names what is taken."""

    def __init__(self, member: str) -> None:
        super().__init__(f"{member} is taken")
        self.member = member


class UnitOfWork(Protocol):
    """A transaction: `async with begin() as uow: …; await uow.commit()`. Leaving without a commit rolls back.

    `commit()` writes the events and what they end in the same transaction, and hands the endings to this
    process before it returns. Every method may raise StorageUnavailable.
    """

    @property
    def users(self) -> Users: ...
    @property
    def password_stock(self) -> PasswordStock: ...
    @property
    def clients(self) -> Clients: ...
    @property
    def initial_access_tokens(self) -> InitialAccessTokens: ...
    @property
    def registration_access_tokens(self) -> RegistrationAccessTokens: ...
    @property
    def logos(self) -> Logos: ...
    @property
    def audiences(self) -> Audiences: ...
    @property
    def families(self) -> Families: ...
    @property
    def family_desk(self) -> FamilyDesk: ...
    @property
    def refresh_tokens(self) -> RefreshTokens: ...
    @property
    def revoked_tokens(self) -> RevokedTokens: ...
    @property
    def spent_jtis(self) -> SpentJtis: ...
    @property
    def codes(self) -> AuthorizationCodes: ...
    @property
    def consents(self) -> Consents: ...
    @property
    def interactions(self) -> Interactions: ...
    @property
    def sessions(self) -> Sessions: ...
    @property
    def session_clients(self) -> SessionClients: ...
    @property
    def keys(self) -> SigningKeys: ...
    @property
    def data_keys(self) -> DataKeys: ...
    @property
    def sealed_records(self) -> Sequence[SealedRecords]: ...
    @property
    def server(self) -> ServerState: ...
    @property
    def events(self) -> Events: ...
    @property
    def event_search(self) -> EventSearch: ...
    @property
    def audit_log(self) -> AuditLog: ...
    @property
    def audit_statements(self) -> AuditStatements: ...
    @property
    def audit_keys(self) -> AuditKeys: ...
    @property
    def subject_salts(self) -> SubjectSalts: ...
    @property
    def endings(self) -> Endings: ...
    @property
    def outbox(self) -> Outbox: ...
    @property
    def outbox_desk(self) -> OutboxDesk: ...
    @property
    def expired(self) -> ExpiredRows: ...

    async def commit(self) -> None: ...
    async def rehearse(self) -> None:
        """Does the work of `commit` but for its end, so that leaving undoes it: where the time that it takes would tell
        whether something is recorded."""

    async def __aenter__(self) -> Self: ...
    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None: ...


Begin = Callable[[], UnitOfWork]
"""Opens a unit of work that may write."""

Read = Callable[[], UnitOfWork]
"""Opens a short read on the primary; committing it is an error."""

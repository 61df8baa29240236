"""What ends with a session: its tokens, and the codes that would still become some; and who is told."""

from collections.abc import Iterable

from identity_service.application.use_cases.sessions.logout_messages import logout_messages
from identity_service.domain.entities.authorization_code import AuthorizationCode
from identity_service.domain.entities.session import Session
from identity_service.domain.entities.session_client import SessionClient
from identity_service.domain.entities.sign_in_event import SessionEnded
from identity_service.domain.value_objects.ids import FamilyId, UserId
from identity_service.ports.unit_of_work import UnitOfWork


async def end_session(
    uow: UnitOfWork, session: Session, *, by: str, reason: str
) -> list[SessionClient] | None:
    """Within the caller's transaction. What was to outlive the session (`offline_access`) goes on.

    Every client that got an ID token in it, and wants to be told in the back channel, is. Answers all of them; None for
    whoever comes second.
    """
    if not await uow.sessions.end(session.id):
        return None
    families = await uow.families.end_of_session(session.id, reason=reason)
    families += await forbid(uow, await uow.codes.end_of_session(session.id), reason=reason)
    uow.events.add(
        SessionEnded(
            by=by,
            session_id=session.id,
            user_id=session.user_id,
            reason=reason,
            families=tuple(families),
            address=session.address,
            user_agent=session.user_agent,
        )
    )
    clients = await uow.session_clients.of_session(session.id)
    await uow.outbox.add(logout_messages(clients))
    return clients


async def end_all_sessions(uow: UnitOfWork, user_id: UserId, *, by: str, reason: str) -> list[SessionClient]:
    """Within the caller's transaction, before it raises the person's epoch: under the new one none of them lives.

    Answers the clients of all of them.
    """
    clients: list[SessionClient] = []
    for session in await uow.sessions.of_user(user_id, idle_seconds=None):
        clients += await end_session(uow, session, by=by, reason=reason) or ()
    return clients


async def forbid(uow: UnitOfWork, codes: Iterable[AuthorizationCode], *, reason: str) -> list[FamilyId]:
    """Sees to it that nothing comes of these codes, not even of one whose tokens are being made right now."""
    return [code.family_id for code in codes if await uow.families.forbid(code.family(), reason=reason)]

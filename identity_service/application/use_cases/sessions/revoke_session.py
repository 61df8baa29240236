"""A session is ended from outside its browser."""

from dataclasses import dataclass

from identity_service.application.use_cases.sessions.end_session import end_session
from identity_service.application.use_cases.users.found_user import whose_to_end
from identity_service.domain.entities.session import Session
from identity_service.domain.refusals import NotFound
from identity_service.domain.services.access_policy import Actor, check_may_end_any
from identity_service.domain.value_objects.ids import SessionId, is_uuid
from identity_service.ports.unit_of_work import Begin, UnitOfWork

REVOKED = "revoked"


@dataclass(frozen=True, slots=True, kw_only=True)
class SessionRevocation:
    """Which session, and whose it has to be; `user_id` None: anybody's, for administrators."""

    by: Actor
    session_id: str
    user_id: str | None = None


class RevokeSession:
    """Ends the session and the tokens that it gave, but for those meant to outlive it.

    - People end their own. Whoever writes users ends those of anybody but administrators.
    - A session that is over, and one of somebody else, are the same: not there.
    """

    def __init__(self, *, begin: Begin) -> None:
        self._begin = begin

    async def __call__(self, order: SessionRevocation) -> None:
        """Raises NotFound, InsufficientScope."""
        async with self._begin() as uow:
            session = await self._session(uow, order)
            if await end_session(uow, session, by=order.by.id, reason=REVOKED) is None:
                raise NotFound
            await uow.commit()

    async def _session(self, uow: UnitOfWork, order: SessionRevocation) -> Session:
        owner = None
        if order.user_id is None:
            check_may_end_any(order.by)
        else:
            owner = (await whose_to_end(uow, order.user_id, by=order.by)).id
        wanted = order.session_id
        session = await uow.sessions.living(SessionId(wanted)) if is_uuid(wanted) else None
        if session is None or owner not in (None, session.user_id):
            raise NotFound
        return session

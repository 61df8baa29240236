"""A person signs out everywhere."""

from dataclasses import dataclass

from identity_service.application.use_cases.sessions.end_session import end_session
from identity_service.application.use_cases.sessions.revoke_session import REVOKED
from identity_service.application.use_cases.users.found_user import whose_to_end
from identity_service.domain.services.access_policy import Actor
from identity_service.ports.unit_of_work import Begin


@dataclass(frozen=True, slots=True, kw_only=True)
class EndingOfAll:
    """Whose sessions."""

    by: Actor
    user_id: str


class EndAllSessions:
    """Ends every session of a person in one transaction, those that were idle for long included, and the tokens that
    they gave, but for those meant to outlive them.

    - People end their own. Whoever writes users ends those of anybody but administrators.
    - Where none is left, nothing happens.
    """

    def __init__(self, *, begin: Begin) -> None:
        self._begin = begin

    async def __call__(self, order: EndingOfAll) -> int:
        """How many have ended. Raises NotFound, InsufficientScope."""
        async with self._begin() as uow:
            user = await whose_to_end(uow, order.user_id, by=order.by)
            sessions = await uow.sessions.of_user(user.id, idle_seconds=None)
            ended = [await end_session(uow, each, by=order.by.id, reason=REVOKED) for each in sessions]
            await uow.commit()
        return sum(ended)

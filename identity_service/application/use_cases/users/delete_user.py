"""An account is given up."""

from identity_service.application.use_cases.sessions.end_session import end_all_sessions
from identity_service.application.use_cases.users.locked_user import Versions, changeable_user
from identity_service.domain.entities.event import UserDeleted
from identity_service.domain.services.access_policy import Actor
from identity_service.ports.unit_of_work import Begin

DELETED = "user_deleted"


class DeleteUser:
    """Ends everything the account has given out and makes it invisible; its row is purged later.

    Until then nobody else gets its username, and nobody ever gets its id.
    """

    def __init__(self, *, begin: Begin) -> None:
        self._begin = begin

    async def __call__(self, user_id: str, *, by: Actor, versions: Versions | None = None) -> None:
        """Raises NotFound, ChangedMeanwhile, InsufficientScope."""
        async with self._begin() as uow:
            user = await changeable_user(uow, user_id, by=by, versions=versions)
            await end_all_sessions(uow, user.id, by=by.id, reason=DELETED)
            await uow.users.delete(user.id)
            uow.events.add(UserDeleted(by=by.id, user_id=user.id))
            await uow.commit()

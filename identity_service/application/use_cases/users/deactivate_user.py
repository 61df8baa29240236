"""An account is switched off."""

from identity_service.application.dto.user_view import UserView
from identity_service.application.use_cases.sessions.end_session import end_all_sessions
from identity_service.application.use_cases.users.locked_user import Versions, changeable_user
from identity_service.domain.entities.event import UserDeactivated
from identity_service.domain.services.access_policy import Actor
from identity_service.ports.unit_of_work import Begin

DEACTIVATED = "user_deactivated"


class DeactivateUser:
    """Ends everything the account has given out, and lets nobody sign in to it.

    What it gave out stays dead after reactivation, for the epoch has been raised.
    """

    def __init__(self, *, begin: Begin) -> None:
        self._begin = begin

    async def __call__(self, user_id: str, *, by: Actor, versions: Versions | None = None) -> UserView:
        """Raises NotFound, ChangedMeanwhile, InsufficientScope."""
        async with self._begin() as uow:
            user = await changeable_user(uow, user_id, by=by, versions=versions)
            changed = None
            if user.active:
                await end_all_sessions(uow, user.id, by=by.id, reason=DEACTIVATED)
                changed = await uow.users.change(user.id, {"active": False}, version=None, raise_epoch=True)
            uow.events.add(UserDeactivated(by=by.id, user_id=user.id), new=changed is not None)
            await uow.commit()
        return UserView.of(changed or user)

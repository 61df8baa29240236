"""An account is switched on again."""

from identity_service.application.dto.user_view import UserView
from identity_service.application.use_cases.users.locked_user import Versions, changeable_user
from identity_service.domain.entities.event import UserActivated
from identity_service.domain.services.access_policy import Actor
from identity_service.ports.unit_of_work import Begin


class ActivateUser:
    """Lets the person sign in again. Nothing from before comes back to life."""

    def __init__(self, *, begin: Begin) -> None:
        self._begin = begin

    async def __call__(self, user_id: str, *, by: Actor, versions: Versions | None = None) -> UserView:
        """Raises NotFound, ChangedMeanwhile, InsufficientScope."""
        async with self._begin() as uow:
            user = await changeable_user(uow, user_id, by=by, versions=versions)
            changed = None
            if not user.active:
                changed = await uow.users.change(user.id, {"active": True}, version=None)
            uow.events.add(UserActivated(by=by.id, user_id=user.id), new=changed is not None)
            await uow.commit()
        return UserView.of(changed or user)

"""An administrator changes an account."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from identity_service.application.dto.user_view import UserView
from identity_service.application.use_cases.mail.letters import email_changed
from identity_service.application.use_cases.users.locked_user import Versions, changeable_user
from identity_service.application.use_cases.users.members import accepted, changes, check_changes, told
from identity_service.domain.entities.event import UserChanged
from identity_service.domain.services.access_policy import Actor, check_may_set_admin
from identity_service.domain.value_objects.profile import PROFILE_MEMBERS
from identity_service.ports.names import AccountNames
from identity_service.ports.unit_of_work import Begin

MEMBERS = ("username", "email", "email_verified", "name", "admin", *PROFILE_MEMBERS)


@dataclass(frozen=True, slots=True, kw_only=True)
class UserUpdate:
    """Members to set, of those in MEMBERS; the others stay as they are. None takes away what need not be there."""

    by: Actor
    user_id: str
    members: Mapping[str, Any]
    versions: Versions | None = None


class UpdateUser:
    """Changes an account.

    - A changed e-mail address or phone number counts as unverified, unless the order says otherwise.
    - Making or unmaking an administrator takes an administrator, and ends everything the account gave out before.
    """

    def __init__(self, *, begin: Begin, names: AccountNames) -> None:
        self._begin = begin
        self._names = names

    async def __call__(self, order: UserUpdate) -> UserView:
        """Raises Unacceptable, NotFound, ChangedMeanwhile, Conflict(`username` | `email`), InsufficientScope."""
        wanted = accepted(order.members, names=self._names)
        async with self._begin() as uow:
            user = await changeable_user(uow, order.user_id, by=order.by, versions=order.versions)
            changed = changes(user, wanted)
            if "admin" in changed:
                check_may_set_admin(order.by)
            await check_changes(uow.users, user, changed, by_administrator=True)
            stored = None
            if changed:
                stored = await uow.users.change(
                    user.id, changed, version=None, raise_epoch="admin" in changed
                )
                await uow.outbox.add(email_changed(user, changed))
            event = UserChanged(by=order.by.id, user_id=user.id, members=told(user, changed))
            uow.events.add(event, new=stored is not None)
            await uow.commit()
        return UserView.of(stored or user)

"""An administrator gives an account a new password."""

from dataclasses import dataclass

from identity_service.application.dto.user_view import UserView
from identity_service.application.use_cases.mail.letters import password_changed
from identity_service.application.use_cases.sessions.end_session import end_all_sessions
from identity_service.application.use_cases.users.accept_password import AcceptPassword, words_about_user
from identity_service.application.use_cases.users.locked_user import (
    Versions,
    changeable_for_now,
    changeable_user,
)
from identity_service.domain.entities.event import PasswordChanged
from identity_service.domain.entities.user import User
from identity_service.domain.services.access_policy import Actor
from identity_service.domain.value_objects.secret import Secret
from identity_service.ports.security import PasswordHasher
from identity_service.ports.unit_of_work import Begin, Read

NEW_PASSWORD = "new_password"


@dataclass(frozen=True, slots=True, kw_only=True)
class NewPassword:
    """Whose password becomes which. `address` is the caller's."""

    by: Actor
    user_id: str
    password: Secret
    address: str | None = None
    versions: Versions | None = None


class SetPassword:
    """Replaces the password and ends everything that the account gave out before."""

    def __init__(self, *, begin: Begin, read: Read, accept: AcceptPassword, hasher: PasswordHasher) -> None:
        self._begin = begin
        self._read = read
        self._accept = accept
        self._hasher = hasher

    async def __call__(self, order: NewPassword) -> UserView:
        """Raises NotFound, ChangedMeanwhile, Unacceptable, InsufficientScope, HashingBusy."""
        about = words_about_user(await self._target(order))
        password = await self._accept(order.password, about=about, address=order.address)
        hashed = await self._hasher.hash(password, address=order.address)
        async with self._begin() as uow:
            user = await changeable_user(uow, order.user_id, by=order.by, versions=order.versions)
            await end_all_sessions(uow, user.id, by=order.by.id, reason=NEW_PASSWORD)
            changed = await uow.users.change(
                user.id, {"password_hash": hashed}, version=None, raise_epoch=True
            )
            uow.events.add(PasswordChanged(by=order.by.id, user_id=user.id))
            await uow.outbox.add(password_changed(user))
            await uow.commit()
        return UserView.of(changed or user)

    async def _target(self, order: NewPassword) -> User:
        """Before the costly hash; what happens meanwhile is seen when the row is locked."""
        async with self._read() as uow:
            return await changeable_for_now(uow, order.user_id, by=order.by, versions=order.versions)

"""A person gets an account."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from identity_service.application.dto.user_view import UserView
from identity_service.application.use_cases.users.accept_password import AcceptPassword, words_about
from identity_service.application.use_cases.users.members import (
    accepted,
    check_names,
    check_namesakes,
    with_profile,
)
from identity_service.domain.entities.event import UserCreated
from identity_service.domain.entities.user import User
from identity_service.domain.refusals import Faults, Unacceptable
from identity_service.domain.services.access_policy import Actor, check_may_set_admin
from identity_service.domain.value_objects.ids import UserId
from identity_service.domain.value_objects.profile import Profile
from identity_service.domain.value_objects.secret import Secret
from identity_service.domain.value_objects.unset import UNSET_TIME
from identity_service.ports.names import AccountNames
from identity_service.ports.security import PasswordHasher
from identity_service.ports.unit_of_work import Begin


@dataclass(frozen=True, slots=True, kw_only=True)
class NewUser:
    """What the account is to be. Without a password nobody can sign in to it yet. `address` is the caller's; where the
    person lives stands in `profile`, whose members are those of the value of that name.

    `password_hash` is one that another server made of a password that we never see; one of the two at most.
    """

    by: Actor
    username: str
    email: str | None = None
    email_verified: bool = False
    name: str | None = None
    profile: Mapping[str, Any] = field(default_factory=dict)
    password: Secret | None = None
    password_hash: Secret | None = None
    admin: bool = False
    address: str | None = None


class CreateUser:
    """Makes an account.

    - The username is one that nobody has or had until it was purged; a verified e-mail address is one account's only.
    - The password is one that the policy takes, and kept as a slow hash.
    - A hash brought along has to be of a form that a password can be checked against.
    - Only an administrator makes administrators.
    """

    def __init__(
        self,
        *,
        begin: Begin,
        names: AccountNames,
        accept: AcceptPassword,
        hasher: PasswordHasher,
        new_id: Callable[[], str],
    ) -> None:
        self._begin = begin
        self._names = names
        self._accept = accept
        self._hasher = hasher
        self._new_id = new_id

    async def __call__(self, order: NewUser) -> UserView:
        """Raises Unacceptable, Conflict(`username` | `email`), InsufficientScope, HashingBusy."""
        if order.admin:
            check_may_set_admin(order.by)
        user = await self._account(order)
        async with self._begin() as uow:
            await check_namesakes(uow.users, user.id, user.username, user.email, verified=user.email_verified)
            stored = await uow.users.add(user)
            uow.events.add(
                UserCreated(
                    by=order.by.id,
                    user_id=stored.id,
                    username=stored.username.entered,
                    email=None if stored.email is None else stored.email.address,
                )
            )
            await uow.commit()
        return UserView.of(stored)

    async def _account(self, order: NewUser) -> User:
        faults = Faults()
        with faults.gathered():
            given = {"username": order.username, "email": order.email, "name": order.name}
            members = with_profile(accepted(given | dict(order.profile), names=self._names), Profile())
        with faults.gathered():
            if order.password is not None:
                self._accept.formed(order.password)
        faults.check()
        verified = order.email_verified
        check_names(members["username"], members["email"], own=True, verified=verified, chosen=True)
        return User(
            id=UserId(self._new_id()),
            **members,
            email_verified=order.email_verified,
            password_hash=await self._stored(order, members),
            admin=order.admin,
            active=True,
            epoch=1,
            version=1,
            created_at=UNSET_TIME,
            updated_at=UNSET_TIME,
        )

    async def _stored(self, order: NewUser, members: Mapping[str, Any]) -> str | None:
        if order.password is not None:
            about = words_about(members["username"], members["email"], members["name"], members["profile"])
            password = await self._accept(order.password, about=about, address=order.address)
            return await self._hasher.hash(password, address=order.address)
        if order.password_hash is None:
            return None
        brought = order.password_hash.reveal()
        if not await self._hasher.can_read(brought, address=order.address):
            raise Unacceptable.of("password_hash", "must be a bcrypt, Argon2id or Django PBKDF2 hash")
        return brought

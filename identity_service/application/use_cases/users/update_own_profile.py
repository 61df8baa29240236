"""People change their own account."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from identity_service.application.dto.user_view import UserView
from identity_service.application.use_cases.sessions.end_session import end_all_sessions
from identity_service.application.use_cases.users.accept_password import AcceptPassword, words_about_user
from identity_service.application.use_cases.users.locked_user import Versions, locked_user
from identity_service.application.use_cases.users.members import accepted, changes, check_changes, told
from identity_service.application.use_cases.users.set_password import NEW_PASSWORD
from identity_service.domain.entities.event import CurrentPasswordRefused, PasswordChanged, UserChanged
from identity_service.domain.entities.user import User
from identity_service.domain.oauth.errors import InvalidToken, TooManyRequests
from identity_service.domain.refusals import Unacceptable
from identity_service.domain.value_objects.ids import UserId
from identity_service.domain.value_objects.profile import PROFILE_MEMBERS
from identity_service.domain.value_objects.secret import Secret
from identity_service.ports.cache.rate_limit import RateLimit
from identity_service.ports.names import AccountNames
from identity_service.ports.security import PasswordHasher
from identity_service.ports.unit_of_work import Begin, Read, UnitOfWork

MEMBERS = (
    *("username", "email", "name"),
    *(member for member in PROFILE_MEMBERS if member != "phone_number_verified"),
)
ATTEMPTS, PER_SECONDS = 10, 60
"""How often the current password can be tried: this is a second door to it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ProfileUpdate:
    """Members to set, of those in MEMBERS, and perhaps a new password beside the current one."""

    user_id: UserId
    members: Mapping[str, Any] = field(default_factory=dict)
    password: Secret | None = None
    current_password: Secret | None = None
    versions: Versions | None = None
    address: str | None = None


@dataclass(frozen=True, slots=True)
class _Proven:
    """The hash of the new password, and the epoch under which the current one was right."""

    hashed: str = field(repr=False)
    epoch: int


class UpdateOwnProfile:
    """Changes the account of the person who asks.

    - A changed e-mail address or phone number counts as unverified.
    - A new password needs the current one, and ends everything, the token that was used here included.
    - Who was deactivated, or changed the password elsewhere meanwhile, changes nothing.
    """

    def __init__(
        self,
        *,
        begin: Begin,
        read: Read,
        names: AccountNames,
        accept: AcceptPassword,
        hasher: PasswordHasher,
        limit: RateLimit,
    ) -> None:
        self._begin = begin
        self._read = read
        self._names = names
        self._accept = accept
        self._hasher = hasher
        self._limit = limit

    async def __call__(self, order: ProfileUpdate) -> UserView:
        """Raises Unacceptable, InvalidToken, ChangedMeanwhile, Conflict, TooManyRequests, HashingBusy."""
        wanted = accepted(order.members, names=self._names)
        proven = None if order.password is None else await self._prove(order, order.password)
        async with self._begin() as uow:
            user = await locked_user(uow, order.user_id, versions=order.versions)
            if not user.active or (proven and user.epoch != proven.epoch):
                raise InvalidToken(detail="the account changed while its profile was")
            stored = await _apply(uow, user, wanted, proven, address=order.address)
            await uow.commit()
        return UserView.of(stored)

    async def _prove(self, order: ProfileUpdate, password: Secret) -> _Proven:
        self._accept.formed(password)
        if order.current_password is None:
            raise Unacceptable.of("current_password", "is needed to set a new password")
        async with self._read() as uow:
            user = await uow.users.get(order.user_id)
        if user is None:
            raise InvalidToken(detail="the account is gone")
        await self._check_current(user, order.current_password.reveal(), order.address)
        # Only now: judging costs processor time, which nobody may spend without having proven who they are.
        new = await self._accept(password, about=words_about_user(user), address=order.address)
        return _Proven(await self._hasher.hash(new, address=order.address), user.epoch)

    async def _check_current(self, user: User, current: str, address: str | None) -> None:
        wait = await self._limit.hit(f"current-password:{user.id}", limit=ATTEMPTS, per_seconds=PER_SECONDS)
        if wait is not None:
            raise TooManyRequests(retry_after_seconds=wait)
        verdict = await self._hasher.verify(current, user.password_hash, address=address)
        if verdict.matches:
            return
        async with self._begin() as uow:
            uow.events.add(CurrentPasswordRefused(by=user.id, user_id=user.id, address=address))
            await uow.commit()
        raise Unacceptable.of("current_password", "is not the password of this account")


async def _apply(
    uow: UnitOfWork, user: User, wanted: Mapping[str, Any], proven: _Proven | None, *, address: str | None
) -> User:
    changed = changes(user, wanted)
    await check_changes(uow.users, user, changed, by_administrator=False)
    stored = None
    if changed:
        stored = await uow.users.change(user.id, changed, version=None)
    event = UserChanged(by=user.id, user_id=user.id, members=told(user, changed))
    uow.events.add(event, new=stored is not None)
    if proven is not None:
        await end_all_sessions(uow, user.id, by=user.id, reason=NEW_PASSWORD)
        stored = await uow.users.change(
            user.id, {"password_hash": proven.hashed}, version=None, raise_epoch=True
        )
        uow.events.add(PasswordChanged(by=user.id, user_id=user.id, address=address))
    return stored or user

"""People change their own account."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from identity_service.application.authentication.doors import Door
from identity_service.application.authentication.throttle import Throttle
from identity_service.application.authentication.user import account_of
from identity_service.application.dto.user_view import UserView
from identity_service.application.use_cases.mail.letters import email_changed, password_changed
from identity_service.application.use_cases.sessions.end_session import end_all_sessions
from identity_service.application.use_cases.users.accept_password import AcceptPassword, words_about_user
from identity_service.application.use_cases.users.locked_user import Versions, locked_user
from identity_service.application.use_cases.users.members import accepted, changes, check_changes, told
from identity_service.application.use_cases.users.set_password import NEW_PASSWORD
from identity_service.domain.entities.event import CurrentPasswordRefused, PasswordChanged, UserChanged
from identity_service.domain.entities.user import User
from identity_service.domain.oauth.errors import InvalidToken
from identity_service.domain.refusals import Unacceptable
from identity_service.domain.services.lockout import Kind, Source, Treatment, source_of
from identity_service.domain.value_objects.ids import UserId
from identity_service.domain.value_objects.profile import PROFILE_MEMBERS
from identity_service.domain.value_objects.secret import Secret
from identity_service.ports.names import AccountNames
from identity_service.ports.security import PasswordHasher, Standing
from identity_service.ports.unit_of_work import Begin, Read, UnitOfWork

MEMBERS = (
    *("username", "email", "name"),
    *(member for member in PROFILE_MEMBERS if member != "phone_number_verified"),
)
SIGNED_IN = Source("signed in", "signed in")
"""Whoever holds a token or a session of the account is one source there, wherever they are."""
SIGN_IN_NAMES = ("username", "email")
"""What one signs in by, and where a lost password would be sent: a token alone does not move it elsewhere."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ProfileUpdate:
    """Members to set, of those in MEMBERS, and perhaps a new password beside the current one.

    `signed_in_lately`: the person has just shown who they are, and need not again for another name or address.
    """

    user_id: UserId
    members: Mapping[str, Any] = field(default_factory=dict)
    password: Secret | None = None
    current_password: Secret | None = None
    versions: Versions | None = None
    address: str | None = None
    signed_in_lately: bool = False


@dataclass(frozen=True, slots=True)
class _Proven:
    """The epoch under which the current password was right, and the hash of the new one, if there is one."""

    epoch: int
    hashed: str | None = field(repr=False)


class UpdateOwnProfile:
    """Changes the account of the person who asks.

    - A changed e-mail address or phone number counts as unverified.
    - Another username or e-mail address needs the current password, or a person who signed in just now.
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
        throttle: Throttle,
    ) -> None:
        self._begin = begin
        self._read = read
        self._names = names
        self._accept = accept
        self._hasher = hasher
        self._throttle = throttle

    async def __call__(self, order: ProfileUpdate) -> UserView:
        """Raises Unacceptable, InvalidToken, ChangedMeanwhile, Conflict, TooManyRequests, HashingBusy."""
        wanted = accepted(order.members, names=self._names)
        proven = await self._proven(order, wanted)
        async with self._begin() as uow:
            user = await locked_user(uow, order.user_id, versions=order.versions)
            if not user.active or (proven and user.epoch != proven.epoch):
                raise InvalidToken(detail="the account changed while its profile was")
            if proven is None and _needs_password(order, wanted, user):
                raise _missing(order)  # the names that this order repeats were changed meanwhile
            stored = await _apply(uow, user, wanted, proven, address=order.address)
            await uow.commit()
        return UserView.of(stored)

    async def _proven(self, order: ProfileUpdate, wanted: Mapping[str, Any]) -> _Proven | None:
        if order.password is not None:
            self._accept.formed(order.password)
        async with self._read() as uow:
            user = await uow.users.get(order.user_id)
        if user is None:
            raise InvalidToken(detail="the account is gone")
        if not _needs_password(order, wanted, user):
            return None
        if order.current_password is None:
            raise _missing(order)
        await self._check_current(user, order.current_password.reveal(), order.address)
        return _Proven(user.epoch, await self._new_hash(order, user))

    async def _new_hash(self, order: ProfileUpdate, user: User) -> str | None:
        """Only for who has proven who they are: judging a password costs processor time."""
        if order.password is None:
            return None
        place = source_of(order.address).key
        new = await self._accept(order.password, about=words_about_user(user), address=place)
        return await self._hasher.hash(new, address=place, standing=Standing.KNOWN)

    async def _check_current(self, user: User, current: str, address: str | None) -> None:
        async with self._throttle.attempt(
            Door.CURRENT_PASSWORD, name=account_of(user).key, source=SIGNED_IN, kind=Kind.SIGNED_IN
        ) as made:
            await self._throttle.at(made, account_of(user))
            place = source_of(address).key
            verdict = await self._hasher.verify(
                current, user.password_hash, address=place, standing=made.standing
            )
            right = verdict.matches and made.treatment is Treatment.JUDGED
            made.outcome = "right" if right else "wrong"
        if right:
            return
        async with self._begin() as uow:
            uow.events.add(CurrentPasswordRefused(by=user.id, user_id=user.id, address=address))
            await uow.commit()
        raise Unacceptable.of("current_password", "is not the password of this account")


def _needs_password(order: ProfileUpdate, wanted: Mapping[str, Any], user: User) -> bool:
    if order.password is not None:
        return True
    return not order.signed_in_lately and any(
        name in wanted and wanted[name] != getattr(user, name) for name in SIGN_IN_NAMES
    )


def _missing(order: ProfileUpdate) -> Unacceptable:
    what = "a new password" if order.password is not None else "another username or e-mail address"
    return Unacceptable.of("current_password", f"is needed to set {what}")


async def _apply(
    uow: UnitOfWork, user: User, wanted: Mapping[str, Any], proven: _Proven | None, *, address: str | None
) -> User:
    changed = changes(user, wanted)
    await check_changes(uow.users, user, changed, by_administrator=False)
    stored = None
    if changed:
        stored = await uow.users.change(user.id, changed, version=None)
        await uow.outbox.add(email_changed(user, changed))
    event = UserChanged(by=user.id, user_id=user.id, members=told(user, changed))
    uow.events.add(event, new=stored is not None)
    if proven is not None and proven.hashed is not None:
        await end_all_sessions(uow, user.id, by=user.id, reason=NEW_PASSWORD)
        stored = await uow.users.change(
            user.id, {"password_hash": proven.hashed}, version=None, raise_epoch=True
        )
        uow.events.add(PasswordChanged(by=user.id, user_id=user.id, address=address))
        await uow.outbox.add(password_changed(user))
    return stored or user

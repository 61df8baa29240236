"""Who is signing in, by name and password."""

from collections.abc import Callable
from dataclasses import dataclass, field

from identity_service.application.authentication.devices import Devices
from identity_service.application.authentication.doors import Door
from identity_service.application.authentication.failures import Failure, FailureLog
from identity_service.application.authentication.throttle import Account, Attempt, Throttle
from identity_service.domain.entities.user import User
from identity_service.domain.oauth.errors import InvalidGrant, TemporarilyUnavailable
from identity_service.domain.services.lockout import Kind, Treatment, source_of
from identity_service.domain.value_objects.email import Email
from identity_service.domain.value_objects.invalid_name import InvalidName
from identity_service.domain.value_objects.secret import Secret, digest
from identity_service.domain.value_objects.username import Username
from identity_service.ports.names import AccountNames
from identity_service.ports.security import HashingBusy, PasswordHasher, Standing, Verdict
from identity_service.ports.unit_of_work import Begin, Read

HELD_BACK = "held back: too many strangers guess at this account"
"""The reason in the event, where the password was right and was answered as a wrong one."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Typed:
    """What somebody says who wants to sign in: where, from where, and with which cookie of known devices."""

    username: str
    password: str = field(repr=False)
    door: Door
    client_id: str
    address: str | None
    devices: Secret | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class SignedIn:
    """A person who proved to be who they say. `auth_time` is seconds since 1970."""

    user: User
    auth_time: int


class AuthenticateUser:
    """Checks a username (or verified e-mail address) and a password.

    An unknown name, a wrong password and a disabled account are the same answer in the same time, and so is a right
    password that is held back; which it was stands only in the event. A hash of an older scheme or cost is replaced
    once the password has proven right.
    """

    def __init__(
        self,
        *,
        begin: Begin,
        read: Read,
        names: AccountNames,
        hasher: PasswordHasher,
        throttle: Throttle,
        devices: Devices,
        failures: FailureLog,
        clock: Callable[[], float],
    ) -> None:
        self._begin = begin
        self._read = read
        self._names = names
        self._hasher = hasher
        self._throttle = throttle
        self._devices = devices
        self._failures = failures
        self._clock = clock

    async def __call__(self, typed: Typed) -> SignedIn:
        """Raises InvalidGrant; TooManyRequests; TemporarilyUnavailable when too many passwords wait to be checked."""
        name = self._spelled(typed.username)
        known = await self._find(typed.username) if typed.devices else None
        device = known and self._devices.source(typed.devices, known.id)
        source = device or source_of(typed.address)
        kind = Kind.DEVICE if device else Kind.STRANGER
        async with self._throttle.attempt(typed.door, name=name, source=source, kind=kind) as made:
            self._expect_room(made)
            user = known if typed.devices else await self._find(typed.username)
            await self._throttle.at(made, _account(user, name))
            verdict = await self._judged(user, typed, made)
            reason = _refusal(user, verdict, made)
            if user is None or reason is not None:
                made.outcome = "wrong"
                await self._failures.record(made, _failure(user, typed, reason))
                raise InvalidGrant(detail=reason)
            made.outcome = "right"
            await self._throttle.knows(self._names_of(user), source_of(typed.address))
        if verdict.outdated and user.password_hash is not None:
            await self._rehash(user, user.password_hash, typed)
        return SignedIn(user=user, auth_time=int(self._clock()))

    def _expect_room(self, made: Attempt) -> None:
        """A flood that cannot be hashed is to cost nothing else."""
        try:
            self._hasher.expect_room(address=made.source.key, standing=made.standing)
        except HashingBusy as busy:
            raise TemporarilyUnavailable(retry_after_seconds=busy.retry_after_seconds) from None

    async def _judged(self, user: User | None, typed: Typed, made: Attempt) -> Verdict:
        stored = None if user is None else user.password_hash
        try:
            return await self._hasher.verify(
                typed.password, stored, address=made.source.key, standing=made.standing
            )
        except HashingBusy as busy:
            raise TemporarilyUnavailable(retry_after_seconds=busy.retry_after_seconds) from None

    def _spelled(self, entered: str) -> str:
        """One name for all its spellings, whether anybody has it or not."""
        email = _key(self._names.email, entered) if "@" in entered else None
        return f"name {email or _key(self._names.username, entered) or digest(entered).hex()}"

    def _names_of(self, user: User) -> set[str]:
        names = {self._spelled(user.username.entered)}
        if user.email is not None and user.email_verified:
            names.add(self._spelled(user.email.address))
        return names

    async def _find(self, entered: str) -> User | None:
        async with self._read() as uow:
            if (username := _key(self._names.username, entered)) is not None:
                user = await uow.users.by_username(username)
                if user is not None:
                    return user
            email = _key(self._names.email, entered) if "@" in entered else None
            return None if email is None else await uow.users.by_verified_email(email)

    async def _rehash(self, user: User, old: str, typed: Typed) -> None:
        try:
            new = await self._hasher.hash(
                typed.password, address=source_of(typed.address).key, standing=Standing.KNOWN
            )
        except HashingBusy:
            return  # the next sign-in will do
        async with self._begin() as uow:
            await uow.users.rehash(user.id, old=old, new=new)
            await uow.commit()


def _account(user: User | None, name: str) -> Account:
    return Account(key=name, exists=False) if user is None else account_of(user)


def account_of(user: User) -> Account:
    """What is guessed at where somebody guesses at a person's password."""
    return Account(key=f"user {user.id}", epoch=user.epoch)


def _failure(user: User | None, typed: Typed, reason: str | None) -> Failure:
    return Failure(
        reason=reason or "unknown user",
        client_id=typed.client_id,
        user_id=None if user is None else user.id,
        username=None if user is None else user.username.entered,
        address=typed.address,
        told_alone=reason == HELD_BACK,
    )


def _refusal(user: User | None, verdict: Verdict, made: Attempt) -> str | None:
    if user is None:
        return "unknown user"
    if not verdict.matches:
        return "wrong password"
    if made.treatment is not Treatment.JUDGED:
        return HELD_BACK
    return None if user.active else "inactive user"


def _key(parse: Callable[[str], Username | Email], entered: str) -> str | None:
    try:
        return parse(entered).key
    except InvalidName:
        return None

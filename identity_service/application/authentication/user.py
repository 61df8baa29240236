"""Who is signing in, by name and password."""

from collections.abc import Callable
from dataclasses import dataclass

from identity_service.domain.entities.event import SignInFailed
from identity_service.domain.entities.user import User
from identity_service.domain.oauth.errors import InvalidGrant, TemporarilyUnavailable, TooManyRequests
from identity_service.domain.value_objects.email import Email
from identity_service.domain.value_objects.invalid_name import InvalidName
from identity_service.domain.value_objects.username import Username
from identity_service.ports.cache.rate_limit import RateLimit
from identity_service.ports.names import AccountNames
from identity_service.ports.security import HashingBusy, PasswordHasher, Verdict
from identity_service.ports.unit_of_work import Begin, Read

ATTEMPTS, PER_SECONDS = 30, 60
"""How many wrong passwords one address may try for one name. Names nobody has are limited alike, other addresses are
not: no stranger locks a person out."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SignedIn:
    """A person who proved to be who they say. `auth_time` is seconds since 1970."""

    user: User
    auth_time: int


class AuthenticateUser:
    """Checks a username (or verified e-mail address) and a password.

    An unknown name, a wrong password and a disabled account are the same answer in the same time; which it was stands
    only in the event. A hash of an older scheme or cost is replaced once the password has proven right.
    """

    def __init__(
        self,
        *,
        begin: Begin,
        read: Read,
        names: AccountNames,
        hasher: PasswordHasher,
        limit: RateLimit,
        clock: Callable[[], float],
    ) -> None:
        self._begin = begin
        self._read = read
        self._names = names
        self._hasher = hasher
        self._limit = limit
        self._clock = clock

    async def __call__(
        self, username: str, password: str, *, client_id: str, address: str | None
    ) -> SignedIn:
        """Raises InvalidGrant; TooManyRequests; TemporarilyUnavailable when too many passwords wait to be checked."""
        attempts = f"password:{username}:{address}"
        wait = await self._limit.blocked(attempts, limit=ATTEMPTS, per_seconds=PER_SECONDS)
        if wait is not None:
            raise TooManyRequests(retry_after_seconds=wait)
        user = await self._find(username)
        stored = None if user is None else user.password_hash
        try:
            verdict = await self._hasher.verify(password, stored, address=address)
        except HashingBusy as busy:
            raise TemporarilyUnavailable(retry_after_seconds=busy.retry_after_seconds) from None
        reason = _refusal(user, verdict)
        if user is None or reason is not None:
            await self._limit.hit(attempts, limit=ATTEMPTS, per_seconds=PER_SECONDS)
            await self._record_failure(user, reason or "unknown user", client_id, address)
            raise InvalidGrant(detail=reason)
        if verdict.outdated and stored is not None:
            await self._rehash(user, stored, password, address)
        return SignedIn(user=user, auth_time=int(self._clock()))

    async def _find(self, entered: str) -> User | None:
        async with self._read() as uow:
            if (username := _key(self._names.username, entered)) is not None:
                user = await uow.users.by_username(username)
                if user is not None:
                    return user
            email = _key(self._names.email, entered) if "@" in entered else None
            return None if email is None else await uow.users.by_verified_email(email)

    async def _record_failure(
        self, user: User | None, reason: str, client_id: str, address: str | None
    ) -> None:
        async with self._begin() as uow:
            uow.events.add(
                SignInFailed(
                    by=client_id,
                    reason=reason,
                    client_id=client_id,
                    user_id=None if user is None else user.id,
                    username=None if user is None else user.username.entered,
                    address=address,
                )
            )
            await uow.commit()

    async def _rehash(self, user: User, old: str, password: str, address: str | None) -> None:
        try:
            new = await self._hasher.hash(password, address=address)
        except HashingBusy:
            return  # the next sign-in will do
        async with self._begin() as uow:
            await uow.users.rehash(user.id, old=old, new=new)
            await uow.commit()


def _refusal(user: User | None, verdict: Verdict) -> str | None:
    if user is None:
        return "unknown user"
    if not verdict.matches:
        return "wrong password"
    return None if user.active else "inactive user"


def _key(parse: Callable[[str], Username | Email], entered: str) -> str | None:
    try:
        return parse(entered).key
    except InvalidName:
        return None

"""How an order takes hold of the user it changes."""

from identity_service.domain.entities.user import User
from identity_service.domain.refusals import ChangedMeanwhile, NotFound
from identity_service.domain.services.access_policy import Actor, check_may_change_user
from identity_service.domain.value_objects.ids import UserId, is_uuid
from identity_service.ports.unit_of_work import UnitOfWork

Versions = frozenset[int]
"""The versions a caller has seen, one of which must still be there to be changed (RFC 9110 §13.1.1)."""


async def locked_user(uow: UnitOfWork, user_id: str, *, versions: Versions | None = None) -> User:
    """The user, whom nobody else changes until the transaction ends. `versions` None: whatever it is now.

    Raises:
        NotFound: there is none.
        ChangedMeanwhile: it has none of these versions.
    """
    return _present(await uow.users.get(UserId(user_id), lock=True) if is_uuid(user_id) else None, versions)


async def changeable_user(
    uow: UnitOfWork, user_id: str, *, by: Actor, versions: Versions | None = None
) -> User:
    """As `locked_user`, for whoever administers users. Raises InsufficientScope too."""
    user = await locked_user(uow, user_id, versions=versions)
    check_may_change_user(by, user)
    return user


async def changeable_for_now(
    uow: UnitOfWork, user_id: str, *, by: Actor, versions: Versions | None = None
) -> User:
    """The same user, whom somebody else may change at any moment. Raises as `changeable_user`."""
    user = _present(await uow.users.get(UserId(user_id)) if is_uuid(user_id) else None, versions)
    check_may_change_user(by, user)
    return user


def _present(user: User | None, versions: Versions | None) -> User:
    if user is None:
        raise NotFound
    if versions is not None and user.version not in versions:
        raise ChangedMeanwhile
    return user

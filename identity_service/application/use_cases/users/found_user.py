"""How an order about what hangs on a user finds whom it is about."""

from identity_service.domain.entities.user import User
from identity_service.domain.refusals import NotFound
from identity_service.domain.services.access_policy import Actor, check_may_end_for
from identity_service.domain.value_objects.ids import UserId, is_uuid
from identity_service.ports.unit_of_work import UnitOfWork


async def found_user(uow: UnitOfWork, user_id: str) -> User:
    """The user. Raises NotFound."""
    user = await uow.users.get(UserId(user_id)) if is_uuid(user_id) else None
    if user is None:
        raise NotFound
    return user


async def whose_to_end(uow: UnitOfWork, user_id: str, *, by: Actor) -> User:
    """The user whose sign-ins and consents the caller may end. Raises NotFound, InsufficientScope."""
    user = await found_user(uow, user_id)
    check_may_end_for(by, user)
    return user

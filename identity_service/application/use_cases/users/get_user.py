"""One user, by id or by name."""

from identity_service.application.dto.user_view import UserView
from identity_service.domain.refusals import NotFound
from identity_service.domain.value_objects.ids import UserId, is_uuid
from identity_service.domain.value_objects.invalid_name import InvalidName
from identity_service.ports.names import AccountNames
from identity_service.ports.unit_of_work import Read


class GetUser:
    """Shows one user. What can be no id, an unknown one and a deleted user are the same: not there."""

    def __init__(self, *, read: Read, names: AccountNames) -> None:
        self._read = read
        self._names = names

    async def __call__(self, user_id: str) -> UserView:
        """Raises NotFound."""
        if not is_uuid(user_id):
            raise NotFound
        async with self._read() as uow:
            user = await uow.users.get(UserId(user_id))
        if user is None:
            raise NotFound
        return UserView.of(user)

    async def named(self, username: str) -> UserView:
        """The user of this username. Raises NotFound."""
        try:
            key = self._names.username(username).key
        except InvalidName:
            raise NotFound from None
        async with self._read() as uow:
            user = await uow.users.by_username(key)
        if user is None:
            raise NotFound
        return UserView.of(user)

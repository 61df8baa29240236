"""What a person has agreed to."""

from identity_service.application.dto.consent_view import ConsentView
from identity_service.application.use_cases.users.found_user import found_user
from identity_service.ports.unit_of_work import Read


class ListConsents:
    """Shows what each client may have of this person, the newest first."""

    def __init__(self, *, read: Read) -> None:
        self._read = read

    async def __call__(self, user_id: str) -> list[ConsentView]:
        """Raises NotFound."""
        async with self._read() as uow:
            user = await found_user(uow, user_id)
            consents = await uow.consents.of_user(user.id)
            return [ConsentView.of(each, await uow.clients.get(each.client_id)) for each in consents]

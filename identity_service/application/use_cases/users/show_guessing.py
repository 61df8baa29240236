"""Whether somebody guessed at a person's password so often that it was summed up."""

from identity_service.application.dto.guessing_view import GuessingView
from identity_service.application.use_cases.audit.personal_data import PersonalData
from identity_service.domain.entities.sign_in_event import SignInsFailed
from identity_service.domain.value_objects.ids import UserId
from identity_service.ports.unit_of_work import Read


class ShowGuessing:
    """The last time, from the event log: every process may have counted, and this one need not be among them."""

    def __init__(self, *, read: Read, personal: PersonalData) -> None:
        self._read = read
        self._personal = personal

    async def __call__(self, user_id: UserId) -> GuessingView | None:
        """None where nobody ever did, or it was purged."""
        async with self._read() as uow:
            found = await uow.events.about(user_id, names={SignInsFailed.name}, after=None, limit=1)
            if not found:
                return None
            [last] = found
            opened = await self._personal.open(uow, [(last.id, last.subject, last.personal)])
        return GuessingView(
            at=last.occurred_at,
            attempts=last.members["attempts"],
            sources=last.members["sources"],
            address=opened.get(last.id, {}).get("address"),
        )

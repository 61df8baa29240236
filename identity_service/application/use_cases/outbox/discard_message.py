"""A message is thrown away."""

from identity_service.application.dto.message_view import MessageView
from identity_service.domain.entities.outbox_event import MessageDiscarded
from identity_service.domain.refusals import NotFound, OutOfState
from identity_service.domain.services.access_policy import Actor
from identity_service.domain.value_objects.ids import MessageId, is_uuid
from identity_service.ports.unit_of_work import Begin


class DiscardMessage:
    """Takes a message out that waits or was given up; who it was for is told nothing. An attempt that is under way goes
    on."""

    def __init__(self, *, begin: Begin) -> None:
        self._begin = begin

    async def __call__(self, message_id: str, *, by: Actor) -> MessageView:
        """Answers what it was. Raises NotFound; OutOfState for one that has arrived."""
        if not is_uuid(message_id):
            raise NotFound
        async with self._begin() as uow:
            if await uow.outbox.get(MessageId(message_id)) is None:
                raise NotFound
            gone = await uow.outbox_desk.discard(MessageId(message_id))
            if gone is None:
                raise OutOfState("the message was delivered already")
            uow.events.add(
                MessageDiscarded(by=by.id, message_id=gone.id, kind=gone.kind, recipient=gone.recipient)
            )
            await uow.commit()
        return MessageView.of(gone)

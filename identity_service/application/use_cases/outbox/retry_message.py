"""A message is sent again."""

from identity_service.application.dto.message_view import MessageView
from identity_service.domain.refusals import NotFound, OutOfState
from identity_service.domain.value_objects.ids import MessageId, is_uuid
from identity_service.ports.unit_of_work import Begin

LIFE_SECONDS = 86_400
"""How long a message that an operator sends again is tried."""


class RetryMessage:
    """Makes a message due at once, a dead one too; the process that leads delivers it within seconds."""

    def __init__(self, *, begin: Begin) -> None:
        self._begin = begin

    async def __call__(self, message_id: str) -> MessageView:
        """Raises NotFound; OutOfState for one that has arrived."""
        if not is_uuid(message_id):
            raise NotFound
        async with self._begin() as uow:
            if await uow.outbox.get(MessageId(message_id)) is None:
                raise NotFound
            revived = await uow.outbox.revive(MessageId(message_id), life_seconds=LIFE_SECONDS)
            if revived is None:
                raise OutOfState("the message was delivered already")
            await uow.commit()
        return MessageView.of(revived)

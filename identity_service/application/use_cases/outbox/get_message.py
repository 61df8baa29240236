"""One message of the outbox."""

from identity_service.application.dto.message_view import MessageView
from identity_service.domain.refusals import NotFound
from identity_service.domain.value_objects.ids import MessageId, is_uuid
from identity_service.ports.unit_of_work import Read


class GetMessage:
    """Shows a message, for operators."""

    def __init__(self, *, read: Read) -> None:
        self._read = read

    async def __call__(self, message_id: str) -> MessageView:
        """Raises NotFound."""
        if not is_uuid(message_id):
            raise NotFound
        async with self._read() as uow:
            message = await uow.outbox.get(MessageId(message_id))
        if message is None:
            raise NotFound
        return MessageView.of(message)

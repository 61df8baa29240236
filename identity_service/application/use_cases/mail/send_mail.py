"""A person is sent a letter."""

from identity_service.domain.entities.mail import Letter, Mail
from identity_service.domain.entities.message import Message
from identity_service.domain.services.redelivery import NotDelivered
from identity_service.ports.mail import Letters, Mailer, UnknownLetter


class SendMail:
    """Makes one attempt, for the outbox.

    - The letter is written for the attempt, in the language that the account wanted when it was sent for.
    - Every attempt is the same mail, with the same name: whoever gets two can tell.
    """

    def __init__(self, *, letters: Letters, mailer: Mailer) -> None:
        self._letters = letters
        self._mailer = mailer

    async def __call__(self, message: Message) -> None:
        """Raises NotDelivered, Undeliverable."""
        payload = message.payload
        letter = Letter(
            name=payload["letter"],
            values={**payload["values"], "at": f"{message.created_at:%Y-%m-%d %H:%M} UTC"},
            language=payload["language"],
        )
        try:
            written = self._letters.write(letter)
        except UnknownLetter:  # of a newer version, whose processes know it
            raise NotDelivered(f"there is no letter {letter.name!r} in this version") from None
        await self._mailer.send(Mail(id=message.id, to=payload["to"], written=written))

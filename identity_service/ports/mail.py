"""How people are written to."""

from typing import Protocol

from identity_service.domain.entities.mail import Letter, Mail, Written


class UnknownLetter(Exception):
    """There is no letter of this name here."""


class Letters(Protocol):
    """Every letter there is."""

    def write(self, letter: Letter) -> Written:
        """The letter in the person's language, or the nearest there is. What stands in `values` is text, never markup.
        Raises UnknownLetter."""


class Mailer(Protocol):
    """Hands mails to whoever carries them."""

    async def send(self, mail: Mail) -> None:
        """Once it returns, somebody else answers for the mail; it may happen that it is sent twice.

        Raises NotDelivered, Undeliverable (`domain.services.redelivery`).
        """

"""How people are written to."""

from collections.abc import Sequence
from typing import Protocol

from identity_service.domain.entities.mail import KeptMail, Letter, Mail, Written


class UnknownLetter(Exception):
    """There is no letter of this name here."""


class Letters(Protocol):
    """Every letter there is."""

    @property
    def names(self) -> Sequence[str]:
        """Of all letters."""

    def write(self, letter: Letter) -> Written:
        """The letter in the person's language, or the nearest there is. What stands in `values` is text, never markup.
        Raises UnknownLetter."""


class Mailer(Protocol):
    """Hands mails to whoever carries them."""

    async def send(self, mail: Mail) -> None:
        """Once it returns, somebody else answers for the mail; it may happen that it is sent twice.

        Raises NotDelivered, Undeliverable (`domain.services.redelivery`).
        """


class MailFolder(Protocol):
    """Where mails are kept while there is nobody to hand them to."""

    async def newest(self, limit: int) -> Sequence[KeptMail]:
        """So many of them, the newest first."""

    async def get(self, mail_id: str) -> KeptMail | None: ...

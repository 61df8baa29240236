"""Mails are handed to a mail server (RFC 5321)."""

import ssl
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Final, Literal

from aiosmtplib import (
    SMTP,
    SMTPDataError,
    SMTPException,
    SMTPRecipientsRefused,
    SMTPResponseException,
)

from identity_service.domain.entities.mail import Mail
from identity_service.domain.services.mail_message import Sender, composed
from identity_service.domain.services.redelivery import NotDelivered, Undeliverable

Tls = Literal["starttls", "tls", "off"]
MOST_SAID: Final = 200
"""Characters of what a mail server says that are kept; it may say anything."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SmtpServer:
    """Where mails are handed in. `timeout_seconds` is for each step of the conversation."""

    host: str
    port: int
    tls: Tls
    timeout_seconds: float
    username: str | None = None
    password: str | None = field(default=None, repr=False)
    ca_file: Path | None = None


class SmtpMailer:
    """`ports.Mailer` over a connection for each mail.

    - With `starttls` a server that offers no TLS gets nothing, neither the password nor the mail (RFC 8314 §4.1), and
      its certificate has to be good for its name.
    - 5xx about the recipient or the mail is the last word (RFC 5321 §4.2.1); about the sender, the password or the
      connection it is a fault of the set-up, which may be mended: the mail waits.
    """

    def __init__(self, server: SmtpServer, *, sender: Sender, now: Callable[[], datetime]) -> None:
        self._server = server
        self._sender = sender
        self._now = now

    async def send(self, mail: Mail) -> None:
        """Raises NotDelivered, Undeliverable."""
        try:
            message = composed(mail, sender=self._sender, at=self._now())
        except ValueError as error:
            raise Undeliverable(f"no mail can be made of it: {error}") from None
        try:
            async with self._connection() as connection:
                await connection.send_message(message)
        except SMTPRecipientsRefused as refused:
            raise _judged(refused.recipients[0]) from None
        except SMTPDataError as refused:
            raise _judged(refused) from None
        except (SMTPException, OSError, ValueError) as error:
            raise NotDelivered(f"the mail server cannot be used: {_said(error)}") from None

    async def check(self) -> None:
        """Goes as far as signing in, and sends nothing. Raises NotDelivered."""
        try:
            async with self._connection() as connection:
                await connection.noop()
        except (SMTPException, OSError, ValueError) as error:
            raise NotDelivered(_said(error)) from None

    def _connection(self) -> SMTP:
        server = self._server
        return SMTP(
            hostname=server.host,
            port=server.port,
            local_hostname=self._sender.address.rpartition("@")[2],
            use_tls=server.tls == "tls",
            start_tls=server.tls == "starttls",
            username=server.username,
            password=server.password,
            timeout=server.timeout_seconds,
            tls_context=None if server.tls == "off" else self._trust(),
        )

    def _trust(self) -> ssl.SSLContext:
        context = ssl.create_default_context()
        context.minimum_version = ssl.TLSVersion.TLSv1_2
        if self._server.ca_file is not None:
            context.load_verify_locations(self._server.ca_file)
        return context


def _judged(answer: SMTPResponseException) -> NotDelivered | Undeliverable:
    if 500 <= answer.code < 600:
        return Undeliverable(f"the mail server refused it: {_said(answer)}")
    return NotDelivered(f"the mail server did not take it yet: {_said(answer)}")


def _said(error: Exception) -> str:
    """On one line, for an operator: the code of the answer and its text, or what was wrong with the connection."""
    text = f"{error.code} {error.message}" if isinstance(error, SMTPResponseException) else str(error)
    return " ".join(text.split())[:MOST_SAID] or type(error).__name__

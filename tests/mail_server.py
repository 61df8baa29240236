"""A mail server on this machine (aiosmtpd), which takes mails, or not, as a test tells it."""

import asyncio
import ssl
import warnings
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from email import message_from_bytes
from email.message import EmailMessage
from email.policy import SMTP as POLICY
from typing import Any

from aiosmtpd.smtp import SMTP, AuthResult, Envelope, Session

TAKEN = "250 OK"


class MailServer:
    """`answers_rcpt` and `answers_data` are given to the next recipients and mails; afterwards everything is taken."""

    def __init__(self) -> None:
        self.taken: list[EmailMessage] = []
        self.recipients: list[list[str]] = []
        self.answers_rcpt: list[str] = []
        self.answers_data: list[str] = []
        self.passwords: list[tuple[bytes, bytes]] = []
        self.hold: asyncio.Event | None = None
        self.port = 0

    async def handle_RCPT(
        self, server: SMTP, session: Session, envelope: Envelope, address: str, options: list[str]
    ) -> str:
        answer = self.answers_rcpt.pop(0) if self.answers_rcpt else TAKEN
        if answer == TAKEN:
            envelope.rcpt_tos.append(address)
        return answer

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:
        if self.hold is not None:
            await self.hold.wait()
        answer = self.answers_data.pop(0) if self.answers_data else TAKEN
        if answer == TAKEN:
            content = envelope.content
            assert isinstance(content, bytes)
            self.taken.append(message_from_bytes(content, policy=POLICY))  # type: ignore[arg-type]  # by the policy
            self.recipients.append(envelope.rcpt_tos)
        return answer

    def authenticate(
        self, server: SMTP, session: Session, envelope: Envelope, mechanism: str, data: Any
    ) -> AuthResult:
        """Whoever knows the password `right`."""
        self.passwords.append((data.login, data.password))
        return AuthResult(success=data.password == b"right", handled=False)


@asynccontextmanager
async def mail_server(
    *, starttls: ssl.SSLContext | None = None, tls: ssl.SSLContext | None = None, password: bool = False
) -> AsyncIterator[MailServer]:
    """The server on a port of 127.0.0.1, for as long as the block lasts."""
    kept = MailServer()
    loop = asyncio.get_running_loop()

    def connection() -> SMTP:
        with warnings.catch_warnings():  # that it would take a password without TLS, which some tests want
            warnings.simplefilter("ignore")
            return SMTP(
                kept,
                hostname="mail.test",
                enable_SMTPUTF8=True,
                tls_context=starttls,
                require_starttls=starttls is not None,
                auth_required=password,
                auth_require_tls=starttls is not None,
                auth_exclude_mechanism=["LOGIN"],
                authenticator=kept.authenticate if password else None,
                loop=loop,
            )

    server = await loop.create_server(connection, "127.0.0.1", 0, ssl=tls)
    kept.port = server.sockets[0].getsockname()[1]
    try:
        yield kept
    finally:
        if kept.hold is not None:
            kept.hold.set()
        server.close()
        await server.wait_closed()

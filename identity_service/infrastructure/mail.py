"""How people are written to: by the mail server of the settings, or into a folder of this machine."""

import sys
from collections.abc import Callable
from datetime import UTC, datetime
from functools import cache
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from dependency_injector import containers, providers

from identity_service.application.use_cases.mail.send_mail import SendMail
from identity_service.application.workers.delivery import Courier
from identity_service.domain.entities.message import Message
from identity_service.infrastructure.config.settings import Settings
from identity_service.ports.mail import Mailer

if TYPE_CHECKING:  # most processes never write a mail, and need not hold what it takes
    from identity_service.adapters.jinja.letters import JinjaLetters
    from identity_service.adapters.maildir.folder import MaildirFolder
    from identity_service.adapters.smtp.mailer import SmtpMailer
    from identity_service.domain.services.mail_message import Sender

FOLDER = "mail"


def sender_of(settings: Settings) -> "Sender":
    """Who mails are from. No mail comes from a bare address: there it is `localhost`, which nobody answers to."""
    from identity_service.domain.services.mail_message import Sender

    host = urlsplit(settings.issuer).hostname or ""
    return Sender(
        address=settings.mail_from or f"no-reply@{'localhost' if _is_address(host) else host}",
        name=settings.site_name,
        reply_to=settings.mail_reply_to,
    )


def _is_address(host: str) -> bool:
    return ":" in host or host.rpartition(".")[2].isdigit()


def now() -> datetime:
    """The moment, for the Date of a mail."""
    return datetime.now(UTC)


def folder_of(settings: Settings) -> "MaildirFolder":
    """Where mails are kept. On a terminal they are printed, too."""
    from identity_service.adapters.maildir.folder import MaildirFolder

    return MaildirFolder(
        settings.data_dir / FOLDER,
        sender=sender_of(settings),
        now=now,
        shown=_printed if sys.stderr.isatty() else None,
    )


def _printed(text: str) -> None:
    sys.stderr.write(f"--- a mail that was not sent ---\n{text}---\n")


def smtp_of(settings: Settings) -> "SmtpMailer | None":
    """The mail server of the settings, if there is one."""
    if settings.smtp_host is None:
        return None
    from identity_service.adapters.smtp.mailer import SmtpMailer, SmtpServer

    password = settings.smtp_password
    server = SmtpServer(
        host=settings.smtp_host,
        port=settings.smtp_port,
        tls=settings.smtp_tls,
        timeout_seconds=settings.smtp_timeout_seconds,
        username=settings.smtp_username,
        password=None if password is None else password.get_secret_value(),
        ca_file=settings.smtp_ca_file,
    )
    return SmtpMailer(server, sender=sender_of(settings), now=now)


def letters_of(settings: Settings) -> "JinjaLetters":
    """Every letter."""
    from identity_service.adapters.jinja.letters import JinjaLetters

    return JinjaLetters(issuer=settings.issuer, site_name=settings.site_name)


def mailer_of(smtp: "SmtpMailer | None", folder: Callable[[], "MaildirFolder"]) -> Mailer:
    """Who takes mails."""
    return folder() if smtp is None else smtp


def courier_of(make: Callable[[], SendMail]) -> Courier:
    """The courier, made when the first mail is sent."""
    made = cache(make)

    async def send(message: Message) -> None:
        await made()(message)

    return send


class MailParts(containers.DeclarativeContainer):
    """Letters and who takes them."""

    settings: Any = providers.Dependency()

    letters = providers.Singleton(letters_of, settings)
    folder = providers.Singleton(folder_of, settings)
    smtp = providers.Singleton(smtp_of, settings)
    mailer = providers.Singleton(mailer_of, smtp, folder.provider)
    courier = providers.Singleton(
        courier_of, providers.Factory(SendMail, letters=letters, mailer=mailer).provider
    )

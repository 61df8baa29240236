"""Mails are kept in a folder of this machine, as mail programs read them: what there is before a mail server is."""

import asyncio
import logging
from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from email.message import EmailMessage
from email.parser import BytesParser
from email.policy import SMTP
from mailbox import Maildir, MaildirMessage
from pathlib import Path
from threading import Lock
from typing import Final

from identity_service.domain.entities.mail import KeptMail, Mail
from identity_service.domain.services.mail_message import Sender, composed
from identity_service.domain.services.redelivery import NotDelivered, Undeliverable

log = logging.getLogger(__name__)

MOST_KEPT: Final = 1000
"""The oldest make room for the newest."""
Shown = Callable[[str], None]
"""Shows a mail to whoever started the server."""


class MaildirFolder:
    """`ports.Mailer`; operators read what was kept. The folder is its owner's alone; it is made with the first mail."""

    def __init__(
        self, path: Path, *, sender: Sender, now: Callable[[], datetime], shown: Shown | None = None
    ) -> None:
        """`shown` is told the text of every mail, where somebody is there to read it."""
        self._path = path
        self._sender = sender
        self._now = now
        self._shown = shown
        self._lock = Lock()

    async def send(self, mail: Mail) -> None:
        """Keeps the mail. Raises NotDelivered, Undeliverable."""
        try:
            message = composed(mail, sender=self._sender, at=self._now())
        except ValueError as error:
            raise Undeliverable(f"no mail can be made of it: {error}") from None
        try:
            await asyncio.to_thread(self._keep, message)
        except OSError as error:
            raise NotDelivered(f"{self._path} cannot be written: {error.strerror or error}") from None
        log.info("a mail was kept, for there is no SMTP_HOST: `identity-service mail show %s`", mail.id)
        if self._shown is not None:
            self._shown(f"To: {mail.to}\nSubject: {mail.written.subject}\n\n{mail.written.text}")

    async def newest(self, limit: int) -> Sequence[KeptMail]:
        """So many, the newest first."""
        return await asyncio.to_thread(self._newest, limit)

    async def get(self, mail_id: str) -> KeptMail | None:
        """The mail of this id."""
        kept = await asyncio.to_thread(self._newest, MOST_KEPT, only=mail_id)
        return kept[0] if kept else None

    def _keep(self, message: EmailMessage) -> None:
        with self._lock:
            self._path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
            folder = Maildir(self._path)
            name = folder.add(MaildirMessage(message))
            (self._path / "new" / name).chmod(0o600)
            for path in _newest_first(self._path)[MOST_KEPT:]:
                path.unlink(missing_ok=True)

    def _newest(self, limit: int, *, only: str | None = None) -> list[KeptMail]:
        if not self._path.is_dir():
            return []
        found: list[KeptMail] = []
        for path in _newest_first(self._path):
            kept = _kept(path, whole=only is not None)
            if only in (None, kept.id):
                found.append(kept)
            if len(found) == limit or (found and only):
                break
        return found


def _newest_first(folder: Path) -> list[Path]:
    """Names say it only to the second."""
    return sorted(folder.glob("new/*"), key=lambda each: each.stat().st_mtime_ns, reverse=True)


def _kept(path: Path, *, whole: bool) -> KeptMail:
    with path.open("rb") as file:
        message = BytesParser(policy=SMTP).parse(file, headersonly=not whole)
    return KeptMail(
        id=str(message["Message-ID"]).strip("<>").partition("@")[0],
        to=str(message["To"]),
        subject=str(message["Subject"]),
        kept_at=datetime.fromtimestamp(path.stat().st_mtime, UTC),
        text=_part(message, "plain") if whole else "",
        html=_part(message, "html") if whole else "",
    )


def _part(message: EmailMessage, kind: str) -> str:
    part = message.get_body((kind,))
    return "" if part is None else str(part.get_content())

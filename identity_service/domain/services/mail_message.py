"""How a mail is put into the form that mail servers carry (RFC 5322, RFC 2045)."""

import re
from dataclasses import dataclass
from datetime import datetime
from email.headerregistry import Address
from email.message import EmailMessage
from email.policy import SMTP, SMTPUTF8

from identity_service.domain.entities.mail import Mail

_APART = re.compile(r"[\s<>()\[\],;:\\\"]")
"""What would need quotes, or would end the address."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Sender:
    """Who writes: `address`, the `name` shown beside it, and where answers go, if anywhere else."""

    address: str
    name: str
    reply_to: str | None = None


def mail_address(text: str, *, name: str = "") -> Address:
    """The address as a header holds it (RFC 5322 §3.4.1). Raises ValueError."""
    local, at, domain = text.rpartition("@")
    if not (local and at and domain) or "@" in local or not text.isprintable() or _APART.search(text):
        raise ValueError("no address of a mail")
    return Address(display_name=name, username=local, domain=domain)


def composed(mail: Mail, *, sender: Sender, at: datetime) -> EmailMessage:
    """The mail in plain text with HTML as the alternative.

    It says that no person wrote it, so that nobody's absence is answered to it (RFC 3834 §5.1). `Message-ID` follows
    the mail's id.

    Raises:
        ValueError: an address or a name that no header can hold.
    """
    domain = sender.address.rpartition("@")[2]
    message = EmailMessage(
        policy=SMTP if mail.to.isascii() else SMTPUTF8
    )  # RFC 6532, for who has such an address
    message["From"] = mail_address(sender.address, name=sender.name)
    message["To"] = mail_address(mail.to)
    if sender.reply_to is not None:
        message["Reply-To"] = mail_address(sender.reply_to)
    message["Subject"] = mail.written.subject
    message["Date"] = at
    message["Message-ID"] = f"<{mail.id}@{domain}>"
    message["Auto-Submitted"] = "auto-generated"
    message["X-Auto-Response-Suppress"] = "All"
    message.set_content(mail.written.text)
    message.add_alternative(mail.written.html, subtype="html")
    message["Content-Language"] = (
        mail.written.language
    )  # headers of this kind, set before, go into the first part
    return message

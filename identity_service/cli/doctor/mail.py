"""Does anybody take the mails of this server?"""

from typing import TYPE_CHECKING

from identity_service.cli.doctor.finding import Finding, fail, ok, warn
from identity_service.domain.services.redelivery import NotDelivered
from identity_service.infrastructure.config.settings import Settings

if TYPE_CHECKING:
    from identity_service.adapters.smtp.mailer import SmtpMailer

MAIL = "mail"


async def check_mail(settings: Settings, smtp: "SmtpMailer | None") -> Finding:
    """Goes as far as signing in at the mail server; nothing is sent."""
    if smtp is None:
        kept = f"there is no SMTP_HOST: mails are kept in {settings.data_dir / 'mail'}"
        if settings.environment == "production":
            return warn(MAIL, f"{kept} and reach nobody", "set SMTP_HOST and what it wants")
        return ok(MAIL, f"{kept}; `identity-service mail list` shows them")
    place = f"{settings.smtp_host}:{settings.smtp_port}"
    try:
        await smtp.check()
    except NotDelivered as error:
        return fail(
            MAIL,
            f"no mail can be handed to {place}: {error}",
            "check SMTP_HOST, SMTP_PORT, SMTP_TLS, SMTP_USERNAME and SMTP_PASSWORD, then "
            "`identity-service mail test you@example.org`",
        )
    return ok(MAIL, f"{place} takes mails")

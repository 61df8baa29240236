"""Settings: how people are written to."""

from pathlib import Path
from typing import Literal

from pydantic import Field, SecretStr
from pydantic_settings import BaseSettings


class MailSettings(BaseSettings):
    """Mail"""

    smtp_host: str | None = Field(
        None,
        description="The mail server that mails are handed to. Default: none, mails are kept in DATA_DIR "
        "(`identity-service mail list`).",
    )
    smtp_port: int = Field(587, ge=1, le=65535, description="Its port.")
    smtp_tls: Literal["starttls", "tls", "off"] = Field(
        "starttls",
        description="`starttls` wants a server that offers it, `tls` speaks it from the first byte (port 465), `off` "
        "is for a server on this machine.",
    )
    smtp_username: str | None = Field(None, description="Who signs in there. Default: nobody.")
    smtp_password: SecretStr | None = Field(None, description="The password of SMTP_USERNAME.")
    smtp_ca_file: Path | None = Field(
        None,
        description="Certificates (PEM) of authorities that the mail server may have its from, beside those of the "
        "system.",
    )
    smtp_timeout_seconds: float = Field(
        8,
        gt=0,
        le=9,
        description="Wait for each answer of the mail server before the mail is tried again later.",
    )
    mail_from: str | None = Field(
        None, description="Who mails are from. Default: no-reply at the host of the issuer."
    )
    mail_reply_to: str | None = Field(None, description="Where answers to mails go. Default: to MAIL_FROM.")

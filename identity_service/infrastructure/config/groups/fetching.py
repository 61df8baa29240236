"""Settings: where this server may send requests of its own."""

from pathlib import Path
from typing import Annotated

from pydantic import Field
from pydantic_settings import BaseSettings, NoDecode


class FetchSettings(BaseSettings):
    """Requests to clients"""

    fetch_allowed_hosts: Annotated[tuple[str, ...], NoDecode] = Field(
        (),
        description="Servers of clients that may be spoken to by http and at private addresses, each exactly as "
        "`host:port`, separated by commas. All others: https at public addresses. Refused in production.",
    )
    fetch_ca_file: Path | None = Field(
        None,
        description="Certificates (PEM) of authorities that clients' servers may have theirs from, beside those of "
        "the system.",
    )

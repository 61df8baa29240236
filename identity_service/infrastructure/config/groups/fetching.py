"""Settings: what this server asks of other servers because a client's registration names them."""

from pathlib import Path
from typing import Annotated

from pydantic import Field
from pydantic_settings import BaseSettings, NoDecode


class FetchSettings(BaseSettings):
    """Requests to clients"""

    fetch_timeout_seconds: float = Field(
        5,
        gt=0,
        le=30,
        description="Longest time for a request to a client's server, name resolution included: for its keys, its "
        "logo, or to tell it of a sign-out.",
    )
    fetch_ca_file: Path | None = Field(
        None,
        description="Certificates (PEM) of authorities that clients' servers may have theirs from, beside those of "
        "the system.",
    )
    fetch_exceptions: Annotated[tuple[str, ...], NoDecode] = Field(
        (),
        description="Servers of clients that may be spoken to by http and at private addresses, each exactly as "
        "`host:port`, separated by commas. All others: https at public addresses. Refused in production.",
    )

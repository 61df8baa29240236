"""Settings: what the server asks of other servers because a client's registration names them."""

from pathlib import Path
from typing import Annotated

from pydantic import Field
from pydantic_settings import BaseSettings, NoDecode


class FetchSettings(BaseSettings):
    """Fetching"""

    fetch_timeout_seconds: float = Field(
        5,
        gt=0,
        le=30,
        description="Longest time for fetching a client's keys or logo, name resolution included.",
    )
    fetch_ca_file: Path | None = Field(
        None,
        description="Certificates (PEM) of authorities that are believed besides those of the system when something "
        "is fetched.",
    )
    fetch_exceptions: Annotated[tuple[str, ...], NoDecode] = Field(
        (),
        description="`host:port` of test set-ups, separated by commas: only there may what a client names be on a "
        "private address, or on http. Refused in production.",
    )

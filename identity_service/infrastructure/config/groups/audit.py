"""Settings: how the log of events is chained, and where what proves it is brought."""

from pathlib import Path

from pydantic import Field
from pydantic_settings import BaseSettings


class AuditSettings(BaseSettings):
    """Audit"""

    audit_checkpoint_seconds: int = Field(
        300,
        ge=0,
        le=86400,
        description="How often the head of the event log is signed. 0: by `audit checkpoint` only.",
    )
    audit_checkpoint_file: Path | None = Field(
        None,
        description="File that each checkpoint is appended to. Keep it where nobody who may write to the database can "
        "write: without such a copy, an owner of the database can rewrite its history.",
    )
    audit_checkpoint_directory: Path | None = Field(
        None,
        description="Directory in which each checkpoint becomes a file of its own, never overwritten: a mounted bucket "
        "with object lock, for example.",
    )
    audit_checkpoint_syslog: str = Field(
        "",
        description="Syslog server that each checkpoint is sent to: `udp://host:514`, `tcp://host:514` or "
        "`unix:///dev/log`.",
    )

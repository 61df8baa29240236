"""Settings: what operators see of the server, and how long rows are kept."""

from pathlib import Path
from typing import Literal

from pydantic import Field, SecretStr
from pydantic_settings import BaseSettings


class OperationSettings(BaseSettings):
    """Operation"""

    rate_limits: Literal["on", "off"] = Field(
        "on", description="`off` turns off every throttle and lock-out."
    )
    rate_limit_policy_file: Path | None = Field(
        None,
        description="A TOML file of the quotas of callers (docs/operations.md); a change of it holds within seconds. "
        "Without it, generous ones: `identity-service limits show`.",
    )
    log_level: Literal["debug", "info", "warning", "error"] = Field(
        "info", description="Least severe line shown."
    )
    log_format: Literal["json", "console"] = Field("json", description="`console` is for people.")
    access_log: bool = Field(False, description="One line for each request (costs time on every one).")
    metrics: Literal["off", "listener", "guarded"] = Field(
        "off",
        description="`listener` serves /metrics for Prometheus at METRICS_LISTEN, `guarded` beside everything else, "
        "to whoever shows METRICS_TOKEN.",
    )
    metrics_listen: str = Field(
        "127.0.0.1:9464",
        description="Where METRICS=listener listens. It asks nobody who they are: keep it from the public.",
    )
    metrics_token: SecretStr | None = Field(
        None,
        description="At least 32 characters that METRICS=guarded wants as a Bearer token. `openssl rand -hex 32`",
    )
    audit_token_issue: Literal["on", "off"] = Field(
        "off", description="`on` records an event for each access token that is issued."
    )
    purge_interval_seconds: int = Field(
        60, ge=0, le=86400, description="How often expired rows are deleted. 0: by `db purge` only."
    )
    event_retention_days: int = Field(400, ge=1, le=36500, description="How long events are kept.")
    deleted_retention_days: int = Field(
        30, ge=0, le=3650, description="How long deleted users and clients are kept before they are purged."
    )

"""Settings: how soon ended tokens are seen, and how much is remembered."""

from pydantic import Field
from pydantic_settings import BaseSettings


class LivenessSettings(BaseSettings):
    """Caches and the promise that ended tokens are seen within a second"""

    feed_interval_seconds: float = Field(
        0.2, gt=0, le=0.5, description="How often the feed of endings is read."
    )
    cached_tokens: int = Field(
        100_000, ge=0, le=10_000_000, description="Answers about tokens kept per process. 0: none."
    )
    cached_tokens_megabytes: int = Field(
        64, ge=1, le=100_000, description="Memory for these answers; the oldest make room."
    )
    ended_window_tags: int = Field(
        1_000_000,
        ge=1000,
        le=100_000_000,
        description="Endings remembered per process; with more, caches are dropped and each new token is looked up.",
    )
    stale_while_database_away_seconds: int = Field(
        0,
        ge=0,
        le=3600,
        description="While the database cannot be asked, answer from the cache for this long. Trades the promise "
        "about ended tokens for availability. 0: never.",
    )

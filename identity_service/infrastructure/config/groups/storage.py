"""Settings: where the server keeps what it keeps, and how long it waits for it."""

from pydantic import Field
from pydantic_settings import BaseSettings


class DatabaseSettings(BaseSettings):
    """Storage"""

    database_url: str = Field(
        "",
        repr=False,
        description="`postgresql://user:password@host/name` or `sqlite:///file`. Default: a file in DATA_DIR.",
    )
    database_read_url: str = Field(
        "",
        repr=False,
        description="What `serve --side query` reads from (it must be the primary; the right to SELECT is enough). "
        "Default: DATABASE_URL.",
    )
    database_pool_size: int = Field(
        10,
        ge=1,
        le=500,
        description="Connections per process for transactions, and as many for single statements.",
    )
    database_pool_timeout_seconds: float = Field(
        5, gt=0, le=60, description="Wait for a free connection; on SQLite also for the turn to write."
    )
    database_connect_timeout_seconds: float = Field(5, gt=0, le=60, description="Wait for a new connection.")
    database_statement_timeout_seconds: float = Field(
        5, gt=0, le=60, description="Longest time for one statement, or for a lock."
    )
    redis_url: str = Field(
        "",
        repr=False,
        description="`redis://host:6379/0`. Default: none, caches and throttles are per process.",
    )
    redis_timeout_seconds: float = Field(
        0.25, gt=0, le=5, description="Wait for Redis before going on without it."
    )

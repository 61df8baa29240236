"""Settings: how passwords are hashed."""

from typing import Literal

from pydantic import Field
from pydantic_settings import BaseSettings


class PasswordSettings(BaseSettings):
    """Passwords"""

    password_scheme: Literal["bcrypt", "argon2id"] = Field(
        "bcrypt", description="How new passwords are hashed; others are upgraded at the next sign-in."
    )
    bcrypt_cost: int = Field(12, ge=4, le=16, description="bcrypt's cost: each step doubles the time.")
    hashing_threads: int = Field(
        0,
        ge=0,
        le=256,
        description="Threads of a process that hash. 0: one per processor, shared out among the workers.",
    )
    hashing_max_wait_seconds: float = Field(
        10, gt=0, le=120, description="Predicted wait for a hash at which sign-ins are refused with 503."
    )

"""Settings: which passwords can be set, and how they are hashed."""

from pathlib import Path
from typing import Literal

from pydantic import Field
from pydantic_settings import BaseSettings


class PasswordSettings(BaseSettings):
    """Passwords"""

    password_min_length: int = Field(
        8, ge=8, le=64, description="How many characters a new password must have at least."
    )
    password_least_strength: int = Field(
        3,
        ge=0,
        le=4,
        description="How hard to guess a new password must be, by zxcvbn's score: 2 stands for 10^6 to 10^8 guesses, 3 "
        "for up to 10^10. 0: whatever it is.",
    )
    password_blocklist_file: Path | None = Field(
        None,
        description="Passwords that nobody may choose, one a line (UTF-8, at most 64 MiB), besides the 30,000 "
        "commonest ones that are refused anyway.",
    )
    password_breaches: Path | None = Field(
        None,
        description="Breached passwords: a file of lines SHA1:COUNT in order of digest, or a folder of files 00000.txt "
        "to FFFFF.txt with lines SUFFIX:COUNT.",
    )
    password_breach_url: str = Field(
        "",
        description="The same from a service: https://service.example/range is asked for /range/ and the first five "
        "digits of the SHA-1 digest. Where it does not answer, passwords are taken without.",
    )
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

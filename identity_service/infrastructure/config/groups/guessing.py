"""Settings: how often passwords and short secrets may be guessed wrong."""

from pydantic import Field
from pydantic_settings import BaseSettings


class GuessingSettings(BaseSettings):
    """Guessing"""

    guess_limit: int = Field(
        10,
        ge=1,
        le=1000,
        description="Wrong passwords, or secrets brought along, that one address (IPv6: one /64) or one known browser "
        "may try for one name within GUESS_WINDOW_SECONDS; after that it is answered 429.",
    )
    guess_window_seconds: int = Field(
        900,
        ge=1,
        le=86_400,
        description="For how long wrong guesses of one source count, from the first one on.",
    )
    guess_account_limit: int = Field(
        50,
        ge=1,
        le=100_000,
        description="Wrong guesses that all unfamiliar addresses together may make at one account within "
        "GUESS_ACCOUNT_WINDOW_SECONDS. Beyond that only GUESS_LIMIT of them are judged within GUESS_WINDOW_SECONDS, "
        "one a network, and the others are answered as wrong. Known browsers, and known addresses, have as many "
        "of their own.",
    )
    guess_account_window_seconds: int = Field(
        3600, ge=1, le=604_800, description="For how long the wrong guesses at one account count."
    )
    guess_known_days: int = Field(
        180,
        ge=0,
        le=400,
        description="For how long a browser, or an address, is known to an account after a sign-in: strangers who "
        "guess do not slow it. 0: nothing is known, and no cookie set.",
    )

"""What is told of guesses at a person's password."""

from datetime import datetime

from pydantic import BaseModel, ConfigDict


class GuessingView(BaseModel):
    """The last sum that was recorded: so many wrong ones, by sources of this kind, since their count began.

    `at` is when the last of them was, `address` where it came from.
    """

    model_config = ConfigDict(frozen=True, title="Guessing")

    at: datetime
    attempts: int
    sources: str
    address: str | None

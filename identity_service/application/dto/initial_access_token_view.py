"""What an operator sees of an initial access token; the token itself is handed over apart, once."""

from datetime import datetime
from typing import Self

from pydantic import BaseModel, ConfigDict

from identity_service.domain.entities.initial_access_token import InitialAccessToken


class InitialAccessTokenView(BaseModel):
    """One that was handed out: for how many clients it is (`uses`), and for how many it still is (`uses_left`)."""

    model_config = ConfigDict(frozen=True, title="InitialAccessToken")

    id: str
    note: str | None
    uses: int
    uses_left: int
    created_at: datetime
    expires_at: datetime
    revoked_at: datetime | None

    @classmethod
    def of(cls, token: InitialAccessToken) -> Self:
        """The view of this token."""
        return cls(**{name: getattr(token, name) for name in cls.model_fields})

"""What of a session leaves the system; never its cookie."""

from datetime import datetime
from typing import Self

from pydantic import BaseModel, ConfigDict, Field

from identity_service.domain.entities.session import Session
from identity_service.domain.value_objects.ids import SessionId


class SessionView(BaseModel):
    """A browser in which somebody is signed in. `id` is the `sid` of ID tokens; `current` says that the caller's own
    token comes from it."""

    model_config = ConfigDict(frozen=True, title="Session")

    id: str = Field(examples=["01997d5e-7c1a-7cc3-9d6f-0b5a3a0b8c77"])
    created_at: datetime
    last_seen_at: datetime
    expires_at: datetime
    auth_time: datetime = Field(description="When the person last proved who they are.")
    amr: tuple[str, ...] = Field(description="How they did (RFC 8176).", examples=[["pwd"]])
    acr: str = Field(examples=["urn:identity-service:acr:password"])
    user_agent: str | None = Field(
        examples=["Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0"]
    )
    address: str | None = Field(examples=["192.0.2.7"])
    current: bool

    @classmethod
    def of(cls, session: Session, *, current: SessionId | None = None) -> Self:
        """The view of this session, for a caller whose token comes from the session `current`."""
        return cls(
            id=session.id,
            created_at=session.created_at,
            last_seen_at=session.last_seen_at,
            expires_at=session.expires_at,
            auth_time=session.auth_time,
            amr=session.amr,
            acr=session.acr,
            user_agent=session.user_agent,
            address=session.address,
            current=session.id == current,
        )

"""What of a user leaves the system."""

from datetime import datetime
from typing import Self

from pydantic import BaseModel, ConfigDict, Field

from identity_service.domain.entities.user import User


class UserView(BaseModel):
    """A person's account as administrators and the person see it. `version` is what its ETag names."""

    model_config = ConfigDict(frozen=True, title="User")

    id: str = Field(examples=["01997d5e-7c1a-7cc3-9d6f-0b5a3a0b8c55"])
    username: str = Field(examples=["alice"])
    email: str | None = Field(examples=["alice@example.org"])
    email_verified: bool
    name: str | None = Field(examples=["Alice Liddell"])
    admin: bool
    active: bool
    created_at: datetime
    updated_at: datetime
    version: int = Field(exclude=True, repr=False)

    @classmethod
    def of(cls, user: User) -> Self:
        """The view of this user."""
        return cls(
            id=user.id,
            username=user.username.entered,
            email=None if user.email is None else user.email.address,
            email_verified=user.email_verified,
            name=user.name,
            admin=user.admin,
            active=user.active,
            created_at=user.created_at,
            updated_at=user.updated_at,
            version=user.version,
        )

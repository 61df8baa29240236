"""What of a user leaves the system."""

from dataclasses import asdict
from datetime import datetime
from typing import Self

from pydantic import BaseModel, ConfigDict, Field

from identity_service.domain.entities.user import User


class AddressView(BaseModel):
    """Where a person gets letters (OIDC Core §5.1.1)."""

    model_config = ConfigDict(frozen=True, title="Address")

    formatted: str | None
    street_address: str | None = Field(examples=["1 Main Street"])
    locality: str | None = Field(examples=["Oxford"])
    region: str | None
    postal_code: str | None = Field(examples=["OX1 1DP"])
    country: str | None = Field(examples=["United Kingdom"])


class UserView(BaseModel):
    """A person's account as administrators and the person see it; what people say of themselves is named as the
    claims of OIDC Core §5.1 are. `version` is what its ETag names."""

    model_config = ConfigDict(frozen=True, title="User")

    id: str = Field(examples=["01997d5e-7c1a-7cc3-9d6f-0b5a3a0b8c55"])
    username: str = Field(examples=["alice"])
    email: str | None = Field(examples=["alice@example.org"])
    email_verified: bool
    name: str | None = Field(examples=["Alice Liddell"])
    given_name: str | None = Field(examples=["Alice"])
    family_name: str | None = Field(examples=["Liddell"])
    middle_name: str | None
    nickname: str | None
    profile: str | None = Field(examples=["https://alice.example/about"])
    picture: str | None = Field(examples=["https://alice.example/me.png"])
    website: str | None = Field(examples=["https://alice.example"])
    gender: str | None
    birthdate: str | None = Field(examples=["1852-05-04"])
    zoneinfo: str | None = Field(examples=["Europe/London"])
    locale: str | None = Field(examples=["en-GB"])
    phone_number: str | None = Field(examples=["+441865276150"])
    phone_number_verified: bool
    address: AddressView | None
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
            **asdict(user.profile),
            admin=user.admin,
            active=user.active,
            created_at=user.created_at,
            updated_at=user.updated_at,
            version=user.version,
        )

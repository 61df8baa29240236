"""What of a consent leaves the system."""

from datetime import datetime
from typing import Self

from pydantic import BaseModel, ConfigDict, Field

from identity_service.domain.entities.client import Client
from identity_service.domain.entities.consent import Consent


class ConsentView(BaseModel):
    """What a person has agreed that a client may have. `client_name` is null where the client is gone,
    `initiate_login_uri` where it has none or may ask nobody now."""

    model_config = ConfigDict(frozen=True, title="Consent")

    client_id: str = Field(examples=["01997d5e-7c1a-7cc3-9d6f-0b5a3a0b8c66"])
    client_name: str | None = Field(examples=["Shop"])
    initiate_login_uri: str | None = Field(
        description="Where the client begins a sign-in that somebody else asks for (OIDC Core §4).",
        examples=["https://shop.example/login"],
    )
    scope: str = Field(examples=["openid profile email"])
    claims: tuple[str, ...] = Field(
        description="Single claims (OIDC Core §5.5).", examples=[["phone_number"]]
    )
    updated_at: datetime

    @classmethod
    def of(cls, consent: Consent, client: Client | None) -> Self:
        """The view of what was agreed to about this client."""
        return cls(
            client_id=consent.client_id,
            client_name=None if client is None else client.client_name,
            initiate_login_uri=(
                client.metadata.get("initiate_login_uri") if client and client.active else None
            ),
            scope=str(consent.scope),
            claims=tuple(sorted(consent.claims)),
            updated_at=consent.updated_at,
        )

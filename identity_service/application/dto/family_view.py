"""What of a token family leaves the system; never a token of it, nor a digest."""

from datetime import datetime
from typing import Self

from pydantic import BaseModel, ConfigDict, Field

from identity_service.domain.entities.origin import Noted
from identity_service.domain.entities.token import FamilyRecord
from identity_service.domain.services.refresh_risk import score


class FindingView(BaseModel):
    """Something suspicious about a refresh."""

    model_config = ConfigDict(frozen=True, title="Finding")

    name: str = Field(examples=["device"])
    points: int = Field(examples=[40])
    why: str = Field(examples=["Another program or device than before presented the refresh token."])
    at: datetime = Field(description="When it was last found.")

    @classmethod
    def of(cls, noted: Noted) -> Self:
        """The view of what was noted."""
        return cls(**noted.finding._asdict(), at=noted.at)


class FamilyView(BaseModel):
    """All tokens that go back to one authorization. `id` is the `fid` of its access tokens, `session_id` their `sid`.

    `alive` says whether its tokens may still be used; one that is not says why where it was ended by itself, and not
    with its person, its client or everything.
    """

    model_config = ConfigDict(frozen=True, title="TokenFamily")

    id: str = Field(examples=["01997d5e-9d44-7b0a-8c36-5f1e2d3c4b5a"])
    client_id: str = Field(examples=["01997d5e-1f0a-7d11-a5a4-6b1c2d3e4f50"])
    client_name: str = Field(examples=["Shop"])
    user_id: str = Field(examples=["01997d5e-02b1-7c55-9f2e-0f4b5a6c7d8e"])
    username: str = Field(examples=["alice"])
    session_id: str | None = Field(
        description="The browser's session in which the person agreed; null where there was none.",
        examples=["01997d5e-7c1a-7cc3-9d6f-0b5a3a0b8c77"],
    )
    scope: str = Field(examples=["openid profile offline_access"])
    offline: bool = Field(description="Whether it was given to outlive its session (`offline_access`).")
    auth_time: datetime = Field(description="When the person had last proved who they are.")
    amr: tuple[str, ...] = Field(description="How they did (RFC 8176).", examples=[["pwd"]])
    created_at: datetime
    last_used_at: datetime | None = Field(
        description="When it was last refreshed; null before the first time."
    )
    expires_at: datetime
    address: str | None = Field(
        description="Where its tokens were asked for, until they were asked for from another network or device.",
        examples=["192.0.2.7"],
    )
    user_agent: str | None = Field(examples=["shop/3.2 CFNetwork/1410.0.3 Darwin/22.6.0"])
    risk: int = Field(
        description="Points of the findings, as they were when the last was made.", examples=[50]
    )
    findings: tuple[FindingView, ...]
    alive: bool
    ended_at: datetime | None
    ended_reason: str | None = Field(examples=["replay"])

    @classmethod
    def of(cls, record: FamilyRecord) -> Self:
        """The view of this family."""
        state, family = record.state, record.state.family
        return cls(
            id=family.id,
            client_id=family.client_id,
            client_name=record.client_name,
            user_id=family.user_id,
            username=state.username,
            session_id=family.session_id,
            scope=str(family.scope),
            offline="offline_access" in family.scope,
            auth_time=family.auth_time,
            amr=family.amr,
            created_at=state.started_at,
            last_used_at=record.last_used_at,
            expires_at=state.expires_at,
            address=family.origin.address,
            user_agent=family.origin.user_agent,
            risk=score(record.noted),
            findings=tuple(map(FindingView.of, record.noted)),
            alive=state.alive,
            ended_at=record.ended_at,
            ended_reason=record.ended_reason,
        )

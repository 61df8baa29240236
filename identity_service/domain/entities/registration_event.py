"""What can happen around clients that register themselves, besides what happens to all clients (`event.py`)."""

from dataclasses import dataclass

from identity_service.domain.entities.event import Event


@dataclass(frozen=True, slots=True, kw_only=True)
class _InitialAccessTokenEvent(Event):
    initial_access_token_id: str


@dataclass(frozen=True, slots=True, kw_only=True)
class InitialAccessTokenCreated(_InitialAccessTokenEvent):
    name = "initial_access_token.created"
    uses: int


@dataclass(frozen=True, slots=True, kw_only=True)
class InitialAccessTokenRevoked(_InitialAccessTokenEvent):
    name = "initial_access_token.revoked"

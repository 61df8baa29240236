"""A person who is signed in with a browser."""

from dataclasses import dataclass
from datetime import datetime

from identity_service.domain.value_objects.ids import SessionId, UserId

MOST_USER_AGENT = 300
"""Characters kept of what a browser says of itself."""


@dataclass(frozen=True, slots=True, kw_only=True)
class NewSession:
    """A sign-in that is to become a session, under the epochs that it saw. `lifetime_seconds` is absolute."""

    id: SessionId
    user_id: UserId
    server_epoch: int
    user_epoch: int
    auth_time: datetime
    amr: tuple[str, ...]
    acr: str
    user_agent: str | None
    address: str | None
    lifetime_seconds: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Session:
    """A session that is alive, as one statement of the database saw it, with the person it belongs to.

    `id` is the `sid` of ID tokens; `auth_time` is the last time that the person proved who they are.
    """

    id: SessionId
    user_id: UserId
    username: str
    user_is_admin: bool
    server_epoch: int
    user_epoch: int
    auth_time: datetime
    amr: tuple[str, ...]
    acr: str
    user_agent: str | None
    address: str | None
    created_at: datetime
    last_seen_at: datetime
    expires_at: datetime

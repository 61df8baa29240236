"""A person who can sign in."""

from dataclasses import dataclass, field
from datetime import datetime

from identity_service.domain.value_objects.email import Email
from identity_service.domain.value_objects.ids import UserId
from identity_service.domain.value_objects.profile import Profile
from identity_service.domain.value_objects.username import Username


@dataclass(frozen=True, slots=True, kw_only=True)
class User:
    """A person's account.

    `epoch` is raised by everything that ends what the account gave before (deactivation, a new password, …);
    `version` counts changes of the row and is what an ETag names.
    """

    id: UserId
    username: Username
    email: Email | None
    email_verified: bool
    name: str | None
    profile: Profile = field(default_factory=Profile)
    password_hash: str | None = field(repr=False)
    admin: bool
    active: bool
    epoch: int
    version: int
    created_at: datetime
    updated_at: datetime

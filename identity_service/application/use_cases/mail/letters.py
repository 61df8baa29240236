"""Which letters people get of what happened to their accounts, and where to.

A letter goes to an address that the account has shown to be its own, and to no other: what stands in a form, or was
never verified, may be a stranger's.
"""

from collections.abc import Mapping
from typing import Any, Final

from identity_service.domain.entities.message import NewMessage
from identity_service.domain.entities.user import User

MAIL: Final = "mail"
PASSWORD_CHANGED: Final = "password_changed"
EMAIL_CHANGED: Final = "email_changed"
LIFE_SECONDS: Final = 3 * 86_400
"""A warning that comes after so long is none any more."""


def password_changed(user: User) -> list[NewMessage]:
    """That the account has another password."""
    return _letter(PASSWORD_CHANGED, user)


def email_changed(before: User, changed: Mapping[str, Any]) -> list[NewMessage]:
    """To the address that the account had `before`, where these changes are to give it another one, or none."""
    return _letter(EMAIL_CHANGED, before) if "email" in changed else []


def _letter(name: str, user: User) -> list[NewMessage]:
    """None for whoever has no verified address."""
    if user.email is None or not user.email_verified:
        return []
    payload = {
        "letter": name,
        "to": f"{user.email.address.rpartition('@')[0]}@{user.email.key.rpartition('@')[2]}",
        "language": user.profile.locale,
        "values": {"username": user.username.entered},
    }
    return [NewMessage(kind=MAIL, recipient=user.id, payload=payload, life_seconds=LIFE_SECONDS)]

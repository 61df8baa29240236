"""Where something that can be guessed is compared: every such place is a door, and has a line here.

A new way to prove who one is (a one-time code, a recovery code, a link to reset a password, a user code of the device
grant) is a member more, and its comparison happens within `Throttle.attempt`. `tests/architecture` finds comparisons
that are behind no door, `tests/protocol/test_doors.py` walks the table and tries every door.
"""

from enum import StrEnum


class Door(StrEnum):
    """What a caller can be asked at; the value names it in metrics. Doors to one secret share what is counted."""

    PASSWORD_GRANT = "password_grant"
    """A person's password, at the token endpoint (RFC 6749 §4.3)."""
    LOGIN_PAGE = "login_page"
    """A person's password, on the page."""
    CURRENT_PASSWORD = "current_password"
    """A person's password once more, from whoever holds their token or session: API and account home."""
    CLIENT_SECRET = "client_secret"
    """A client's secret that was brought along, and may be a word. Secrets of our making have 256 random bits."""

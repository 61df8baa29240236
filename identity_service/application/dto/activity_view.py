"""What of an event its person is shown."""

from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class ActivityView:
    """Something that happened to an account.

    Attributes:
        name: that of the event.
        variant: tells apart what has one name: the reason of an ending, the grant of a sign-in, or `administrator` for
            what somebody else did; empty for the rest.
        client_name: the application that had a part in it, if it is still there.
        address: where it came from, as far as that was recorded.
    """

    name: str
    variant: str
    at: datetime
    client_name: str | None
    address: str | None
    user_agent: str | None

"""Which kinds of identifier there are, and what text from outside can be one of ours."""

import re
from typing import NewType

UserId = NewType("UserId", str)
ClientId = NewType("ClientId", str)
FamilyId = NewType("FamilyId", str)
"""One sign-in and everything refreshed from it."""
TokenId = NewType("TokenId", str)
"""`jti` of an access token."""
EventId = NewType("EventId", str)
SessionId = NewType("SessionId", str)
"""One sign-in of a person in a browser; `sid` in ID tokens."""
InteractionId = NewType("InteractionId", str)
"""One authorization request while a person is asked about it."""
MessageId = NewType("MessageId", str)
"""Something that waits in the outbox."""
InitialAccessTokenId = NewType("InitialAccessTokenId", str)
"""What lets a program register itself (RFC 7591 §3)."""

_UUID = re.compile(r"[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}")


def is_uuid(text: str) -> bool:
    """Whether the text has the one spelling we give out: lower case, hyphens, ASCII digits.

    RFC 9562 §4 lets readers accept more spellings. Then databases would disagree: one compares UUIDs, another
    text. A spelling of another kind is simply no identifier of ours.
    """
    return _UUID.fullmatch(text) is not None

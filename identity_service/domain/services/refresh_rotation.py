"""What becomes of a refresh token that somebody else spent first."""

from enum import Enum

from identity_service.domain.entities.token import RefreshTokenState

PURPOSE = "refresh-successor"
"""Names the key that successors are derived under."""


class Fate(Enum):
    """What the presenter of a token gets."""

    DEAD = "the token never lived, or all that it belonged to is over"
    REPEAT = "the same successor once more"
    REPLAY = "nothing, and the family ends"


def judge_spent(token: RefreshTokenState) -> Fate:
    """Decides for a token that is already spent (RFC 9700 §4.14.2; the grace is a promise of ours).

    The same successor is given again only while everything it hangs on lives, nobody has used the successor, and the
    grace, by the database's clock, is open. A token of a family that is over changes nothing any more.
    """
    if not token.state.alive:
        return Fate.DEAD
    repeatable = token.grace_open and not token.successor_spent and token.nonce is not None
    return Fate.REPEAT if repeatable else Fate.REPLAY

"""A server with one defect, chosen by name: `python -m tests.model.broken DEFECT PORT`.

Each takes away one thing that the promise about ended tokens rests on. The judge has to notice every one of them.
"""

import sys
from collections.abc import Callable
from typing import Any

from identity_service.adapters.sql import endings_feed
from identity_service.application.liveness.ended_tokens import EndedTokens
from identity_service.application.liveness.ended_window import EndedWindow
from identity_service.application.liveness.lease import Lease
from identity_service.domain.entities.event import UserDeactivated
from identity_service.server.run import serve

NEWEST = "SELECT (SELECT coalesce(max(sequence), 0) FROM endings)::text AS cursor, '' AS origin"
LATER = ", ARRAY(SELECT tag FROM endings WHERE sequence > $2 AND $1::text <> '') AS tags"


def window_not_consulted() -> None:
    """What ended is noted, and nobody looks."""
    _replace(EndedWindow, "ended_since", lambda self, mark, tags: False)


def ended_tokens_not_consulted() -> None:
    """What is not known to have ended is alive, and nothing ever is."""
    _replace(EndedTokens, "may_have", lambda self, tags: False)


def lease_ignored() -> None:
    """What is remembered is given although nobody knows what has ended since."""
    _replace(Lease, "held", property(lambda self: True))


def feed_read_by_sequence() -> None:
    """Rows are asked for by number, and the number is given before the commit."""
    _replace(endings_feed, "STANDING", NEWEST)
    _replace(endings_feed, "NEW_ROWS", LATER)


def event_without_its_ending() -> None:
    """A class of events says that it ends nothing."""
    _replace(UserDeactivated, "endings", lambda self: ())


DEFECTS: dict[str, Callable[[], None]] = {
    defect.__name__: defect
    for defect in (
        window_not_consulted,
        ended_tokens_not_consulted,
        lease_ignored,
        feed_read_by_sequence,
        event_without_its_ending,
    )
}


def _replace(owner: Any, name: str, value: Any) -> None:
    getattr(owner, name)  # a defect in what is not there would break nothing
    setattr(owner, name, value)


if __name__ == "__main__":
    DEFECTS[sys.argv[1]]()
    sys.exit(serve(port=int(sys.argv[2])))

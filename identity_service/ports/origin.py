"""Where what happens comes from: set at the rim for each request, and read by whoever writes down what happened."""

from contextvars import ContextVar
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Origin:
    """A request: its id, and the address of its caller where there is one."""

    request_id: str
    address: str | None


ORIGIN: ContextVar[Origin | None] = ContextVar("origin", default=None)
"""Of the request that this task serves; None for the command line and for work in the background."""

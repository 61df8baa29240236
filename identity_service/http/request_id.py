"""The id of a request: taken from the caller or made here, in the answer and on every log line."""

import re
from contextvars import ContextVar
from time import perf_counter
from typing import Final, NamedTuple

from starlette.requests import Request
from starlette.types import Scope
from uuid_utils import uuid4

CURRENT: ContextVar[str | None] = ContextVar("request_id", default=None)
"""The id of the request that this task serves."""
ACCEPTABLE = re.compile(rb"[A-Za-z0-9._:/=+-]{1,128}")

BEGUN: Final = "begun"


class Begun(NamedTuple):
    """A request: its id, and when (`perf_counter`) it was taken up. Whoever takes one up puts the caller's address into
    `scope["client"]` first."""

    id: str
    started: float


def begun(scope: Scope) -> Begun:
    """Now, unless a door has taken it up before and left that in its state."""
    known: Begun | None = scope.setdefault("state", {}).get(BEGUN)
    return known or Begun(choose(scope), perf_counter())


def request_id(request: Request) -> str:
    """The id that the middleware gave the request."""
    return str(request.scope.get("state", {}).get("request_id", ""))


def choose(scope: Scope) -> str:
    """The caller's `X-Request-ID` if it is short and harmless in a log, else a new one."""
    given = [value for name, value in scope["headers"] if name == b"x-request-id"]
    if len(given) == 1 and ACCEPTABLE.fullmatch(given[0]):
        return given[0].decode("ascii")  # type: ignore[no-any-return]  # header values are untyped in a Scope
    return new_id()


def new_id() -> str:
    """32 hexadecimal digits that nobody has had before."""
    return uuid4().hex

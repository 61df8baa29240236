"""What the server signs about its log: checkpoints, and that retention has removed the beginning."""

import json
from base64 import b64decode, b64encode
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal, get_args

from identity_service.domain.audit.entry import Head, framed
from identity_service.domain.audit.merkle import HASH_BYTES, fits

Kind = Literal["checkpoint", "removal"]
_SIGNED = b"identity-service audit statement 1"
_TYPE = "identity-service audit {}"
LONGEST_LINE = 8192
"""Bytes; a real one has some two thousand at most."""


class NotAStatement(ValueError):
    """The text is no statement. It says why, and repeats nothing of the text."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Statement:
    """`checkpoint`: at that moment the log had this head. `removal`: the entries up to this head were checked, and then
    removed because they were older than is kept; the last of them was from before `until`.

    `kid` names the audit key that signs it.
    """

    kind: Kind
    head: Head
    made_at: datetime
    kid: str
    until: datetime | None = None
    signature: bytes = b""

    def signed_bytes(self) -> bytes:
        """What is signed: every member."""
        return framed(
            _SIGNED,
            self.kind.encode(),
            self.head.size.to_bytes(8, "big"),
            self.head.link,
            b"".join(self.head.frontier),
            self.made_at.isoformat().encode(),
            None if self.until is None else self.until.isoformat().encode(),
            self.kid.encode(),
        )

    def line(self) -> str:
        """One line of JSON, without its end."""
        members: dict[str, Any] = {
            "type": _TYPE.format(self.kind),
            "size": self.head.size,
            "root": _text(self.head.root),
            "link": _text(self.head.link),
            "frontier": [_text(root) for root in self.head.frontier],
            "made_at": self.made_at.isoformat(),
            "kid": self.kid,
            "signature": _text(self.signature),
        }
        if self.until is not None:
            members["until"] = self.until.isoformat()
        return json.dumps(members, separators=(",", ":"))


def parse_statement(line: str) -> Statement:
    """A statement as `line()` wrote it; whatever stands before its brace is left out, as syslog puts a head there.

    Its signature is not judged here. Raises NotAStatement.
    """
    if len(line) > LONGEST_LINE:
        raise NotAStatement("it is too long")
    _, brace, rest = line.partition("{")
    try:
        members = json.loads(brace + rest)
        statement = _statement(members)
    except (ValueError, KeyError, TypeError, OverflowError, RecursionError, AttributeError, StopIteration):
        raise NotAStatement("it is not a line that the server wrote") from None
    if not fits(statement.head.frontier, statement.head.size):
        raise NotAStatement("its frontier is not that of a tree of its size")
    if _text(statement.head.root) != members["root"]:
        raise NotAStatement("its root is not that of its frontier")
    return statement


def _statement(members: Mapping[str, Any]) -> Statement:
    kind = next(kind for kind in get_args(Kind) if members["type"] == _TYPE.format(kind))
    return Statement(
        kind=kind,
        head=Head(
            size=_size(members["size"]),
            link=_bytes(members["link"], HASH_BYTES),
            frontier=tuple(_bytes(root, HASH_BYTES) for root in members["frontier"]),
        ),
        made_at=_moment(members["made_at"]),
        kid=str(members["kid"]),
        until=_moment(members["until"]) if "until" in members else None,
        signature=_bytes(members["signature"], 64),
    )


def _size(value: Any) -> int:
    if type(value) is not int or not 0 <= value < 1 << 63:
        raise ValueError("no size")
    return value


def _moment(text: str) -> datetime:
    moment = datetime.fromisoformat(text)
    if moment.tzinfo is None:
        raise ValueError("no zone")
    return moment


def _bytes(text: str, length: int) -> bytes:
    value = b64decode(text, validate=True)
    if len(value) != length:
        raise ValueError("another length")
    return value


def _text(value: bytes) -> str:
    return b64encode(value).decode("ascii")

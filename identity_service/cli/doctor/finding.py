"""What the doctor says of one thing it looked at."""

from dataclasses import dataclass
from enum import IntEnum


class Status(IntEnum):
    """The worse, the higher."""

    OK = 0
    WARN = 1
    FAIL = 2


@dataclass(frozen=True, slots=True)
class Finding:
    """`text` is one line on what was found, `mend` one on what to do about it; nothing is to be done about OK."""

    check: str
    status: Status
    text: str
    mend: str = ""

    def as_json(self) -> dict[str, str]:
        """For programs."""
        return {
            "check": self.check,
            "status": self.status.name.lower(),
            "text": self.text,
            "mend": self.mend,
        }


def ok(check: str, text: str) -> Finding:
    """All is well."""
    return Finding(check, Status.OK, text)


def warn(check: str, text: str, mend: str) -> Finding:
    """The server works, but somebody should know."""
    return Finding(check, Status.WARN, text, mend)


def fail(check: str, text: str, mend: str) -> Finding:
    """The server does not work, or not as promised."""
    return Finding(check, Status.FAIL, text, mend)

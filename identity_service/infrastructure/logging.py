"""How log lines look: one line each, with the request's id, and nothing in them by which a caller could forge one.

The standard library writes them. A library for it would bring its terminals and colours into every worker (0031).
"""

import json
import logging
import re
import sys
from datetime import UTC, datetime
from typing import Any, Literal, TextIO

from identity_service.http.request_id import CURRENT

HOUSE = "identity_service"
OURS = (HOUSE, "uvicorn")
LEVELS = {"debug": 10, "info": 20, "warning": 30, "error": 40}

Fields = dict[str, Any]
USUAL = frozenset(vars(logging.makeLogRecord({}))) | {"message", "asctime", "color_message"}
"""What every record has; uvicorn says its lines twice, the second time in colour."""
# Callers put secrets where names belong (swapped credentials, a token as a scope), and names are logged.
SECRETS = re.compile(r"(ids_|idr_|eyJ)[A-Za-z0-9_.-]{16,}")


def configure_logging(
    *, level: str = "info", form: Literal["json", "console"] = "json", stream: TextIO | None = None
) -> None:
    """Send the lines of every logger of this process to `stream` (standard error), and nowhere else.

    `debug` holds for our own loggers only: those of libraries would show statements with their values.
    """
    handler = logging.StreamHandler(stream or sys.stderr)
    handler.setFormatter(JsonLines() if form == "json" else ConsoleLines())
    root = logging.getLogger()
    root.handlers[:] = [handler]
    root.setLevel(max(LEVELS[level], logging.WARNING))
    logging.captureWarnings(True)
    _let_through(LEVELS[level])


def _let_through(level: int) -> None:
    logging.getLogger(HOUSE).setLevel(level)
    for name in ("uvicorn", "uvicorn.error", "uvicorn.access", "uvicorn.asgi"):
        logger = logging.getLogger(name)
        logger.handlers.clear()
        logger.propagate = True
        logger.setLevel(max(level, logging.INFO))
    logging.getLogger("uvicorn.access").setLevel(logging.CRITICAL)  # shows queries; ours does not


class JsonLines(logging.Formatter):
    """For machines. ASCII only: line separators, direction marks and lone surrogates come out escaped."""

    def format(self, record: logging.LogRecord) -> str:
        """The line, without its end."""
        line = json.dumps(_fields(self, record), default=repr)
        return line.replace("\x7f", "\\u007f")  # JSON leaves one control character as it is


class ConsoleLines(logging.Formatter):
    """For people's terminals: no control character, no direction mark, and no line that looks like another one."""

    def format(self, record: logging.LogRecord) -> str:
        """The line, and under it a trace, if there is one."""
        fields = _fields(self, record)
        time, level, logger = fields.pop("timestamp"), fields.pop("level"), fields.pop("logger")
        message, trace = fields.pop("message"), fields.pop("exception", None)
        added = "".join(f" {name}={escaped(str(value))}" for name, value in fields.items())
        line = f"{time} [{level}] {escaped(message)}{added} [{logger}]"
        return line if trace is None else "\n".join([line, *_indented(trace)])


def _fields(formatter: logging.Formatter, record: logging.LogRecord) -> Fields:
    """What is said, in the order in which it is read; a trace as text, without the values of variables."""
    fields: Fields = {
        "timestamp": datetime.fromtimestamp(record.created, UTC).isoformat().replace("+00:00", "Z"),
        "level": record.levelname.lower(),
        "logger": record.name,
        "message": record.getMessage(),
    }
    fields |= {name: value for name, value in vars(record).items() if name not in USUAL}
    if (id_ := CURRENT.get()) is not None:
        fields["request_id"] = id_
    if record.exc_info:
        fields["exception"] = formatter.formatException(record.exc_info)
    return {name: _redacted(value) for name, value in fields.items()}


def _redacted(value: Any) -> Any:
    """What has the form of a secret or a token of ours is not written, whoever put it where."""
    return SECRETS.sub(r"\1[redacted]", value) if isinstance(value, str) else value


def _indented(trace: str) -> list[str]:
    return [f"  | {escaped(line)}" for line in trace.split("\n")]


def escaped(text: str) -> str:
    """The text with everything that is not printable as an escape sequence."""
    if text.isprintable():
        return text
    return "".join(
        character if character.isprintable() else character.encode("unicode_escape").decode()
        for character in text
    )

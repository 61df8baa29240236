"""How log lines look: one line each, with the request's id, and nothing in them by which a caller could forge one."""

import logging
import re
import sys
from collections.abc import MutableMapping
from typing import Any, Literal, TextIO

import structlog

from identity_service.http.request_id import CURRENT

HOUSE = "identity_service"
OURS = (HOUSE, "uvicorn")
LEVELS = {"debug": 10, "info": 20, "warning": 30, "error": 40}

Fields = MutableMapping[str, Any]
# Callers put secrets where names belong (swapped credentials, a token as a scope), and names are logged.
SECRETS = re.compile(r"(ids_|idr_|eyJ)[A-Za-z0-9_.-]{16,}")


def configure_logging(
    *, level: str = "info", form: Literal["json", "console"] = "json", stream: TextIO | None = None
) -> None:
    """Send the lines of every logger of this process to `stream` (standard error), and nowhere else.

    `debug` holds for our own loggers only: those of libraries would show statements with their values.
    """
    handler = logging.StreamHandler(stream or sys.stderr)
    handler.setFormatter(
        structlog.stdlib.ProcessorFormatter(
            foreign_pre_chain=[
                structlog.stdlib.add_log_level,
                structlog.stdlib.add_logger_name,
                structlog.stdlib.ExtraAdder(),
                structlog.processors.TimeStamper(fmt="iso", utc=True),
            ],
            processors=[
                structlog.stdlib.ProcessorFormatter.remove_processors_meta,
                _add_request_id,
                _drop_decoration,
                _redact,
                structlog.processors.format_exc_info,  # the trace as text, without the values of variables
                *_rendering(form),
            ],
        )
    )
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


def _rendering(form: str) -> list[Any]:
    if form == "json":
        # ASCII only: line separators, direction marks and lone surrogates come out escaped.
        return [
            structlog.processors.EventRenamer("message"),
            structlog.processors.JSONRenderer(ensure_ascii=True),
            _one_line,
        ]
    return [_escape_every_text, structlog.dev.ConsoleRenderer(colors=False)]


def _redact(logger: Any, method: str, fields: Fields) -> Fields:
    """What has the form of a secret or a token of ours is not written, whoever put it where."""
    for name, value in fields.items():
        if isinstance(value, str):
            fields[name] = SECRETS.sub(r"\1[redacted]", value)
    return fields


def _add_request_id(logger: Any, method: str, fields: Fields) -> Fields:
    if (id_ := CURRENT.get()) is not None:
        fields["request_id"] = id_
    return fields


def _drop_decoration(logger: Any, method: str, fields: Fields) -> Fields:
    fields.pop("color_message", None)  # uvicorn says its lines twice
    return fields


def _one_line(logger: Any, method: str, line: str) -> str:
    """JSON leaves one control character as it is."""
    return line.replace("\x7f", "\\u007f")


def _escape_every_text(logger: Any, method: str, fields: Fields) -> Fields:
    """For people's terminals: no control character, no direction mark, and no line that looks like another one."""
    for name, value in fields.items():
        if name == "exception":
            fields[name] = "\n".join(f"  | {escaped(line)}" for line in str(value).split("\n"))
        elif isinstance(value, str):
            fields[name] = escaped(value)
    return fields


def escaped(text: str) -> str:
    """The text with everything that is not printable as an escape sequence."""
    if text.isprintable():
        return text
    return "".join(
        character if character.isprintable() else character.encode("unicode_escape").decode()
        for character in text
    )

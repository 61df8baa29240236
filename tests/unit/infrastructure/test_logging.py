"""How log lines look, and that nobody can forge one (attack 40)."""

import io
import json
import logging
from collections.abc import Iterator
from typing import Any

import pytest

from identity_service.http.request_id import CURRENT
from identity_service.infrastructure.logging import configure_logging

FORGED = 'in\r\n{"message": "forged"}\x1b[2J\x85\u2028\u202e\x7f\x00\ud800'


@pytest.fixture
def restored() -> Iterator[None]:
    """What the process had before."""
    names = ("", "identity_service", "uvicorn", "uvicorn.error", "uvicorn.access", "uvicorn.asgi")
    loggers = [logging.getLogger(name) for name in names]
    before = [(logger, logger.level, list(logger.handlers), logger.propagate) for logger in loggers]
    yield
    logging.captureWarnings(False)
    for logger, level, handlers, propagate in before:
        logger.setLevel(level)
        logger.handlers[:] = handlers
        logger.propagate = propagate


@pytest.fixture(params=["json", "console"])
def form(request: pytest.FixtureRequest, restored: None) -> Any:
    return request.param


def configured(form: Any, level: str = "info") -> io.StringIO:
    stream = io.StringIO()
    configure_logging(level=level, form=form, stream=stream)
    return stream


def test_a_line_of_json_has_time_level_logger_message_and_what_was_added(restored: None) -> None:
    stream = configured("json")
    logging.getLogger("identity_service.x").info("a %s", "line", extra={"status": 200})
    line = json.loads(stream.getvalue())
    assert line.pop("timestamp").endswith("Z")
    assert line == {"message": "a line", "level": "info", "logger": "identity_service.x", "status": 200}


def test_every_line_of_a_request_has_its_id_and_no_other_line_has_one(restored: None) -> None:
    stream = configured("json")
    token = CURRENT.set("request-7")
    logging.getLogger("uvicorn.error").info("within")
    CURRENT.reset(token)
    logging.getLogger("uvicorn.error").info("outside")
    within, outside = (json.loads(line) for line in stream.getvalue().splitlines())
    assert within["request_id"] == "request-7"
    assert "request_id" not in outside


def test_attack_40_control_characters_and_line_breaks_come_out_escaped(form: Any) -> None:
    stream = configured(form)
    logging.getLogger("identity_service").warning("about %s", FORGED, extra={"detail": FORGED})
    text = stream.getvalue()
    assert text.endswith("\n")
    assert text[:-1].isprintable()
    assert len(text.splitlines()) == 1


def test_attack_40_the_text_of_an_exception_forges_no_line_either(form: Any) -> None:
    stream = configured(form)
    try:
        raise ValueError(FORGED)
    except ValueError:
        logging.getLogger("identity_service").exception("a request failed")
    lines = stream.getvalue().split("\n")[:-1]
    assert all(line.isprintable() for line in lines)
    if form == "json":
        (line,) = lines
        assert "ValueError" in json.loads(line)["exception"]
    else:
        assert all(line.startswith("  | ") for line in lines[1:])


def test_debug_is_for_our_own_loggers_only(form: Any) -> None:
    stream = configured(form, "debug")
    for name in ("aiosqlite", "sqlalchemy.engine", "asyncio", "redis", "httpx2"):
        logging.getLogger(name).info("a library shows its values")
    assert stream.getvalue() == ""
    logging.getLogger("identity_service.application").debug("we do not")
    assert "we do not" in stream.getvalue()


def test_a_level_leaves_out_what_is_below(form: Any) -> None:
    stream = configured(form, "error")
    logging.getLogger("identity_service").warning("below")
    logging.getLogger("uvicorn.error").warning("below")
    assert stream.getvalue() == ""
    logging.getLogger("identity_service").error("above")
    assert "above" in stream.getvalue()


def test_uvicorns_own_access_log_which_shows_queries_stays_silent(form: Any) -> None:
    stream = configured(form, "debug")
    logging.getLogger("uvicorn.access").info('"GET /?token=geheim HTTP/1.1" 200')
    assert stream.getvalue() == ""


def test_variables_of_a_trace_are_not_shown(form: Any) -> None:
    stream = configured(form)

    def fails(password: str) -> None:
        raise RuntimeError("for a reason")

    try:
        fails("gehe" + "im")
    except RuntimeError:
        logging.getLogger("identity_service").exception("a request failed")
    assert "geheim" not in stream.getvalue()
    assert "for a reason" in stream.getvalue()


@pytest.mark.parametrize(
    "secret", ["ids_" + "A" * 48, "idr_" + "b-_9" * 12, "eyJhbGciOiJSUzI1NiJ9.eyJzdWIiOiJ4In0.c2ln"]
)
def test_attack_25_what_looks_like_a_secret_is_not_written_whoever_put_it_where(
    form: Any, secret: str
) -> None:
    stream = configured(form)
    logging.getLogger("identity_service.x").info(
        "refused %s", secret, extra={"detail": f"client {secret!r}: unknown"}
    )
    assert secret not in stream.getvalue()
    assert stream.getvalue().count("[redacted]") == 2

"""How the demo runs: on its own, or beside the server that it signs people in with."""

import logging
import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress

import uvicorn

from identity_service.demo.app import create_app
from identity_service.demo.party import Party

THREAD = "demo"
PATIENCE_SECONDS = 3.0
"""For answers under way when it is told to stop: nothing of the demo is worth waiting for."""


def serve(party: Party, listener: socket.socket) -> None:
    """Serves until Ctrl+C or SIGTERM."""
    with suppress(KeyboardInterrupt):  # uvicorn hands the signal on when it is done
        uvicorn.Server(_config(party)).run([listener])


@contextmanager
def beside(party: Party, listener: socket.socket) -> Iterator[None]:
    """Serves until the block ends, in a thread with a loop of its own.

    In a thread, and not as a process: signals reach the one process there is, in which only the main thread minds
    them, so Ctrl+C and SIGTERM stop the server as if it were alone, and the demo after it. However the process ends,
    `kill -9` included, no demo stays behind. In a loop of its own, so that neither holds up the other. Of its start and
    its stop the log says nothing: there they would be those of the server, once more.
    """
    server = uvicorn.Server(_config(party))
    thread = threading.Thread(target=server.run, args=([listener],), name=THREAD, daemon=True)
    logging.getLogger("uvicorn.error").addFilter(_worth_saying)
    thread.start()
    try:
        yield
    finally:
        server.should_exit = True
        thread.join(2 * PATIENCE_SECONDS)
        logging.getLogger("uvicorn.error").removeFilter(_worth_saying)


def _worth_saying(record: logging.LogRecord) -> bool:
    return record.threadName != THREAD or record.levelno > logging.INFO


def _config(party: Party) -> uvicorn.Config:
    return uvicorn.Config(
        create_app(party),
        loop="asyncio",
        ws="none",
        lifespan="off",
        log_config=None,
        access_log=False,
        proxy_headers=False,
        server_header=False,
        timeout_graceful_shutdown=int(PATIENCE_SECONDS),
    )

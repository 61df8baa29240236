"""How the server runs: uvicorn, as many processes as asked for, and a stop that loses no request."""

import asyncio
import logging
import os
import socket as sockets
import sys
import time
from types import FrameType
from typing import Any

import uvicorn
from uvicorn.supervisors import ChangeReload, Multiprocess

from identity_service.infrastructure.config.inherited import hand_down
from identity_service.infrastructure.config.production import refuse_unsafe, refuse_workers
from identity_service.infrastructure.config.settings import Settings, load_settings
from identity_service.infrastructure.logging import configure_logging
from identity_service.main import STARTUP_FAILURE, create_app
from identity_service.server.places import places
from identity_service.server.protocol import BoundedHeads

log = logging.getLogger(__name__)

APPLICATION = "identity_service.main:app"
KEEP_ALIVE_SECONDS = 65
"""Longer than the minute after which load balancers usually drop idle connections, so that they do it first."""
CLOSING_SECONDS = 2.0
"""For closing connections to the database when the requests are done."""
CUT_SHORT = 1
"""Exit status when requests had to be broken off."""


def serve(
    settings: Settings | None = None,
    *,
    host: str = "127.0.0.1",
    port: int = 8000,
    workers: int = 1,
    reload: bool = False,
    side: str | None = None,
    listener: sockets.socket | None = None,
) -> int:
    """Serve until SIGTERM or SIGINT; returns the exit status: 0 when every request under way was finished.

    Args:
        settings: by default those of the environment; several workers and reloading processes read them there anyway.
        host: address to listen at; port 0 takes any free one.
        port: see `host`.
        workers: processes that share the port.
        reload: start anew when a file of the package changes; for development.
        side: `all`, `query` or `command`; by default SIDE.
        listener: a socket that listens already, in place of host and port.

    Raises WrongSettings.
    """
    chosen = settings or load_settings()
    side = side or chosen.side
    refuse_unsafe(chosen, side=side, workers=workers)
    refuse_workers(chosen, workers)
    configure_logging(level=chosen.log_level, form=chosen.log_format)
    if workers == 1 and not reload:
        return _serve_here(chosen, side, host, port, listener)
    hand_down(side=side)
    config = _config(APPLICATION, chosen, host, port, workers=workers, reload=reload)
    held = [listener or config.bind_socket()]
    if reload:
        ChangeReload(config, target=uvicorn.Server(config).run, sockets=held).run()
    else:
        Workers(config, sockets=held).run()
    return 0


def _serve_here(settings: Settings, side: str, host: str, port: int, listener: sockets.socket | None) -> int:
    app = create_app(settings, side=side, watch_signals=True)
    server = Server(_config(app, settings, host, port), grace_seconds=settings.shutdown_grace_seconds)
    server.run(None if listener is None else [listener])
    return 0 if server.started else STARTUP_FAILURE


def _config(app: Any, settings: Settings, host: str, port: int, **more: Any) -> uvicorn.Config:
    return uvicorn.Config(
        app,
        host=host,
        port=port,
        loop="uvloop" if sys.platform != "win32" else "auto",
        http=BoundedHeads,
        ws="none",
        lifespan="on",
        log_config=None,
        access_log=False,
        proxy_headers=False,  # anybody can send them
        server_header=False,
        timeout_keep_alive=KEEP_ALIVE_SECONDS,
        limit_concurrency=places(settings.max_connections),
        timeout_graceful_shutdown=settings.shutdown_grace_seconds,
        **more,
    )


class Workers(Multiprocess):
    """uvicorn's supervisor, which would hold the listening socket until its workers are gone: whoever connects
    meanwhile would wait for nobody."""

    def terminate_all(self) -> None:
        """Tells every worker to stop, and refuses new connections."""
        super().terminate_all()
        for each in self.sockets:
            each.close()


class Server(uvicorn.Server):
    """uvicorn's server, except that a signal ends it with status 0, a second one at once, and nothing holds it up."""

    def __init__(self, config: uvicorn.Config, *, grace_seconds: float) -> None:
        super().__init__(config)
        self._grace = grace_seconds

    def handle_exit(self, sig: int, frame: FrameType | None) -> None:
        """uvicorn would send the signal to itself once more when it is done, and so end with a status other than 0."""
        if self.should_exit:
            log.warning("told to stop twice: leaving at once")
            leave()
        self.should_exit = True

    async def shutdown(self, sockets: Any = None) -> None:
        """Refuses new connections, waits for requests, closes the application; the whole within its time."""
        started = time.monotonic()
        try:
            await asyncio.wait_for(super().shutdown(sockets), self._grace + CLOSING_SECONDS)
        except TimeoutError:
            self._cut_short()
        if time.monotonic() - started > self._grace > 0:
            self._cut_short()

    def _cut_short(self) -> None:
        log.error("what was under way took longer than SHUTDOWN_GRACE_SECONDS and was broken off")
        leave()


def leave() -> None:
    """Ends the process without waiting for its threads: a password hash may take longer than anybody wants to wait.

    What is committed is committed; the database forgets the rest.
    """
    logging.shutdown()
    os._exit(CUT_SHORT)

"""How the server runs: uvicorn, as many processes as asked for, and a stop that loses no request."""

import socket as sockets
import sys
from typing import Any

import uvicorn
from uvicorn.supervisors import ChangeReload

from identity_service.adapters.crypto.hashing_pool import usable_cpus
from identity_service.infrastructure.config.inherited import hand_down
from identity_service.infrastructure.config.production import refuse_unsafe, refuse_workers
from identity_service.infrastructure.config.settings import Settings, load_settings
from identity_service.infrastructure.logging import configure_logging
from identity_service.main import STARTUP_FAILURE, create_app
from identity_service.server.early_exit import EarlyExit
from identity_service.server.metrics import metrics_of_all
from identity_service.server.places import places
from identity_service.server.protocol import BoundedHeads
from identity_service.server.stopping import Server
from identity_service.server.tls import certificate_of
from identity_service.server.workers import Workers

APPLICATION = "identity_service.main:served"
KEEP_ALIVE_SECONDS = 65
"""Longer than the minute after which load balancers usually drop idle connections, so that they do it first."""


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

    With several workers SIGHUP replaces them one by one, SIGTTIN and SIGTTOU make it one more or one less.

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
    hand_down(side=side, hashing_threads=str(chosen.hashing_threads or _share_of_processors(workers)))
    config = uvicorn_config(APPLICATION, chosen, host, port, workers=workers, reload=reload)
    held = listener or config.bind_socket()
    if reload:
        ChangeReload(config, target=uvicorn.Server(config).run, sockets=[held]).run()
        return 0
    supervisor = Workers(
        config,
        held,
        number=workers,
        delay_seconds=chosen.shutdown_delay_seconds,
        grace_seconds=chosen.shutdown_grace_seconds,
    )
    with metrics_of_all(chosen, supervisor):
        return supervisor.run()


def _share_of_processors(workers: int) -> int:
    """All of them hashing on every processor would leave the event loops of all waiting for their turn."""
    return max(1, usable_cpus() // workers)


def _serve_here(settings: Settings, side: str, host: str, port: int, listener: sockets.socket | None) -> int:
    app = create_app(settings, side=side, watch_signals=True)
    server = Server(uvicorn_config(app, settings, host, port), grace_seconds=settings.shutdown_grace_seconds)
    server.run(None if listener is None else [listener])
    return 0 if server.started else STARTUP_FAILURE


def uvicorn_config(app: Any, settings: Settings, host: str, port: int, **more: Any) -> uvicorn.Config:
    """How uvicorn serves `app`, an application or where to find one."""
    return uvicorn.Config(
        app,
        host=host,
        port=port,
        loop="uvloop" if sys.platform != "win32" else "auto",
        http=EarlyExit if settings.fast_path == "early" else BoundedHeads,
        ws="none",
        lifespan="on",
        log_config=None,
        access_log=False,
        proxy_headers=False,  # anybody can send them
        server_header=False,
        timeout_keep_alive=KEEP_ALIVE_SECONDS,
        limit_concurrency=places(settings.max_connections),
        timeout_graceful_shutdown=settings.shutdown_grace_seconds,
        ssl_context_factory=certificate_of(settings),
        **more,
    )

"""Puts an application together: `create_app()`, or `uvicorn identity_service.main:app`."""

import sys
from collections.abc import AsyncIterator, Collection, Mapping
from contextlib import AbstractContextManager, asynccontextmanager, nullcontext
from functools import partial
from typing import Any

from fastapi import FastAPI
from starlette.routing import BaseRoute
from starlette.types import ASGIApp, Receive, Scope, Send

from identity_service import __version__
from identity_service.adapters.prometheus.families import CONTENT_TYPE
from identity_service.api import account_errors, errors
from identity_service.api.app import browser_paths, direct_routes, router, serves
from identity_service.api.documents import Documents
from identity_service.api.fast_path import FastPath
from identity_service.api.introspection import Introspection
from identity_service.api.routes.metrics import metrics_route
from identity_service.api.token_door import TokenDoor
from identity_service.api.tokens import ReadyTokens
from identity_service.api.waiting_tokens import TOKEN, WaitingTokens
from identity_service.http.body_limit import BodyLimit
from identity_service.http.caller_address import OwnConnections
from identity_service.http.cors import BrowserEndpoints, allowed
from identity_service.http.hosts import HostCheck, Hosts
from identity_service.http.methods import every_route
from identity_service.http.middleware import RequestContext
from identity_service.http.requests import Requests
from identity_service.http.security_headers import SECURITY_HEADERS, security_headers
from identity_service.http.site import Site
from identity_service.infrastructure.admitting import Counting
from identity_service.infrastructure.config.production import refuse_unsafe
from identity_service.infrastructure.config.settings import Settings, WrongSettings, load_settings
from identity_service.infrastructure.container import build
from identity_service.infrastructure.life import close, start
from identity_service.infrastructure.logging import configure_logging
from identity_service.infrastructure.metrics.exporter import exporter_of, exporting, shared_board
from identity_service.infrastructure.pages import assets_of, pages_of
from identity_service.infrastructure.site import site_of
from identity_service.infrastructure.stop_signals import watched_stop_signals
from identity_service.web.app import routes as web_routes
from identity_service.web.routes.authorize import PATH as AUTHORIZE

STARTUP_FAILURE = 3
"""The exit status by which uvicorn's supervisor knows that starting again would not help."""


class Application(FastAPI):
    """FastAPI, behind the fast path where there is one."""

    front: ASGIApp | None = None
    security_headers: Mapping[str, str] = SECURITY_HEADERS

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """What the server calls."""
        await (self.front or super().__call__)(scope, receive, send)

    async def behind(self, scope: Scope, receive: Receive, send: Send) -> None:
        """The ordinary way."""
        await super().__call__(scope, receive, send)


def create_app(
    settings: Settings | None = None, *, side: str | None = None, watch_signals: bool = False
) -> FastAPI:
    """An application of its own: two of them, with different settings, can live in one process.

    Args:
        settings: read from the environment when not given.
        side: `all`, `query` or `command`; by default what the settings say.
        watch_signals: say "not ready" at SIGTERM, before the server stops. For the one application of a process.

    Raises WrongSettings.
    """
    chosen = settings or load_settings()
    side = side or chosen.side
    refuse_unsafe(chosen, side=side)
    return assemble(build(chosen, side=side), watch_signals=watch_signals)


def assemble(container: Any, *, watch_signals: bool = False) -> FastAPI:
    """The application over a container, which it closes when it shuts down."""
    settings: Settings = container.settings()

    @asynccontextmanager
    async def lifespan(app: FastAPI) -> AsyncIterator[dict[str, Any]]:
        with _stop_signals(container, settings) if watch_signals else nullcontext():
            try:
                await start(container, settings)
                async with exporting(settings, exporter, board):
                    yield {"run_state": container.operation.state()}
            finally:
                await close(container)

    site = site_of(container)
    app = Application(
        title="identity-service",
        version=__version__,
        lifespan=lifespan,
        openapi_url=None,
        redirect_slashes=False,
        telemetry={
            "tracing": False,
            "metrics": False,
            "logs": False,
        },  # it looks for a provider at each request
    )
    app.state.services = container.services()
    app.state.site = site
    app.security_headers = security_headers(https_for_seconds=site.https_for_seconds)
    counting, oauth2 = Counting(container), app.state.services.oauth2
    app.state.introspection = Introspection(oauth2, admit=counting.admit)
    issuing = serves(container.side(), TOKEN)
    app.state.tokens = ReadyTokens(oauth2, admission=counting.admission) if issuing else None
    app.state.documents = Documents(lambda: app.state.services.discovery, site)
    app.router.routes.extend(direct_routes(container.side()))
    _add_pages(
        app, settings, container.side()
    )  # before the many: each request is held against one after the other
    app.router.routes.extend(_routes(site, container.side()))
    _add_metrics(app, settings)
    requests, board = Requests(every_route(app)), shared_board()
    exporter = exporter_of(container, requests, board)
    errors.install(app)
    account_errors.install(app)
    app.add_middleware(BodyLimit)
    if settings.fast_path != "off" and issuing:
        app.add_middleware(TokenDoor, issue=app.state.services.oauth2.issue_token)
    counting.install(app)
    app.add_middleware(BrowserEndpoints, paths=browser_paths(site), origins=settings.allowed_origins)
    hosts = Hosts(settings.issuer, settings.allowed_hosts)
    app.add_middleware(HostCheck, hosts=hosts, refusal=errors.misdirected)
    app.state.requests = requests
    app.state.metrics_text = exporter.text
    app.add_middleware(
        RequestContext,
        requests=requests,
        log_access=settings.access_log,
        on_defect=errors.defect,
        headers=app.security_headers,
    )
    counting.settle_addresses(app)
    if (
        settings.fast_path != "off" and not settings.access_log
    ):  # whose lines have the ids of the ordinary way
        app.front = _fast_path(
            app, site, counting, hosts, side=container.side(), origins=settings.allowed_origins
        )
    return app


def _fast_path(
    app: Application, site: Site, counting: Counting, hosts: Hosts, *, side: str, origins: Collection[str]
) -> FastPath:
    issue = app.state.services.oauth2.issue_token if app.state.tokens else None
    return FastPath(
        app.behind,
        introspection=app.state.introspection,
        tokens=app.state.tokens,
        waiting=issue
        and WaitingTokens(
            issue, requests=app.state.requests, addresses=counting.addresses, arrivals=counting.arrivals
        ),
        documents=app.state.documents,
        requests=app.state.requests,
        serves=partial(serves, side),
        shared=browser_paths(site) if allowed(origins) else (),
        hosts=hosts,
        headers=app.security_headers,
    )


def _routes(site: Site, side: str) -> list[BaseRoute]:
    # Taken over, not included: FastAPI would make every included route a second time, at start, and look for it in
    # two routers at each request.
    return [route for route in router(site).routes if serves(side, getattr(route, "path", ""))]


def _add_pages(app: FastAPI, settings: Settings, side: str) -> None:
    """Nobody signs in where nothing may be written."""
    if not serves(side, AUTHORIZE):
        return
    assets = assets_of(settings)
    app.state.pages = pages_of(settings, assets)
    app.router.routes.extend((*web_routes(session_management=settings.session_management), assets.route()))


def _add_metrics(app: FastAPI, settings: Settings) -> None:
    token = settings.metrics_token
    if settings.metrics == "guarded" and token is not None:
        app.router.routes.append(metrics_route(token=token.get_secret_value(), media_type=CONTENT_TYPE))


def _stop_signals(container: Any, settings: Settings) -> AbstractContextManager[None]:
    return watched_stop_signals(container.operation.state(), delay_seconds=settings.shutdown_delay_seconds)


def __getattr__(name: str) -> Any:
    """Made when somebody asks for it, so that importing this module reads no settings: `app` for any server, `served`
    for ours, which does not touch the address of a caller."""
    if name == "app":
        return OwnConnections(_app_of_this_process())
    if name == "served":
        return _app_of_this_process()
    raise AttributeError(name)


def _app_of_this_process() -> FastAPI:
    try:
        settings = load_settings()
        configure_logging(level=settings.log_level, form=settings.log_format)
        return create_app(settings, watch_signals=True)
    except WrongSettings as error:
        print(error, file=sys.stderr)  # noqa: T201 - the start fails, and logs may not be configured yet
        sys.exit(STARTUP_FAILURE)

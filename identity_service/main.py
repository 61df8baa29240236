"""Puts an application together: `create_app()`, or `uvicorn identity_service.main:app`."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

from fastapi import FastAPI

from identity_service import __version__
from identity_service.api import account_errors, errors
from identity_service.api.app import browser_paths, router
from identity_service.http.body_limit import BodyLimit
from identity_service.http.cors import BrowserEndpoints
from identity_service.http.middleware import RequestContext
from identity_service.http.site import Site
from identity_service.infrastructure.config.settings import Settings, load_settings
from identity_service.infrastructure.container import build


def create_app(settings: Settings | None = None) -> FastAPI:
    """An application of its own: two of them, with different settings, can live in one process.

    Raises WrongSettings.
    """
    return assemble(build(settings or load_settings()))


def assemble(container: Any) -> FastAPI:
    """The application over a container, which it closes when it shuts down."""
    settings: Settings = container.settings()

    @asynccontextmanager
    async def lifespan(app: FastAPI) -> AsyncIterator[None]:
        try:
            await container.load_keys()()
            await container.liveness().start()
            container.workers().start()
            yield
        finally:
            await container.workers().stop()
            await container.liveness().close()
            await container.hashing_pool().close()
            await container.database().close()
            if (redis := container.redis()) is not None:
                await redis.aclose()

    site = _site(container)
    app = FastAPI(
        title="identity-service",
        version=__version__,
        lifespan=lifespan,
        openapi_url=None,
        redirect_slashes=False,
    )
    app.state.services = container.services()
    app.state.site = site
    app.include_router(router(site))
    errors.install(app)
    account_errors.install(app)
    app.add_middleware(BodyLimit)
    app.add_middleware(BrowserEndpoints, paths=browser_paths(site), origins=settings.allowed_origins)
    app.add_middleware(RequestContext, log_access=settings.access_log, on_defect=errors.defect)
    return app


def _site(container: Any) -> Site:
    settings: Settings = container.settings()
    return Site(
        issuer=settings.issuer,
        docs=settings.docs,
        jwks_max_age=settings.jwks_max_age_seconds,
        grants=container.grants().all,
    )


def __getattr__(name: str) -> Any:
    """`app` is made when somebody asks for it, so that importing this module reads no settings."""
    if name == "app":
        return create_app()
    raise AttributeError(name)

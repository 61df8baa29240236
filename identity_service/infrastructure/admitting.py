"""How requests are counted at the doors of one application instance; part of the composition root."""

from collections.abc import Callable
from typing import Any

from fastapi import FastAPI
from starlette.requests import Request
from starlette.responses import Response

from identity_service.api import errors
from identity_service.application.admission.admission import Admission
from identity_service.application.liveness.known_callers import KnownCaller, KnownCallers
from identity_service.domain.oauth.errors import TooManyRequests
from identity_service.http.admitting import Admitting
from identity_service.web.answers import error_page


class Counting:
    """What the doors need of the container; nothing where RATE_LIMITS=off."""

    def __init__(self, container: Any) -> None:
        self._parts = container.admission
        self._on = container.settings().rate_limits == "on"

    @property
    def admit(self) -> Callable[[KnownCaller], bool] | None:
        """Lets a caller of introspection in at once."""
        return self._parts.shares().spend if self._on else None

    @property
    def admission(self) -> Admission | None:
        """Lets everybody else in."""
        return self._parts.admission() if self._on else None

    def install(self, app: FastAPI) -> None:
        """Behind what holds for every answer, in front of everything that costs something."""
        if self._on:
            callers: KnownCallers = app.state.services.oauth2.known_callers
            app.add_middleware(
                Admitting,
                admission=self._parts.admission(),
                shares=self._parts.shares(),
                known=callers.recognised,
                refuse=_refuse,
            )

    async def start(self) -> None:
        """Watches the file of quotas, if there is one."""
        if (watch := self._parts.watch()) is not None:
            await watch.start()

    async def stop(self) -> None:
        """No more."""
        if (watch := self._parts.watch()) is not None:
            await watch.stop()
        await self._parts.shares().close()


def _refuse(request: Request, refused: TooManyRequests, for_a_person: bool) -> Response:
    return error_page(request, refused, advice="busy") if for_a_person else errors.refusal(request, refused)

"""How requests are counted at the doors of one application, and who made them; part of the composition root."""

from collections.abc import Callable
from functools import cached_property
from ipaddress import ip_network
from typing import Any

from fastapi import FastAPI
from starlette.requests import Request
from starlette.responses import Response

from identity_service.api import errors
from identity_service.application.admission.admission import Admission
from identity_service.application.liveness.known_callers import KnownCaller
from identity_service.domain.oauth.errors import TooManyRequests
from identity_service.http.admitting import Admitting, Arrivals
from identity_service.http.caller_address import CallerAddress, CallerAddresses
from identity_service.web.answers import error_page


class Counting:
    """What the doors need of the container; nothing where RATE_LIMITS=off."""

    def __init__(self, container: Any) -> None:
        self._container = container
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

    @cached_property
    def arrivals(self) -> Arrivals | None:
        """Counts who comes by the ordinary way, or waits."""
        if not self._on:
            return None
        return Arrivals(
            admission=self._parts.admission(),
            shares=self._parts.shares(),
            known=self._container.services().oauth2.known_callers.recognised,
        )

    def install(self, app: FastAPI) -> None:
        """Behind what holds for every answer, in front of everything that costs something."""
        if self.arrivals is not None:
            app.add_middleware(Admitting, arrivals=self.arrivals, refuse=_refuse)

    @cached_property
    def addresses(self) -> CallerAddresses:
        """Where no proxy is named, one was rather forgotten than forged."""
        settings, spoofing = self._container.settings(), self._container.admission.spoofing()
        trusted = [ip_network(each) for each in settings.trusted_proxies]
        note = spoofing.note if trusted else spoofing.count
        return CallerAddresses(trusted=trusted, header=settings.proxy_header, note=note)

    def settle_addresses(self, app: FastAPI) -> None:
        """In front of whoever asks for an address."""
        app.add_middleware(CallerAddress, addresses=self.addresses)

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
    return (
        error_page(request, refused, advice="too_often") if for_a_person else errors.refusal(request, refused)
    )

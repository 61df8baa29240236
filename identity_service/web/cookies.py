"""The cookies of a browser: its session, the key that its interactions belong to, by which accounts know it, and what a
script may read."""

from typing import Literal

from starlette.requests import Request
from starlette.responses import Response

from identity_service.application.authentication.devices import DAY
from identity_service.application.authentication.devices import LONGEST as LONGEST_DEVICES
from identity_service.application.use_cases.sign_in.outcome import Browser
from identity_service.domain.value_objects.secret import Secret
from identity_service.http.caller import client_address
from identity_service.http.site import Site, site

SESSION = "identity-session"
BROWSER = "identity-browser"
STATE = "identity-state"
"""Tells the page for frames that the session has changed, and nothing else (OIDC Session Management 1.0 §3.2)."""
DEVICES = "identity-devices"
DEVICES_SECONDS = 400 * DAY
"""As long as browsers keep any cookie (RFC 6265bis §5.5); the server forgets it earlier."""
LONGEST = 100
"""Characters of a value that can be one of ours."""


def browser(request: Request) -> Browser:
    """Where the request came from."""
    of = site(request)
    return Browser(
        session=_value(request, name_of(SESSION, of)),
        key=_value(request, name_of(BROWSER, of)),
        address=client_address(request),
        user_agent=request.headers.get("user-agent"),
        devices=_value(request, name_of(DEVICES, of), longest=LONGEST_DEVICES),
    )


def keep(
    response: Response,
    of: Site,
    *,
    session: Secret | None = None,
    key: Secret | None = None,
    state: str | None = None,
    devices: Secret | None = None,
) -> None:
    """Sets what is new. It lives as long as the browser does, but for `devices`; the server forgets it earlier."""
    if devices is not None:
        _set(response, of, DEVICES, devices.reveal(), max_age=DEVICES_SECONDS, same_site="strict")
    for name, value in ((SESSION, session), (BROWSER, key)):
        if value is not None:
            _set(response, of, name, value.reveal(), max_age=None)
    if state is not None:
        _set_state(response, of, state, max_age=None)


def forget_session(response: Response, of: Site) -> None:
    """The browser need not show it again; the server has ended it."""
    _set(response, of, SESSION, "", max_age=0)
    if of.session_management:
        _set_state(response, of, "", max_age=0)


def name_of(name: str, of: Site) -> str:
    """Over https a browser takes a `__Host-` cookie from nobody but this very host (RFC 6265bis §4.1.3.2)."""
    return f"__Host-{name}" if of.over_https else name


def _set(
    response: Response,
    of: Site,
    name: str,
    value: str,
    *,
    max_age: int | None,
    same_site: Literal["lax", "strict"] = "lax",
) -> None:
    response.set_cookie(
        name_of(name, of),
        value,
        max_age=max_age,
        path="/",
        secure=of.over_https,
        httponly=True,
        samesite=same_site,
    )


def _set_state(response: Response, of: Site, value: str, *, max_age: int | None) -> None:
    """A script in a frame on another site's page reads it, which over http no browser allows."""
    response.set_cookie(
        name_of(STATE, of),
        value,
        max_age=max_age,
        path="/",
        secure=of.over_https,
        httponly=False,
        samesite="none" if of.over_https else "lax",
    )


def _value(request: Request, name: str, *, longest: int = LONGEST) -> Secret | None:
    value = request.cookies.get(name)
    return Secret(value) if value and len(value) <= longest else None

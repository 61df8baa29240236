"""The pages: which path leads to which."""

from functools import partial
from importlib import import_module

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from identity_service.domain.services.sign_in import Step
from identity_service.web.answers import Handler, shown
from identity_service.web.routes import authorize, check_session, logo, logout, steps


def routes(*, session_management: bool) -> list[Route]:
    """Every page, the one for frames if there is to be one, and the pictures. Whatever goes wrong on a page is shown as
    a page, too."""
    return [
        _route(authorize.PATH, authorize.authorize, "GET"),
        _route(authorize.PATH, authorize.authorize_by_post, "POST"),
        _route(logout.PATH, logout.log_out, "GET"),
        _route(logout.PATH, logout.log_out_by_post, "POST"),
        *(_route(path, partial(_at_home, place), method) for path, method, place in _HOME),
        Route(logo.PATH, logo.logo, methods=["GET"], include_in_schema=False),
        *([_route(check_session.PATH, check_session.check_session, "GET")] if session_management else []),
        *(
            _route(f"/{step}/{{interaction_id}}", partial(_of_step, step, handler), method)
            for step, takes in steps.TAKES.items()
            for method, handler in (("GET", steps.show), ("POST", takes))
        ),
    ]


_HOME = (
    ("/account", "GET", "account:show"),
    ("/account/profile", "GET", "account:edit"),
    ("/account/profile", "POST", "account:save"),
    ("/account/password", "GET", "account:ask_password"),
    ("/account/password", "POST", "account:set_password"),
    ("/account/password-changed", "GET", "account:password_changed"),
    ("/account/sessions", "GET", "account_lists:show_sessions"),
    ("/account/sessions", "POST", "account_lists:end_sessions"),
    ("/account/consents", "GET", "account_lists:show_consents"),
    ("/account/consents", "POST", "account_lists:withdraw_consent"),
    ("/account/activity", "GET", "account_lists:show_activity"),
)


async def _at_home(place: str, request: Request) -> Response:
    """The account home. Its modules are read when the first person is there: most processes never see one."""
    module, _, name = place.partition(":")
    handler: Handler = getattr(import_module(f"identity_service.web.routes.{module}"), name)
    return await handler(request)


def _route(path: str, handler: Handler, method: str) -> Route:
    return Route(path, shown(handler), methods=[method], include_in_schema=False)


async def _of_step(step: Step, handler: Handler, request: Request) -> Response:
    """Tells the handler whose page the address is."""
    request.state.step = step
    return await handler(request)

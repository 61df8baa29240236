"""The pages: which path leads to which."""

from functools import partial

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from identity_service.domain.services.sign_in import Step
from identity_service.web.answers import Handler, shown
from identity_service.web.routes import authorize, check_session, logout, steps


def routes(*, session_management: bool) -> list[Route]:
    """Every page, and the one for frames if there is to be one. Whatever goes wrong on one is shown as a page, too."""
    return [
        _route(authorize.PATH, authorize.authorize, "GET"),
        _route(authorize.PATH, authorize.authorize_by_post, "POST"),
        _route(logout.PATH, logout.log_out, "GET"),
        _route(logout.PATH, logout.log_out_by_post, "POST"),
        *([_route(check_session.PATH, check_session.check_session, "GET")] if session_management else []),
        *(
            _route(f"/{step}/{{interaction_id}}", partial(_of_step, step, handler), method)
            for step, takes in steps.TAKES.items()
            for method, handler in (("GET", steps.show), ("POST", takes))
        ),
    ]


def _route(path: str, handler: Handler, method: str) -> Route:
    return Route(path, shown(handler), methods=[method], include_in_schema=False)


async def _of_step(step: Step, handler: Handler, request: Request) -> Response:
    """Tells the handler whose page the address is."""
    request.state.step = step
    return await handler(request)

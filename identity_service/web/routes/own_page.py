"""How a page of the account home begins: with the person who is signed in, and with a form that is ours."""

from collections.abc import Awaitable, Callable
from typing import get_args

from starlette.requests import Request
from starlette.responses import Response

from identity_service.application.use_cases.sign_in.outcome import Outcome
from identity_service.domain.entities.session import Session
from identity_service.domain.oauth.errors import InvalidToken
from identity_service.domain.oauth.parameters import Parameters
from identity_service.domain.refusals import NotFound
from identity_service.domain.services.access_policy import Actor
from identity_service.http.raw_form import read_form
from identity_service.http.services import sign_in
from identity_service.http.site import site
from identity_service.web.account_views import Done, Frame
from identity_service.web.answers import Handler, error_page, follow, see_other
from identity_service.web.cookies import browser
from identity_service.web.csrf import ForeignForm, check, token_for

HOME = "/account"
CSRF = "account"
_DONE: tuple[Done, ...] = get_args(Done)

Inside = Callable[[Request, Session], Awaitable[Response]]


def own_page(path: str, *, max_age: int | None = None) -> Callable[[Inside], Handler]:
    """The handler of the page at `path` gets the session; whoever has none, or one whose sign-in is older than
    `max_age` seconds, is led to the sign-in and back to that path."""

    def of(inside: Inside) -> Handler:
        async def entered(request: Request) -> Response:
            found = await sign_in(request).enter_own_page(
                at(request, path), browser(request), max_age=max_age
            )
            if isinstance(found, Outcome):
                return follow(request, found)
            try:
                return await inside(request, found)
            except (
                NotFound,
                InvalidToken,
            ):  # it ended meanwhile, or was sent twice: the page shows what is there now
                return see_other(at(request, path))
            except ForeignForm:
                return error_page(
                    request, ("invalid_request", "the form is not one that this page gave out", "try_again")
                )

        return entered

    return of


async def form_of(request: Request) -> Parameters:
    """The form, which came from a page of this session. Raises ForeignForm, InvalidRequest, PayloadTooLarge."""
    form = await read_form(request)
    check(form.get("csrf"), browser(request).session, CSRF)
    return form


def csrf_of(request: Request) -> str:
    """What makes a form ours. It ends with the session's cookie, at the next sign-in at the latest."""
    return token_for(browser(request).session, CSRF)


def frame_of(request: Request, session: Session) -> Frame:
    """What is the same on every page."""
    return Frame(base=site(request).issuer_path, account=session.username)


def actor_of(session: Session) -> Actor:
    """People act for themselves here, administrators too."""
    return Actor(session.user_id, administers=False)


def at(request: Request, path: str) -> str:
    """The path as browsers know it."""
    return f"{site(request).issuer_path}{path}"


def done_of(request: Request) -> Done | None:
    """What the page says has just been done, by the query that the redirect after a form leaves."""
    said = request.query_params.get("done")
    return next((each for each in _DONE if each == said), None)

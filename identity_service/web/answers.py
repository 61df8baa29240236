"""How what the use cases say becomes what a browser gets: a page, a redirect, or a page that says what went wrong."""

import logging
from collections.abc import Awaitable, Callable
from typing import TYPE_CHECKING, Any

from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from identity_service.application.use_cases.sign_in.outcome import (
    InteractionGone,
    InteractionOver,
    Outcome,
    WrongStep,
)
from identity_service.domain.oauth.errors import OAuthError, TemporarilyUnavailable, UnsupportedCoding
from identity_service.domain.oauth.response_modes import FORM_POST, Answer
from identity_service.domain.services.sign_in import Step
from identity_service.http.request_id import request_id
from identity_service.http.site import site
from identity_service.ports.security import HashingBusy
from identity_service.ports.tokens.key_ring import KeysUnavailable
from identity_service.ports.unit_of_work import StorageUnavailable
from identity_service.web.cookies import browser, keep
from identity_service.web.csrf import ForeignForm
from identity_service.web.headers import form_target
from identity_service.web.views import Advice, ErrorPage, FormPostPage

if TYPE_CHECKING:
    from identity_service.web.pages import Pages

log = logging.getLogger(__name__)

Handler = Callable[[Request], Awaitable[Response]]
NO_STORE = {"Cache-Control": "no-store", "Referrer-Policy": "no-referrer"}
RETRY_AFTER_SECONDS = 1


def pages(request: Request) -> "Pages":
    """The pages of the instance that the request reached."""
    found: Pages = request.app.state.pages()
    return found


def shown(handler: Handler) -> Handler:
    """The handler, with a page for every refusal: a person is on the other end."""

    async def answered(request: Request) -> Response:
        try:
            return await handler(request)
        except WrongStep as wrong:
            return see_other(
                step_path(request, _page_of(request, wrong), request.path_params["interaction_id"])
            )
        except (InteractionGone, InteractionOver, ForeignForm) as gone:
            return error_page(request, _lost(request, gone))
        except (StorageUnavailable, KeysUnavailable, HashingBusy) as away:
            log.warning("a page could not be shown: %s", away)
            return error_page(request, TemporarilyUnavailable(), advice="busy")
        except OAuthError as error:
            return error_page(request, error)

    return answered


def _page_of(request: Request, wrong: WrongStep) -> Step:
    """The page that is owed; where none is any more, the one that was sent, which then answers the client."""
    own: Step = request.state.step
    return own if wrong.owed in (Step.DONE, Step.REFUSED) else wrong.owed


def error_page(
    request: Request, error: "OAuthError | tuple[str, str, Advice]", *, advice: Advice | None = None
) -> Response:
    """The refusal as a page. `error` may be a code, a description and what to do."""
    if isinstance(error, OAuthError):
        if error.detail:
            log.info("refused: %s", error.code, extra={"detail": error.detail})
        code, description, status = error.code, error.description, error.status
    else:
        (code, description, advice), status = error, 400
    request.state.refusal = code  # which is counted
    page = ErrorPage(
        code=code, description=description, status=status, advice=advice, request_id=request_id(request)
    )
    response = pages(request).respond(page, request, status=status)
    if isinstance(error, TemporarilyUnavailable):
        response.headers["Retry-After"] = str(error.retry_after_seconds or RETRY_AFTER_SECONDS)
    if status == UnsupportedCoding.status:
        response.headers["Accept-Encoding"] = "identity"  # RFC 9110 §12.5.3
    return response


def _lost(request: Request, gone: Exception) -> tuple[str, str, Advice]:
    """Where a page was left alone too long, was finished, or its browser keeps no cookies."""
    if isinstance(gone, InteractionOver):
        return "invalid_request", "this sign-in is finished already", "already_done"
    if browser(request).key is None:
        return "invalid_request", "the browser did not send the cookie of this sign-in", "cookies"
    if isinstance(gone, ForeignForm):
        return "invalid_request", "the form is not one that this server gave to this browser", "start_again"
    return "invalid_request", "this sign-in has expired or belongs to another browser", "expired"


def follow(request: Request, outcome: Outcome) -> Response:
    """The next page, or the client's answer, and the cookies that are new."""
    if outcome.answer is None:
        response: Response = see_other(step_path(request, outcome.step, outcome.interaction_id))
    else:
        response = client_answer(request, outcome.answer)
    keep(
        response,
        site(request),
        session=outcome.session,
        key=outcome.browser_key,
        state=outcome.browser_state,
        devices=outcome.devices,
    )
    return response


def client_answer(request: Request, answer: Answer) -> Response:
    """By redirect, or by a form that sends itself (OAuth 2.0 Form Post Response Mode)."""
    if answer.response_mode == FORM_POST:
        page = FormPostPage(action=answer.redirect_uri, members=answer.members)
        return pages(request).respond(page, request, form_action=(form_target(answer.redirect_uri),))
    return see_other(answer.url)


def step_path(request: Request, step: Step, interaction_id: Any) -> str:
    """Where a step's page is; below the issuer's path, and on whichever host the browser is."""
    return f"{site(request).issuer_path}/{step}/{interaction_id}"


def see_other(url: str) -> RedirectResponse:
    """The browser asks for the other page by GET, whatever it sent (RFC 9110 §15.4.4)."""
    return RedirectResponse(url, 303, headers=NO_STORE)

"""The pages on the way: sign in, choose an account, agree. Each shows or takes the one step that is owed."""

from collections.abc import Awaitable, Callable

from starlette.requests import Request
from starlette.responses import Response

from identity_service.application.use_cases.sign_in.outcome import InteractionGone, Pending
from identity_service.application.use_cases.sign_in.sign_in import Credentials
from identity_service.domain.oauth.errors import InvalidGrant, TemporarilyUnavailable, TooManyRequests
from identity_service.domain.oauth.parameters import Parameters
from identity_service.domain.services.own_pages import OWN_PAGES, is_own
from identity_service.domain.services.sign_in import Step, single_claims
from identity_service.domain.value_objects.ids import InteractionId, is_uuid
from identity_service.http.raw_form import read_form
from identity_service.http.services import sign_in
from identity_service.http.site import site
from identity_service.web.answers import follow, pages, see_other, step_path
from identity_service.web.client_shown import client_shown
from identity_service.web.cookies import browser
from identity_service.web.csrf import check, token_for
from identity_service.web.headers import form_target
from identity_service.web.views import (
    AccountShown,
    ClientShown,
    ConsentPage,
    LoginPage,
    Page,
    Problem,
    SelectAccountPage,
)

LONGEST_USERNAME = 256


async def show(request: Request) -> Response:
    """The page of the step that is owed; another page's address leads to it."""
    interaction_id = _interaction_id(request)
    pending = await sign_in(request).way.pending(interaction_id, browser(request))
    if step_path(request, pending.step, interaction_id) != _own_path(request):
        if pending.step in _PAGES:
            return see_other(step_path(request, pending.step, interaction_id))
        return follow(request, await sign_in(request).way.go_on(pending))
    return _page(request, pending, _PAGES[pending.step](request, pending))


async def log_in(request: Request) -> Response:
    """Name and password, or the wish to go back to the client."""
    interaction_id, form = _interaction_id(request), await _form(request)
    use_cases, from_ = sign_in(request), browser(request)
    if form.get("action") == "cancel":
        return follow(request, await use_cases.sign_in.cancel(interaction_id, from_))
    username, password = form.get("username") or "", form.get("password") or ""
    if not (username and password):
        return await _again(request, username, "missing", 400)
    try:
        outcome = await use_cases.sign_in(
            interaction_id, from_, Credentials(username=username, password=password)
        )
    except TooManyRequests as error:
        return await _again(request, username, "too_many_attempts", error.status, error.retry_after_seconds)
    except TemporarilyUnavailable as error:
        return await _again(request, username, "busy", error.status, error.retry_after_seconds)
    except InvalidGrant as error:
        return await _again(request, username, "wrong_credentials", error.status)
    return follow(request, outcome)


async def choose_account(request: Request) -> Response:
    """The account that is signed in here, or another one."""
    form = await _form(request)
    return follow(
        request,
        await sign_in(request).choose_account(
            _interaction_id(request), browser(request), chosen=form.get("account")
        ),
    )


async def decide(request: Request) -> Response:
    """Yes or no, from the person whom the page asked; a form that says neither is shown again."""
    interaction_id, from_ = _interaction_id(request), browser(request)
    form = await read_form(request)
    pending = await sign_in(request).way.owing(Step.CONSENT, interaction_id, from_)
    check(form.get("csrf"), from_.key, _of_person(request, pending))
    action = form.get("action")
    if action not in ("allow", "deny"):
        return see_other(_own_path(request))
    decide_consent = sign_in(request).decide_consent
    return follow(request, await decide_consent(interaction_id, from_, allow=action == "allow"))


TAKES: dict[Step, Callable[[Request], Awaitable[Response]]] = {
    Step.LOGIN: log_in,
    Step.SELECT_ACCOUNT: choose_account,
    Step.CONSENT: decide,
}
"""What each page's form goes to. A new step is a line here, one in `_PAGES`, and its rule in `next_step`."""


def _login(
    request: Request, pending: Pending, *, username: str = "", problem: Problem | None = None
) -> LoginPage:
    hint = pending.interaction.request.login_hint
    return LoginPage(
        action=_own_path(request),
        csrf=_csrf(request),
        username=(username or hint or "")[:LONGEST_USERNAME],
        client=_shown(request, pending),
        problem=problem,
        cancel=not is_own(pending.interaction.request),
    )


def _select_account(request: Request, pending: Pending) -> SelectAccountPage:
    session = pending.session
    return SelectAccountPage(
        action=_own_path(request),
        csrf=_csrf(request),
        client=_shown(request, pending),
        accounts=() if session is None else (AccountShown(key=session.id, name=session.username),),
    )


def _consent(request: Request, pending: Pending) -> ConsentPage:
    asked = pending.interaction.request
    return ConsentPage(
        action=_own_path(request),
        csrf=token_for(browser(request).key, _of_person(request, pending)),
        client=client_shown(request, pending.client),
        account="" if pending.session is None else pending.session.username,
        scopes=tuple(pending.scope),
        claims=tuple(sorted(single_claims(asked))),
        goes_to=form_target(asked.redirect_uri),
        home=f"{site(request).issuer_path}{OWN_PAGES}",
        unchecked=pending.client.registered_by is not None,
    )


_PAGES: dict[Step, Callable[[Request, Pending], Page]] = {
    Step.LOGIN: _login,
    Step.SELECT_ACCOUNT: _select_account,
    Step.CONSENT: _consent,
}


async def _again(
    request: Request, username: str, problem: Problem, status: int, retry_after: int | None = None
) -> Response:
    pending = await sign_in(request).way.owing(Step.LOGIN, _interaction_id(request), browser(request))
    page = _login(request, pending, username=username, problem=problem)
    response = _page(request, pending, page, status=status)
    if retry_after is not None:
        response.headers["Retry-After"] = str(retry_after)
    return response


def _page(request: Request, pending: Pending, page: Page, *, status: int = 200) -> Response:
    asked = pending.interaction.request
    return pages(request).respond(
        page,
        request,
        ui_locales=asked.ui_locales,
        status=status,
        form_action=() if is_own(asked) else (form_target(asked.redirect_uri),),
    )


async def _form(request: Request) -> Parameters:
    """The form of this interaction's page. Raises ForeignForm, InvalidRequest, PayloadTooLarge."""
    form = await read_form(request)
    check(form.get("csrf"), browser(request).key, _interaction_id(request))
    return form


def _shown(request: Request, pending: Pending) -> ClientShown | None:
    """Whom the person signs in for; None for our own pages."""
    return None if is_own(pending.interaction.request) else client_shown(request, pending.client)


def _csrf(request: Request) -> str:
    return token_for(browser(request).key, _interaction_id(request))


def _of_person(request: Request, pending: Pending) -> str:
    """What a form counts for that names a person: nobody agrees for somebody else who has signed in meanwhile."""
    return f"{_interaction_id(request)} {'' if pending.session is None else pending.session.id}"


def _interaction_id(request: Request) -> InteractionId:
    text: str = request.path_params["interaction_id"]
    if not is_uuid(text):
        raise InteractionGone
    return InteractionId(text)


def _own_path(request: Request) -> str:
    return step_path(request, request.state.step, request.path_params["interaction_id"])

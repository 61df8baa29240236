"""GET and POST /oauth2/logout (OIDC RP-Initiated Logout 1.0 §2), and the answer to "sign out?"."""

from starlette.requests import Request
from starlette.responses import Response

from identity_service.application.use_cases.sign_in.log_out import LogoutRequest
from identity_service.domain.oauth.parameters import Query, parse_query
from identity_service.http.raw_form import read_form_body
from identity_service.http.services import sign_in
from identity_service.http.site import site
from identity_service.web.answers import pages, see_other
from identity_service.web.client_shown import client_shown
from identity_service.web.cookies import browser, forget_session
from identity_service.web.csrf import check, token_for
from identity_service.web.headers import form_target
from identity_service.web.views import LogoutPage, SignedOutPage, StillSignedInPage

PATH = "/oauth2/logout"


async def log_out(request: Request) -> Response:
    """Signs out, or asks whether to."""
    query = _query(request)
    asked = await _checked(request, query)
    if not asked.confirm or asked.session is None:
        return await _signed_out(request, query, asked)
    page = LogoutPage(
        action=_address(request, query),
        csrf=token_for(browser(request).session, _purpose(query)),
        account=asked.session.username,
        client=None if asked.client is None else client_shown(request, asked.client),
    )
    targets = () if asked.continue_to is None else (form_target(asked.continue_to),)
    return pages(request).respond(page, request, ui_locales=_locales(query), form_action=targets)


async def log_out_by_post(request: Request) -> Response:
    """The same request as a form, which comes without our cookies from another site (SameSite=Lax): the GET that it
    leads to has them. Or the form of our own question, whose address holds what was asked."""
    form = parse_query(await read_form_body(request))
    if "csrf" not in form.names:
        return see_other(_address(request, form))
    query = _query(request)
    asked = await _checked(request, query)
    if asked.session is None:  # it was answered before, in another tab or by a double click
        return await _signed_out(request, query, asked)
    check(form.parameters.get("csrf"), browser(request).session, _purpose(query))
    if form.parameters.get("action") == "logout":
        return await _signed_out(request, query, asked)
    # Nobody is sent to the client: to it that would mean that the person has signed out (§3).
    page = StillSignedInPage(account=asked.session.username)
    return pages(request).respond(page, request, ui_locales=_locales(query))


async def _checked(request: Request, query: Query) -> LogoutRequest:
    return await sign_in(request).log_out.checked(query, browser(request))


async def _signed_out(request: Request, query: Query, asked: LogoutRequest) -> Response:
    """On to the client at once, unless other clients have to be shown in frames before."""
    frames = () if asked.session is None else await sign_in(request).log_out(asked.session)
    if asked.continue_to is not None and not frames:
        response = see_other(asked.continue_to)
        forget_session(response, site(request))
        return response
    client = None if asked.client is None else client_shown(request, asked.client)
    page = SignedOutPage(client=client, continue_to=asked.continue_to, frames=frames)
    return signed_out(request, page, ui_locales=_locales(query))


def signed_out(request: Request, page: SignedOutPage, *, ui_locales: tuple[str, ...] = ()) -> Response:
    """The page that says so, which may show its frames, and no session any more."""
    sources = tuple(dict.fromkeys(map(form_target, page.frames)))
    response = pages(request).respond(page, request, ui_locales=ui_locales, frame_src=sources)
    forget_session(response, site(request))
    return response


def _query(request: Request) -> Query:
    return parse_query(request.scope["query_string"])


def _locales(query: Query) -> tuple[str, ...]:
    return tuple((query.parameters.get("ui_locales") or "").split())


def _address(request: Request, query: Query) -> str:
    return f"{site(request).issuer_path}{PATH}?{query.encoded}"


def _purpose(query: Query) -> str:
    return f"logout?{query.encoded}"

"""/account/…: where a person is signed in, what applications may, and what happened; and how they put an end to it."""

from urllib.parse import urlencode

from starlette.requests import Request
from starlette.responses import Response

from identity_service.application.dto.activity_view import ActivityView
from identity_service.application.dto.consent_view import ConsentView
from identity_service.application.dto.session_view import SessionView
from identity_service.application.use_cases.consents.revoke_consent import ConsentRevocation
from identity_service.application.use_cases.sessions.revoke_session import SessionRevocation
from identity_service.domain.entities.session import Session
from identity_service.domain.oauth.response_modes import with_members
from identity_service.domain.refusals import Unacceptable
from identity_service.http.services import consents, sessions, users
from identity_service.http.site import site
from identity_service.web.account_views import (
    ActivityPage,
    ConsentShown,
    ConsentsPage,
    EntryShown,
    SessionShown,
    SessionsPage,
)
from identity_service.web.answers import pages, see_other
from identity_service.web.moments import Clock
from identity_service.web.routes.logout import signed_out
from identity_service.web.routes.own_page import (
    HOME,
    actor_of,
    at,
    csrf_of,
    done_of,
    form_of,
    frame_of,
    own_page,
)
from identity_service.web.user_agent import in_words
from identity_service.web.views import SignedOutPage

SESSIONS, CONSENTS, ACTIVITY = f"{HOME}/sessions", f"{HOME}/consents", f"{HOME}/activity"


@own_page(SESSIONS)
async def show_sessions(request: Request, session: Session) -> Response:
    """Each browser that is signed in, this one marked."""
    clock = await _clock(request, session)
    found = await sessions(request).list_sessions(session.user_id, current=session.id)
    page = SessionsPage(
        frame=frame_of(request, session),
        action=at(request, SESSIONS),
        csrf=csrf_of(request),
        sessions=tuple(_session(each, clock) for each in found),
        zone=clock.name,
        done=done_of(request),
    )
    return pages(request).respond(page, request)


@own_page(SESSIONS)
async def end_sessions(request: Request, session: Session) -> Response:
    """One of them, or all with this one."""
    form, actor = await form_of(request), actor_of(session)
    if form.get("everywhere") is not None:
        frames = await sessions(request).sign_out_everywhere(session.user_id, by=actor, here=session.id)
        page = SignedOutPage(client=None, continue_to=None, frames=frames, everywhere=True)
        return signed_out(request, page)
    if (chosen := form.get("session")) is None:
        return see_other(at(request, SESSIONS))
    order = SessionRevocation(by=actor, user_id=session.user_id, session_id=chosen)
    await sessions(request).revoke_session(order)
    return see_other(f"{at(request, SESSIONS)}?done=ended")


@own_page(CONSENTS)
async def show_consents(request: Request, session: Session) -> Response:
    """What each application may."""
    clock = await _clock(request, session)
    found = await consents(request).list_consents(session.user_id)
    page = ConsentsPage(
        frame=frame_of(request, session),
        action=at(request, CONSENTS),
        csrf=csrf_of(request),
        consents=tuple(_consent(each, clock, issuer=site(request).issuer) for each in found),
        zone=clock.name,
        done=done_of(request),
    )
    return pages(request).respond(page, request)


@own_page(CONSENTS)
async def withdraw_consent(request: Request, session: Session) -> Response:
    """One of them, and all that the application got by it."""
    form = await form_of(request)
    if (chosen := form.get("client")) is None:
        return see_other(at(request, CONSENTS))
    order = ConsentRevocation(by=actor_of(session), user_id=session.user_id, client_id=chosen)
    await consents(request).revoke_consent(order)
    return see_other(f"{at(request, CONSENTS)}?done=withdrawn")


@own_page(ACTIVITY)
async def show_activity(request: Request, session: Session) -> Response:
    """What happened, page by page; a cursor that is none of ours leads to the first."""
    cursor = request.query_params.get("cursor")
    try:
        found = await users(request).list_activity(session.user_id, cursor=cursor)
    except Unacceptable:
        return see_other(at(request, ACTIVITY))
    clock = await _clock(request, session)
    following = found.next_cursor
    page = ActivityPage(
        frame=frame_of(request, session),
        entries=tuple(_entry(each, clock) for each in found.items),
        zone=clock.name,
        older=None if following is None else urlencode({"cursor": following}),
        newest=cursor is not None,
    )
    return pages(request).respond(page, request)


async def _clock(request: Request, session: Session) -> Clock:
    return Clock.of((await users(request).get_user(session.user_id)).zoneinfo)


def _session(view: SessionView, clock: Clock) -> SessionShown:
    browser, system = in_words(view.user_agent)
    return SessionShown(
        key=view.id,
        browser=browser,
        system=system,
        address=view.address,
        signed_in=clock.shows(view.auth_time),
        seen=clock.shows(view.last_seen_at),
        current=view.current,
    )


def _consent(view: ConsentView, clock: Clock, *, issuer: str) -> ConsentShown:
    """Whoever opens the application is told to it by nothing: it asks here who they are (OIDC Core §4)."""
    login = view.initiate_login_uri
    return ConsentShown(
        key=view.client_id,
        name=view.client_name,
        scopes=tuple(view.scope.split()),
        claims=view.claims,
        since=clock.shows(view.updated_at),
        opens=None if login is None else with_members(login, (("iss", issuer),)),
    )


def _entry(view: ActivityView, clock: Clock) -> EntryShown:
    browser, system = in_words(view.user_agent)
    return EntryShown(
        event=view.name,
        variant=view.variant,
        client=view.client_name,
        browser=browser,
        system=system,
        address=view.address,
        at=clock.shows(view.at),
    )

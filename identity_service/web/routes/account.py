"""/account: what a person's account says of them, and how they change it."""

import re
from dataclasses import dataclass

from starlette.requests import Request
from starlette.responses import Response

from identity_service.application.dto.user_view import UserView
from identity_service.application.use_cases.users.update_own_profile import ProfileUpdate
from identity_service.domain.entities.session import Session
from identity_service.domain.oauth.errors import TooManyRequests
from identity_service.domain.oauth.parameters import Parameters
from identity_service.domain.refusals import ChangedMeanwhile, Unacceptable
from identity_service.domain.services.password_policy import Unfit
from identity_service.domain.value_objects.secret import Secret
from identity_service.http.caller import client_address
from identity_service.http.services import sessions, users
from identity_service.http.site import site
from identity_service.ports.security import HashingBusy
from identity_service.ports.unit_of_work import Conflict
from identity_service.web.account_fields import changed_members, facts, fields, fields_of, sent_fields
from identity_service.web.account_views import (
    AccountPage,
    EditProfilePage,
    PasswordChangedPage,
    PasswordPage,
    PasswordProblem,
    ProfilePage,
    ProfileProblem,
)
from identity_service.web.answers import pages, see_other
from identity_service.web.cookies import forget_session
from identity_service.web.routes.own_page import HOME, at, csrf_of, done_of, form_of, frame_of, own_page

PROFILE, PASSWORD, CHANGED = f"{HOME}/profile", f"{HOME}/password", f"{HOME}/password-changed"
RECENT_SECONDS = 15 * 60
"""Whoever changes what an account says signed in so lately: a browser that was left open is not enough."""
FILLING_IN_SECONDS = 2 * RECENT_SECONDS
"""A form that was opened in time may take as long again."""
_VERSION = re.compile(r"[0-9]{1,9}")


@own_page(HOME)
async def show(request: Request, session: Session) -> Response:
    """The profile, to be read."""
    user = await users(request).get_user(session.user_id)
    page = ProfilePage(
        frame=frame_of(request, session),
        facts=facts(user),
        browsers=len(await sessions(request).list_sessions(session.user_id)),
        done=done_of(request),
    )
    return pages(request).respond(page, request)


@own_page(PROFILE, max_age=RECENT_SECONDS)
async def edit(request: Request, session: Session) -> Response:
    """The profile as a form."""
    user = await users(request).get_user(session.user_id)
    return pages(request).respond(_edit(request, session, user), request)


@own_page(PROFILE, max_age=FILLING_IN_SECONDS)
async def save(request: Request, session: Session) -> Response:
    """What the form says otherwise is changed, or the form comes back with what is wrong."""
    form = await form_of(request)
    user = await users(request).get_user(session.user_id)
    order = ProfileUpdate(
        user_id=session.user_id,
        members=changed_members(form, user),
        versions=_version(form),
        address=client_address(request),
        signed_in_lately=True,  # or this page would not have been shown
    )
    try:
        await users(request).update_own_profile(order)
    except ChangedMeanwhile:
        sent = _Sent(problem="changed")
    except Unacceptable as refusal:
        sent = _Sent(form=form, wrong=fields_of(_members(refusal)), problem="wrong_fields")
    except Conflict as conflict:
        sent = _Sent(form=form, wrong=frozenset({conflict.member}), problem="taken")
    else:
        return see_other(f"{at(request, HOME)}?done=saved")
    return _again(request, _edit(request, session, user, sent))


@own_page(PASSWORD)
async def ask_password(request: Request, session: Session) -> Response:
    """The form for a new password."""
    return pages(request).respond(_password(request, session), request)


@own_page(PASSWORD)
async def set_password(request: Request, session: Session) -> Response:
    """A new password, which ends every session and every token of the account, those of this browser too."""
    form = await form_of(request)
    current, new = form.get("current_password"), form.get("password") or ""
    if new != (form.get("again") or ""):
        return _again(request, _password(request, session, "two_passwords"))
    order = ProfileUpdate(
        user_id=session.user_id,
        password=Secret(new),
        current_password=Secret(current or ""),
        address=client_address(request),
    )
    try:
        await users(request).update_own_profile(order)
    except Unacceptable as refusal:
        return _again(request, _password(request, session, _problem(refusal)))
    except TooManyRequests as error:
        page = _password(request, session, "too_many_attempts")
        return _again(request, page, error.status, error.retry_after_seconds)
    except HashingBusy as busy:
        return _again(request, _password(request, session, "busy"), 503, busy.retry_after_seconds)
    response = see_other(at(request, CHANGED))
    forget_session(response, site(request))
    return response


async def password_changed(request: Request) -> Response:
    """That it is done; for whoever is signed in nowhere any more."""
    return pages(request).respond(PasswordChangedPage(base=site(request).issuer_path), request)


def _problem(refusal: Unacceptable) -> PasswordProblem:
    if "current_password" in _members(refusal):
        return "wrong_password"
    problem: PasswordProblem = Unfit(str(refusal.faults[0].reason)).value
    return problem


def _members(refusal: Unacceptable) -> frozenset[str]:
    return frozenset(fault.member for fault in refusal.faults)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Sent:
    """A form that could not be taken, and why."""

    form: Parameters | None = None
    wrong: frozenset[str] = frozenset()
    problem: ProfileProblem | None = None


def _edit(request: Request, session: Session, user: UserView, sent: _Sent | None = None) -> EditProfilePage:
    form = None if sent is None else sent.form
    return EditProfilePage(
        frame=frame_of(request, session),
        action=at(request, PROFILE),
        csrf=csrf_of(request),
        version=user.version,
        groups=fields(user) if sent is None or form is None else sent_fields(form, wrong=sent.wrong),
        problem=None if sent is None else sent.problem,
    )


def _version(form: Parameters) -> frozenset[int]:
    """The version that the form was made from; what is none is one that there never was."""
    text = form.get("version") or ""
    return frozenset({int(text)}) if _VERSION.fullmatch(text) else frozenset()


def _password(request: Request, session: Session, problem: PasswordProblem | None = None) -> PasswordPage:
    return PasswordPage(
        frame=frame_of(request, session),
        action=at(request, PASSWORD),
        csrf=csrf_of(request),
        problem=problem,
        fewest=site(request).password_fewest,
    )


def _again(
    request: Request, page: AccountPage, status: int = 400, retry_after: int | None = None
) -> Response:
    response = pages(request).respond(page, request, status=status)
    if retry_after is not None:
        response.headers["Retry-After"] = str(retry_after)
    return response

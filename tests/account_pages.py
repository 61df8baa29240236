"""The pages of the account home, in every state."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, datetime
from typing import get_args

from identity_service.application.dto.user_view import AddressView, UserView
from identity_service.web.account_fields import facts, fields
from identity_service.web.account_views import (
    AccountPage,
    ActivityPage,
    ConsentShown,
    ConsentsPage,
    EditProfilePage,
    EntryShown,
    FactShown,
    FieldShown,
    Frame,
    PasswordChangedPage,
    PasswordPage,
    ProfilePage,
    SessionShown,
    SessionsPage,
    UnfitPassword,
)
from identity_service.web.account_wording import HAPPENED
from identity_service.web.moments import Clock

CLOCK = Clock.of("Europe/London")
NOON = datetime(2026, 11, 27, 12, tzinfo=UTC)
USER = UserView(
    id="01997d5e-7c1a-7cc3-9d6f-0b5a3a0b8c55",
    username="ada",
    email="ada@house.example",
    email_verified=True,
    name="Ada Lovelace",
    given_name="Ada",
    family_name="Lovelace",
    middle_name=None,
    nickname=None,
    profile=None,
    picture=None,
    website="https://ada.example/",
    gender=None,
    birthdate="1815-12-10",
    zoneinfo="Europe/London",
    locale="en-GB",
    phone_number="+442071234567",
    phone_number_verified=False,
    address=AddressView(
        formatted=None,
        street_address="12 St James’s Square\nFirst floor",
        locality="London",
        region=None,
        postal_code="SW1Y 4JH",
        country="United Kingdom",
    ),
    admin=False,
    active=True,
    created_at=NOON,
    updated_at=NOON,
    version=3,
)
FRAME = Frame(base="", account="ada")
PROFILE = ProfilePage(frame=FRAME, facts=facts(USER), browsers=2, done=None)
EDIT = EditProfilePage(frame=FRAME, action="/sent", csrf="c-1", version=3, groups=fields(USER), problem=None)
PASSWORD = PasswordPage(frame=FRAME, action="/sent", csrf="c-1", problem=None, fewest=8)
HERE = SessionShown(
    key="s-1",
    browser="Firefox",
    system="Linux",
    address="2001:db8:85a3::8a2e:370:7334",
    signed_in=CLOCK.shows(NOON),
    seen=CLOCK.shows(NOON),
    current=True,
)
SESSIONS = SessionsPage(
    frame=FRAME,
    action="/sent",
    csrf="c-1",
    sessions=(
        HERE,
        replace(HERE, key="s-2", browser="Safari", system="iPhone", address="192.0.2.7", current=False),
        replace(HERE, key="s-3", browser=None, system=None, address=None, current=False),
    ),
    zone=CLOCK.name,
    done=None,
)
AGREED = ConsentShown(
    key="album",
    name="Photo Album",
    scopes=("openid", "profile", "offline_access", "album:print"),
    claims=("birthdate",),
    since=CLOCK.shows(NOON),
    opens="https://album.example/login?iss=https%3A%2F%2Fid.example",
)
CONSENTS = ConsentsPage(
    frame=FRAME,
    action="/sent",
    csrf="c-1",
    consents=(
        AGREED,
        replace(AGREED, key="gone", name=None, scopes=("openid",), claims=(), opens=None),
    ),
    zone=CLOCK.name,
    done=None,
)
ACTIVITY = ActivityPage(
    frame=FRAME,
    entries=tuple(
        EntryShown(
            event=event,
            variant=variant,
            client="Photo Album" if event.startswith(("consent", "family", "session.st")) else None,
            browser="Chrome" if event.startswith("session") else None,
            system="Windows" if event.startswith("session") else None,
            address=None if event == "user.created" else "192.0.2.7",
            at=CLOCK.shows(NOON),
        )
        for event, variant in list(HAPPENED)[6:12]
    ),
    zone=CLOCK.name,
    older="cursor=a-b_c",
    newest=True,
)


def _wrong(page: EditProfilePage) -> EditProfilePage:
    groups = tuple(tuple(replace(each, wrong=True) for each in group) for group in page.groups)
    return replace(page, groups=groups, problem="wrong_fields")


def account_samples(long: str) -> Mapping[str, AccountPage]:
    """By name; `long` is a text without a place to break."""
    wide = FieldShown(member="name", value=long, wrong=False)
    return {
        "account": PROFILE,
        "account-saved": replace(PROFILE, browsers=1, done="saved"),
        "account-long": replace(
            PROFILE,
            frame=replace(FRAME, account=long),
            facts=(FactShown(member="name", value=long, verified=None),),
        ),
        "account_edit": EDIT,
        "account_edit-wrong_fields": _wrong(EDIT),
        "account_edit-taken": replace(EDIT, groups=((wide,),), problem="taken"),
        "account_edit-changed": replace(EDIT, problem="changed"),
        "account_password": PASSWORD,
        "account_password-wrong_password": replace(PASSWORD, problem="wrong_password"),
        **{
            f"account_password-{unfit}": replace(PASSWORD, problem=unfit) for unfit in get_args(UnfitPassword)
        },
        "account_password-two_passwords": replace(PASSWORD, problem="two_passwords"),
        "account_password-too_many_attempts": replace(PASSWORD, problem="too_many_attempts"),
        "account_password-busy": replace(PASSWORD, problem="busy"),
        "password_changed": PasswordChangedPage(base=""),
        "account_sessions": SESSIONS,
        "account_sessions-ended": replace(SESSIONS, sessions=(HERE,), done="ended"),
        "account_consents": CONSENTS,
        "account_consents-withdrawn": replace(CONSENTS, consents=(), done="withdrawn"),
        "account_consents-long": replace(
            CONSENTS, consents=(replace(AGREED, name=long, scopes=(long,), claims=(long,)),)
        ),
        "account_activity": ACTIVITY,
        "account_activity-none": replace(ACTIVITY, entries=(), older=None, newest=False),
        "account_activity-long": replace(
            ACTIVITY, entries=(replace(ACTIVITY.entries[0], client=long, browser=long, address=long),)
        ),
    }

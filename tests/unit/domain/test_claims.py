"""What the server can say of a person, and which scope asks for what."""

from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import pytest

from identity_service.domain.entities.user import User
from identity_service.domain.oauth.claims import (
    SCOPE_CLAIMS,
    STANDARD_CLAIMS,
    asked_for_by,
    claims_of,
    selected,
)
from identity_service.domain.value_objects.email import Email
from identity_service.domain.value_objects.ids import UserId
from identity_service.domain.value_objects.profile import Address, Profile
from identity_service.domain.value_objects.username import Username

SILENT = User(
    id=UserId("01997d5e-7c1a-7cc3-9d6f-0b5a3a0b8c55"),
    username=Username(entered="Alice", key="alice"),
    email=None,
    email_verified=False,
    name=None,
    password_hash="s3cr3t",
    admin=True,
    active=True,
    epoch=3,
    version=4,
    created_at=datetime(2026, 1, 1, tzinfo=UTC),
    updated_at=datetime(2026, 1, 2, 3, 4, 5, 678_901, tzinfo=UTC),
)
OPEN = replace(
    SILENT,
    email=Email(address="Alice@Example.org", key="alice@example.org"),
    email_verified=True,
    name="Alice Liddell",
    profile=Profile(
        given_name="Alice",
        family_name="Liddell",
        middle_name="Pleasance",
        nickname="Al",
        profile="https://alice.example/about",
        picture="https://alice.example/me.png",
        website="https://alice.example",
        gender="female",
        birthdate="1852-05-04",
        zoneinfo="Europe/London",
        locale="en-GB",
        phone_number="+441865276150",
        phone_number_verified=True,
        address=Address(street_address="1 Main Street", locality="Oxford"),
    ),
)
ALL = {
    "name": "Alice Liddell",
    "preferred_username": "Alice",
    "updated_at": 1_767_323_045,
    "email": "Alice@Example.org",
    "email_verified": True,
    "given_name": "Alice",
    "family_name": "Liddell",
    "middle_name": "Pleasance",
    "nickname": "Al",
    "profile": "https://alice.example/about",
    "picture": "https://alice.example/me.png",
    "website": "https://alice.example",
    "gender": "female",
    "birthdate": "1852-05-04",
    "zoneinfo": "Europe/London",
    "locale": "en-GB",
    "phone_number": "+441865276150",
    "phone_number_verified": True,
    "address": {"street_address": "1 Main Street", "locality": "Oxford"},
}


def test_oidc_core_s5_1_everything_that_is_known_is_a_claim() -> None:
    assert claims_of(OPEN) == ALL
    assert set(ALL) == set(STANDARD_CLAIMS)


def test_oidc_core_s5_3_2_what_is_not_known_is_left_out() -> None:
    assert claims_of(SILENT) == {"preferred_username": "Alice", "updated_at": 1_767_323_045}


@pytest.mark.parametrize(
    ("user", "unverified"),
    [
        pytest.param(replace(OPEN, email_verified=False), "email_verified", id="an address"),
        pytest.param(
            replace(OPEN, profile=replace(OPEN.profile, phone_number_verified=False)),
            "phone_number_verified",
            id="a number",
        ),
    ],
)
def test_oidc_core_s5_1_what_nobody_has_verified_is_said_to_be_unverified(
    user: User, unverified: str
) -> None:
    assert claims_of(user) == ALL | {unverified: False}


@pytest.mark.parametrize(
    ("scopes", "claims"),
    [
        pytest.param(["openid"], set(), id="openid asks for no more than who it is"),
        pytest.param(["openid", "email"], {"email", "email_verified"}, id="email"),
        pytest.param(["phone"], {"phone_number", "phone_number_verified"}, id="phone"),
        pytest.param(["address", "email"], {"address", "email", "email_verified"}, id="two scopes together"),
        pytest.param(
            ["profile"],
            set(ALL) - {"email", "email_verified", "address", "phone_number", "phone_number_verified"},
            id="profile",
        ),
        pytest.param(["read", "offline_access"], set(), id="other scopes ask for none"),
        pytest.param(list(SCOPE_CLAIMS), set(ALL), id="all of them ask for everything"),
        pytest.param([], set(), id="no scope"),
    ],
)
def test_oidc_core_s5_4_a_scope_asks_for_its_claims_and_no_others(
    scopes: list[str], claims: set[str]
) -> None:
    assert asked_for_by(scopes) == claims
    assert set(selected(OPEN, asked_for_by(scopes))) == claims


@pytest.mark.parametrize(
    ("names", "found"),
    [
        pytest.param({"email"}, {"email": "Alice@Example.org"}, id="one claim of a scope"),
        pytest.param(["nickname", "locale"], {"nickname": "Al", "locale": "en-GB"}, id="two claims"),
        pytest.param({"sub", "password_hash", "admin", "epoch"}, {}, id="what is none of the claims"),
        pytest.param((), {}, id="nothing"),
    ],
)
def test_oidc_core_s5_5_single_claims_can_be_asked_for(names: Any, found: dict[str, Any]) -> None:
    assert selected(OPEN, names) == found


def test_oidc_core_s5_5_a_claim_that_is_asked_for_and_not_known_is_left_out() -> None:
    assert selected(SILENT, STANDARD_CLAIMS) == claims_of(SILENT)

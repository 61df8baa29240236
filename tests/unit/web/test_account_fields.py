"""The form of one's own profile: nothing changes but what was changed in it."""

from typing import Any

import pytest

from identity_service.application.use_cases.users.update_own_profile import MEMBERS
from identity_service.domain.oauth.parameters import Parameters
from identity_service.domain.value_objects.profile import ADDRESS_MEMBERS
from identity_service.web.account_fields import ADDRESS, GROUPS, changed_members, fields, fields_of
from identity_service.web.account_wording import FIELDS
from identity_service.web.moments import Clock
from tests.account_pages import NOON, USER

UNTOUCHED = {each.member: each.value for group in fields(USER) for each in group}


def form(**changed: str) -> Parameters:
    """The form as a browser sends it, with these fields changed."""
    sent = UNTOUCHED | {name.replace("__", "."): value for name, value in changed.items()}
    return Parameters.from_pairs((name, value.replace("\n", "\r\n")) for name, value in sent.items())


def test_every_member_that_people_may_change_is_asked_for_and_has_words() -> None:
    asked = {member for group in GROUPS for member in group}
    assert asked == set(FIELDS)
    assert {member for member in asked if not member.startswith(ADDRESS)} | {"address"} == set(MEMBERS)
    assert {each.removeprefix(ADDRESS) for each in asked if each.startswith(ADDRESS)} == set(ADDRESS_MEMBERS)


@pytest.mark.parametrize(
    ("changed", "patch"),
    [
        ({}, {}),
        ({"name": "Ada King"}, {"name": "Ada King"}),
        ({"name": ""}, {"name": None}),
        ({"name": "  Ada Lovelace "}, {}),
        ({"nickname": "Al", "website": ""}, {"nickname": "Al", "website": None}),
        ({"address__locality": "Paris"}, {"address": {"locality": "Paris"}}),
        ({"address__locality": "", "address__region": "x"}, {"address": {"locality": None, "region": "x"}}),
        ({"address__street_address": "a\nb"}, {"address": {"street_address": "a\nb"}}),
    ],
)
def test_rfc7396_a_form_is_a_patch_of_what_it_says_otherwise(
    changed: dict[str, str], patch: dict[str, Any]
) -> None:
    assert changed_members(form(**changed), USER) == patch


def test_a_member_that_is_not_of_the_form_is_not_looked_at() -> None:
    assert changed_members(form(admin="true", email_verified="true", password="x" * 8), USER) == {}


def test_a_refusal_of_a_part_of_the_address_means_its_field() -> None:
    assert fields_of(["address/region", "website"]) == {"address.region", "website"}


@pytest.mark.parametrize(
    ("zoneinfo", "name", "hour"),
    [("Asia/Kolkata", "Asia/Kolkata", "17:30"), (None, "UTC", "12:00"), ("Nowhere/Never", "UTC", "12:00")],
)
def test_moments_are_on_the_clock_of_the_profile(zoneinfo: str | None, name: str, hour: str) -> None:
    clock = Clock.of(zoneinfo)
    assert (clock.name, clock.shows(NOON).time) == (name, hour)

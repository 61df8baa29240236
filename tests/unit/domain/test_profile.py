"""What people may say of themselves."""

from typing import Any

import pytest

from identity_service.domain.refusals import Unacceptable
from identity_service.domain.services.profile_rules import acceptable
from identity_service.domain.value_objects.profile import (
    ADDRESS_MEMBERS,
    PROFILE_MEMBERS,
    Address,
    Profile,
)

STREET = "1 Main Street\r\nSecond floor\nBack door"
GOOD = [
    *(
        pytest.param(name, "Zoë O'Hara-名前", id=f"{name} in any script")
        for name in ("given_name", "family_name", "middle_name", "nickname", "gender")
    ),
    *(
        pytest.param(name, url, id=f"{name}: {url}")
        for name in ("profile", "picture", "website")
        for url in (
            "https://a.example/me?x=1#top",
            "http://[2001:db8::1]:8080",
            "https://xn--bcher-kva.example/%C3%BC",
        )
    ),
    pytest.param("birthdate", "2001-02-03", id="a day of birth"),
    pytest.param("birthdate", "0000-02-29", id="a day of birth without its year"),
    pytest.param("birthdate", "1956", id="a year of birth alone"),
    pytest.param("zoneinfo", "Europe/Paris", id="a zone"),
    pytest.param("zoneinfo", "America/Argentina/Buenos_Aires", id="a zone in two folders"),
    pytest.param("zoneinfo", "Etc/GMT+8", id="a zone with a sign"),
    pytest.param("locale", "en", id="a language"),
    pytest.param("locale", "en-US", id="a language and a region"),
    pytest.param("locale", "zh-Hant-TW", id="a language, a script and a region"),
    pytest.param("locale", "de-CH-1996-u-co-phonebk-x-mine", id="a tag with everything"),
    pytest.param("phone_number", "+14255551212", id="a phone number"),
    pytest.param("phone_number", "+16045551234;ext=5678", id="a phone number with an extension"),
    pytest.param("phone_number_verified", True, id="a verified number"),
    pytest.param(
        "address", {"formatted": STREET, "street_address": STREET, "country": None}, id="an address"
    ),
    *(
        pytest.param(name, None, id=f"nothing as {name}")
        for name in PROFILE_MEMBERS
        if name[-8:] != "verified"
    ),
]
BAD = [
    *(
        pytest.param(name, text, name, id=f"{name}: {why}")
        for name in ("given_name", "family_name", "middle_name", "nickname", "gender")
        for why, text in (
            ("empty", " "),
            ("NUL", "a\0"),
            ("turned round", "a\u202eb"),
            ("too long", "x" * 201),
        )
    ),
    *(
        pytest.param(name, url, name, id=f"{name}: {why}")
        for name in ("profile", "picture", "website")
        for why, url in (
            ("a script", "javascript:alert(1)"),
            ("data", "data:image/png;base64,AA"),
            ("no scheme", "//a.example/me"),
            ("no host", "https:///me"),
            ("user information", "https://a.example@b.example/me"),
            ("a space", "https://a.example/a b"),
            ("a line end", "https://a.example/\n"),
            ("a quote", 'https://a.example/"onload="x'),
            ("a broken escape", "https://a.example/%zz"),
            ("too long", "https://a.example/" + "x" * 2000),
        )
    ),
    *(
        pytest.param("birthdate", text, "birthdate", id=f"birthdate: {why}")
        for why, text in (
            ("no such day", "2001-02-29"),
            ("no such month", "0000-13-01"),
            ("nothing told", "0000"),
            ("no zeros", "2001-2-3"),
            ("the other way round", "03.02.2001"),
            ("without hyphens", "20010203"),
            ("a month alone", "2001-02"),
            ("digits of another script", "２００１-02-03"),
        )
    ),
    *(
        pytest.param("zoneinfo", text, "zoneinfo", id=f"zoneinfo: {why}")
        for why, text in (
            ("unknown", "Europe/Atlantis"),
            ("a folder", "Europe"),
            ("a path", "../../etc/passwd"),
            ("an absolute path", "/etc/localtime"),
            ("not set up", "Factory"),
            ("this machine's own", "localtime"),
            ("with leap seconds", "right/Europe/Paris"),
            ("a list of zones", "zone.tab"),
            ("NUL", "Europe/Paris\0"),
            ("too long", "A" * 5000),
        )
    ),
    *(
        pytest.param("locale", text, "locale", id=f"locale: {why}")
        for why, text in (
            ("an underscore", "en_US"),
            ("one letter", "e"),
            ("an empty part", "en--US"),
            ("nothing", ""),
            ("a long part", "en-abcdefghi"),
            ("a singleton that begins nothing", "en-u"),
            ("too long", "en" + "-abcde" * 20),
        )
    ),
    *(
        pytest.param("phone_number", text, "phone_number", id=f"phone_number: {why}")
        for why, text in (
            ("no plus", "14255551212"),
            ("spaces", "+1 425 555 1212"),
            ("a leading zero", "+0425551212"),
            ("sixteen digits", "+1234567890123456"),
            ("letters", "+1800FLOWERS"),
            ("an empty extension", "+14255551212;ext="),
        )
    ),
    pytest.param("phone_number_verified", None, "phone_number_verified", id="neither verified nor not"),
    pytest.param("address", {"locality": "Paris\nFrance"}, "address/locality", id="a town on two lines"),
    pytest.param("address", {"country": ""}, "address/country", id="an empty country"),
    pytest.param("address", {"formatted": "x" * 1001}, "address/formatted", id="a long address"),
    pytest.param("address", {"street_address": "a\rb"}, "address/street_address", id="half a line end"),
    pytest.param("address", {"street_address": "\n"}, "address/street_address", id="lines without a text"),
]


@pytest.mark.parametrize(("member", "value"), GOOD)
def test_oidc_core_s5_1_a_claim_is_kept_as_it_was_said(member: str, value: Any) -> None:
    assert acceptable(member, value) == value


@pytest.mark.parametrize(("member", "value", "at"), BAD)
def test_oidc_core_s5_1_what_the_claim_cannot_mean_is_refused_by_name(
    member: str, value: Any, at: str
) -> None:
    with pytest.raises(Unacceptable) as refused:
        acceptable(member, value)

    assert [fault.member for fault in refused.value.faults] == [at]


def test_every_fault_of_an_address_is_told_at_once() -> None:
    with pytest.raises(Unacceptable) as refused:
        acceptable("address", dict.fromkeys(ADDRESS_MEMBERS, "a\0"))

    assert [fault.member for fault in refused.value.faults] == [f"address/{part}" for part in ADDRESS_MEMBERS]


HOME = Address(street_address="1 Main Street", locality="Paris")


@pytest.mark.parametrize(
    ("before", "sent", "after"),
    [
        pytest.param(None, {"locality": "Paris"}, Address(locality="Paris"), id="a first member"),
        pytest.param(HOME, {"country": "FR"}, Address(street_address="1 Main Street", locality="Paris", country="FR"),
                     id="one more member"),
        pytest.param(HOME, {"locality": None}, Address(street_address="1 Main Street"), id="one member less"),
        pytest.param(HOME, {"locality": None, "street_address": None}, None, id="no member left"),
        pytest.param(HOME, {}, HOME, id="no change"),
        pytest.param(HOME, None, None, id="no address any more"),
        pytest.param(None, {}, None, id="still no address"),
    ],
)  # fmt: skip
def test_rfc7396_an_address_is_merged(before: Address | None, sent: Any, after: Address | None) -> None:
    assert Profile(nickname="A", address=before).changed({"address": sent}) == Profile(
        nickname="A", address=after
    )


VERIFIED = Profile(phone_number="+14255551212", phone_number_verified=True)


@pytest.mark.parametrize(
    ("members", "verified"),
    [
        pytest.param({"phone_number": "+14255551212"}, True, id="the same number stays verified"),
        pytest.param({"nickname": "A"}, True, id="another member leaves it verified"),
        pytest.param({"phone_number": "+14255550000"}, False, id="another number is not verified"),
        pytest.param({"phone_number": None}, False, id="no number is not verified"),
        pytest.param(
            {"phone_number": "+14255550000", "phone_number_verified": True},
            True,
            id="unless it is said to be",
        ),
        pytest.param({"phone_number_verified": False}, False, id="or said not to be"),
    ],
)
def test_oidc_core_s5_1_a_number_is_verified_that_somebody_has_verified(
    members: dict[str, Any], verified: bool
) -> None:
    assert VERIFIED.changed(members).phone_number_verified is verified


@pytest.mark.parametrize("before", [Profile(), VERIFIED], ids=["never a number", "a number taken away"])
def test_oidc_core_s5_1_no_number_cannot_be_verified(before: Profile) -> None:
    with pytest.raises(Unacceptable) as refused:
        before.changed({"phone_number": None, "phone_number_verified": True})

    assert refused.value.faults[0].member == "phone_number_verified"


def test_attack_25_a_profile_in_a_log_line_tells_nothing_of_the_person() -> None:
    profile = Profile(**dict.fromkeys(PROFILE_MEMBERS, "s3cr3t") | {"phone_number_verified": True})

    assert "s3cr3t" not in repr(profile)

"""RFC 8265 §3.3, UTS-46 and RFC 6531: which names there are, and which are the same."""

import pytest

from identity_service.adapters.names.precis import PrecisNames
from identity_service.domain.value_objects.invalid_name import InvalidName
from identity_service.ports.names import AccountNames

NAMES: AccountNames = PrecisNames()


@pytest.mark.parametrize(
    ("entered", "key"),
    [
        pytest.param("Alice", "alice", id="capitals"),
        pytest.param("alice_01-x.y+z!", "alice_01-x.y+z!", id="ASCII of all kinds"),
        pytest.param("ÉMILE", "émile", id="capitals outside ASCII"),
        pytest.param("e\u0301mile", "émile", id="NFC: a combining mark and its composed letter are one"),
        pytest.param("ｂｏｂ", "bob", id="width mapping: a fullwidth homograph is the plain name"),
        pytest.param("\u212aate", "kate", id="the Kelvin sign is a K"),
        pytest.param("straße", "straße", id="RFC 8265 s3.3 lower-casing leaves ß alone"),
        pytest.param("אבג1", "אבג1", id="RFC 5893 a right-to-left name"),
        pytest.param("l·l", "l·l", id="RFC 5892 A.3 a middle dot between two l"),
        pytest.param("Bob@Example.COM", "bob@example.com", id="an address"),
        pytest.param("a" * 64, "a" * 64, id="64 code points"),
    ],
)
def test_rfc8265_s3_3_a_username_has_a_key_and_keeps_its_form(entered: str, key: str) -> None:
    username = NAMES.username(entered)
    assert (username.entered, username.key) == (entered, key)
    assert NAMES.username(key).key == key


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        pytest.param("", "empty", id="empty"),
        pytest.param("a" * 65, "too_long", id="65 code points"),
        pytest.param("a" * 1_000_000, "too_long", id="a megabyte"),
        pytest.param("\u0130" * 40, "too_long", id="longer in lower case"),
        pytest.param("al ice", "not_allowed", id="a space"),
        pytest.param(" alice", "not_allowed", id="a space before"),
        pytest.param("al\u00a0ice", "not_allowed", id="a no-break space"),
        pytest.param("al\0ice", "not_allowed", id="NUL"),
        pytest.param("alice\n", "not_allowed", id="a line end"),
        pytest.param("\ud800", "not_allowed", id="a lone surrogate"),
        pytest.param("al\u202eice", "not_allowed", id="a bidi override"),
        pytest.param("al\u200fice", "not_allowed", id="a direction mark"),
        pytest.param("al\u200bice", "not_allowed", id="a zero-width space"),
        pytest.param("al\u200dice", "not_allowed", id="a joiner out of context"),
        pytest.param("al\u00adice", "not_allowed", id="a soft hyphen"),
        pytest.param("1אב", "not_allowed", id="RFC 5893 a digit before right-to-left letters"),
        pytest.param("aאb", "not_allowed", id="RFC 5893 mixed directions"),
        pytest.param("\u0301alice", "not_allowed", id="a combining mark in front"),
        pytest.param("ﬁne", "not_allowed", id="a ligature"),
        pytest.param("①", "not_allowed", id="a compatibility character"),
        pytest.param("a·b", "not_allowed", id="RFC 5892 A.3 a middle dot elsewhere"),
        pytest.param("👍", "not_allowed", id="a symbol"),
        pytest.param("\ue000", "not_allowed", id="private use"),
        pytest.param("\u0378", "not_allowed", id="unassigned"),
        pytest.param("a\U000e0041", "not_allowed", id="a tag character"),
    ],
)
def test_rfc8264_s4_2_a_username_that_no_account_may_have_is_refused(text: str, reason: str) -> None:
    with pytest.raises(InvalidName) as caught:
        NAMES.username(text)
    assert (caught.value.field, caught.value.reason) == ("username", reason)


def test_rfc8265_s7_a_look_alike_of_another_script_stays_another_name() -> None:
    assert NAMES.username("\u0430lice").key != NAMES.username("alice").key


@pytest.mark.parametrize(
    ("address", "key"),
    [
        pytest.param("Bob@Example.COM", "bob@example.com", id="ASCII in capitals"),
        pytest.param("bob@bücher.example", "bob@xn--bcher-kva.example", id="a U-label"),
        pytest.param("bob@BÜCHER.example", "bob@xn--bcher-kva.example", id="a U-label in capitals"),
        pytest.param("bob@xn--bcher-kva.example", "bob@xn--bcher-kva.example", id="an A-label"),
        pytest.param("bob@bu\u0308cher.example", "bob@xn--bcher-kva.example", id="a decomposed U-label"),
        pytest.param("bob@faß.de", "bob@xn--fa-hia.de", id="UTS-46 non-transitional: ß is not ss"),
        pytest.param("bob@x。example", "bob@x.example", id="an ideographic full stop"),
        pytest.param("bob@\u0430pple.com", "bob@xn--pple-43d.com", id="a homograph shows in its A-label"),
        pytest.param("É.b@x.example", "É.b@x.example", id="only ASCII of the local part loses its case"),
        pytest.param("e\u0301@x.example", "é@x.example", id="RFC 6532 s3.1 NFC in the local part"),
        pytest.param("a+b_c'd@x.example", "a+b_c'd@x.example", id="an atom of all kinds"),
        pytest.param("a@localhost", "a@localhost", id="a single label"),
        pytest.param("a" * 64 + "@x.example", "a" * 64 + "@x.example", id="64 octets before the at sign"),
    ],
)
def test_an_address_is_kept_as_entered_and_compared_by_its_key(address: str, key: str) -> None:
    email = NAMES.email(address)
    assert (email.address, email.key) == (address, key)
    assert NAMES.email(key).key == key


LONG_DOMAIN = ".".join(["d" * 60] * 4)


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        pytest.param("", "empty", id="empty"),
        pytest.param("a" * 65 + "@x.example", "too_long", id="65 octets before the at sign"),
        pytest.param("é" * 33 + "@x.example", "too_long", id="66 octets in 33 letters"),
        pytest.param("a" * 1_000_000 + "@x.example", "too_long", id="a megabyte"),
        pytest.param("a" * 12 + "@" + LONG_DOMAIN, "too_long", id="256 octets"),
        pytest.param("a" * 20 + "é@" + LONG_DOMAIN[:232], "too_long", id="254 characters in 255 octets"),
        pytest.param("x.example", "malformed", id="no at sign"),
        pytest.param("@x.example", "malformed", id="nothing before the at sign"),
        pytest.param("a@", "malformed", id="nothing behind the at sign"),
        pytest.param("a@b@x.example", "malformed", id="two at signs"),
        pytest.param('"a"@x.example', "malformed", id="a quoted local part"),
        pytest.param("a..b@x.example", "malformed", id="two dots"),
        pytest.param(".a@x.example", "malformed", id="a dot before"),
        pytest.param("a.@x.example", "malformed", id="a dot behind"),
        pytest.param("a(b)@x.example", "malformed", id="a comment"),
        pytest.param("a,b@x.example", "malformed", id="two addresses"),
        pytest.param("<a@x.example>", "malformed", id="angle brackets"),
        pytest.param("a@[127.0.0.1]", "malformed", id="an address literal"),
        pytest.param("a@x.example.", "malformed", id="a final dot"),
        pytest.param("a@x..example", "malformed", id="an empty label"),
        pytest.param("a@-x.example", "malformed", id="a hyphen before"),
        pytest.param("a@x_y.example", "malformed", id="an underscore"),
        pytest.param("a@xn--zzzz.example", "malformed", id="an A-label that is none"),
        pytest.param("a@" + "d" * 64 + ".example", "malformed", id="a label of 64"),
        pytest.param("a@1א.example", "malformed", id="RFC 5893 a bad right-to-left label"),
        pytest.param("a b@x.example", "not_allowed", id="a space"),
        pytest.param("a@x.example\n", "not_allowed", id="a line end"),
        pytest.param("a\r\nBcc: b@x.example", "not_allowed", id="a header injected"),
        pytest.param("a\0@x.example", "not_allowed", id="NUL"),
        pytest.param("\ud800@x.example", "not_allowed", id="a lone surrogate"),
        pytest.param("a@x\ud800.example", "not_allowed", id="a lone surrogate in the domain"),
        pytest.param("a\u202e@x.example", "not_allowed", id="a bidi override"),
        pytest.param("a@x\u00ad.example", "not_allowed", id="a soft hyphen in the domain"),
        pytest.param("\u0301a@x.example", "not_allowed", id="a combining mark in front"),
        pytest.param("ｂob@x.example", "not_allowed", id="a fullwidth homograph"),
        pytest.param("\u212aate@x.example", "not_allowed", id="the Kelvin sign"),
        pytest.param("ﬁn@x.example", "not_allowed", id="a ligature"),
    ],
)
def test_an_address_that_no_account_may_have_is_refused(text: str, reason: str) -> None:
    with pytest.raises(InvalidName) as caught:
        NAMES.email(text)
    assert (caught.value.field, caught.value.reason) == ("email", reason)


def test_the_longest_address_has_254_octets() -> None:
    address = "a" * 10 + "@" + LONG_DOMAIN
    assert len(address) == 254
    assert NAMES.email(address).key == address


def test_a_refusal_never_quotes_what_was_typed() -> None:
    with pytest.raises(InvalidName) as caught:
        NAMES.username("<script>\0")
    assert "script" not in str(caught.value) + caught.value.description

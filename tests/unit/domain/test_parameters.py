"""RFC 6749 §3.2 and Appendix B: which bodies are parameters, and which are refused."""

import pytest

from identity_service.domain.oauth.errors import InvalidRequest, PayloadTooLarge
from identity_service.domain.oauth.parameters import (
    MAX_FORM_BYTES,
    MAX_NAME_CHARACTERS,
    MAX_PARAMETERS,
    Parameters,
    form_decode,
    parse_form,
)


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        pytest.param(b"", {}, id="an empty body has no parameters"),
        pytest.param(b"a=1&b=2", {"a": "1", "b": "2"}, id="plain pairs"),
        pytest.param(b"a=b+c", {"a": "b c"}, id="plus is a space"),
        pytest.param(b"a=b%2Bc", {"a": "b+c"}, id="an encoded plus is a plus"),
        pytest.param(b"a=%c3%A9", {"a": "é"}, id="escapes in either case"),
        pytest.param("a=é".encode(), {"a": "é"}, id="bare UTF-8 octets"),
        pytest.param(b"a=%F0%9F%94%91", {"a": "🔑"}, id="outside the BMP"),
        pytest.param(b"a=b=c", {"a": "b=c"}, id="only the first equals sign divides"),
        pytest.param(b"a%3Db=c", {"a=b": "c"}, id="an encoded equals sign belongs to the name"),
        pytest.param(b"a=b%26c", {"a": "b&c"}, id="an encoded ampersand belongs to the value"),
        pytest.param(b"&a=1&&b=2&", {"a": "1", "b": "2"}, id="empty pieces are nothing"),
        pytest.param(b"=1", {"": "1"}, id="an empty name is a name nobody asks for"),
        pytest.param(b"a=1;b=2", {"a": "1;b=2"}, id="a semicolon divides nothing"),
        pytest.param(b"a=%0D%0A", {"a": "\r\n"}, id="line ends are characters"),
        pytest.param(b"password=a%00b%00", {"password": "a\0b\0"}, id="NUL counts in a password"),
    ],
)
def test_appendix_b_a_well_formed_body_is_read(body: bytes, expected: dict[str, str]) -> None:
    form = parse_form(body)
    assert {name: form.get(name) for name in form.names} == expected


@pytest.mark.parametrize(
    "body",
    [
        pytest.param(b"a=%", id="a lone percent"),
        pytest.param(b"a=%4", id="an escape cut off by the end"),
        pytest.param(b"a=%4&b=1", id="an escape cut off by the next parameter"),
        pytest.param(b"a=%zz", id="an escape that is not hexadecimal"),
        pytest.param(b"a=%+1", id="an escape with a plus sign"),
        pytest.param(b"a=%u0041", id="a JavaScript escape"),
        pytest.param(b"%g1=b", id="a broken escape in the name"),
        pytest.param(b"a=\xff", id="a bare octet that is not UTF-8"),
        pytest.param(b"a=%C3", id="UTF-8 cut off"),
        pytest.param(b"a=%C3&b=%A9", id="UTF-8 spread over two parameters"),
        pytest.param(b"a=%C0%80", id="overlong NUL"),
        pytest.param(b"a=%C1%A1", id="overlong letter"),
        pytest.param(b"a=%ED%A0%80", id="a lone surrogate"),
        pytest.param(b"a=%ED%A0%BD%ED%B4%91", id="a surrogate pair in CESU-8"),
        pytest.param(b"a=%F4%90%80%80", id="beyond U+10FFFF"),
        pytest.param(b"a=%00", id="NUL in a value"),
        pytest.param(b"a=b\0", id="a bare NUL in a value"),
        pytest.param(b"a%00=b", id="NUL in a name"),
        pytest.param(b"password%00=b", id="NUL in the name of a password"),
        pytest.param(b"\xef\xbb\xbfpassword=%00", id="NUL behind a byte order mark"),
    ],
)
def test_appendix_b_a_malformed_body_is_invalid_request(body: bytes) -> None:
    with pytest.raises(InvalidRequest) as caught:
        parse_form(body)
    assert caught.value.status == 400


@pytest.mark.parametrize("body", [b"a=&b=1", b"a&b=1"], ids=["with an equals sign", "without one"])
def test_s3_2_a_parameter_without_value_is_absent(body: bytes) -> None:
    form = parse_form(body)
    assert (form.get("a"), form.all("a"), form.names) == (None, (), ("b",))


@pytest.mark.parametrize(
    "body",
    [
        pytest.param(b"scope=a&scope=b", id="two values"),
        pytest.param(b"scope=a&scope=a", id="the same value twice"),
        pytest.param(b"scope=&scope=a", id="the first is empty"),
        pytest.param(b"scope=a&scope=", id="the second is empty"),
        pytest.param(b"scope&scope", id="both are empty"),
        pytest.param(b"scope=a&sc%6Fpe=b", id="spelled with an escape"),
        pytest.param(b"nobody_knows=a&nobody_knows=b", id="a name without meaning"),
    ],
)
def test_s3_2_a_repeated_parameter_is_invalid_request(body: bytes) -> None:
    with pytest.raises(InvalidRequest, match="a parameter is repeated"):
        parse_form(body)


def test_names_differ_by_case() -> None:
    assert parse_form(b"scope=a&SCOPE=b").names == ("scope", "SCOPE")


@pytest.mark.parametrize("name", ["resource", "audience"])
def test_rfc8707_s2_resource_and_audience_repeat_in_order_without_the_empty_ones(name: str) -> None:
    form = parse_form(f"{name}=b&{name}=&{name}=a".encode())
    assert form.all(name) == ("b", "a")
    with pytest.raises(InvalidRequest):
        form.get(name)


def test_rfc8707_s2_an_endpoint_may_let_nothing_repeat() -> None:
    with pytest.raises(InvalidRequest):
        parse_form(b"resource=a&resource=b", repeatable=frozenset())


def test_require_gives_the_value_or_says_which_parameter_is_missing() -> None:
    form = parse_form(b"username=u&password=")
    assert form.require("username") == "u"
    with pytest.raises(InvalidRequest) as caught:
        form.require("password")
    assert caught.value.description == "password is missing"


def test_the_number_of_parameters_is_limited() -> None:
    accepted = b"&".join(b"p%d=1" % number for number in range(MAX_PARAMETERS))
    assert len(parse_form(accepted).names) == MAX_PARAMETERS
    with pytest.raises(InvalidRequest, match="too many parameters"):
        parse_form(accepted + b"&one=more")


def test_the_length_of_a_name_is_limited() -> None:
    name = b"n" * MAX_NAME_CHARACTERS
    assert parse_form(name + b"=1").names == (name.decode(),)
    with pytest.raises(InvalidRequest, match="name of a parameter is too long"):
        parse_form(name + b"n=1")


def test_rfc9110_s15_5_14_the_length_of_the_body_is_limited() -> None:
    accepted = b"a=" + b"x" * (MAX_FORM_BYTES - 2)
    assert len(parse_form(accepted).require("a")) == MAX_FORM_BYTES - 2
    with pytest.raises(PayloadTooLarge):
        parse_form(accepted + b"x")


@pytest.mark.parametrize("body", [b"a=1&" * 100_000, b"&" * 100_000, b"%" * 100_000], ids=["a=1&", "&", "%"])
def test_a_hundred_thousand_pieces_are_refused_before_they_are_read(body: bytes) -> None:
    with pytest.raises(PayloadTooLarge):
        parse_form(body)
    with pytest.raises(InvalidRequest):
        parse_form(body[:MAX_FORM_BYTES])


def test_printing_parameters_shows_names_and_no_value() -> None:
    assert repr(parse_form(b"password=hunter2&scope=a")) == "Parameters(names=('password', 'scope'))"


def test_parameters_with_the_same_content_are_equal() -> None:
    assert parse_form(b"a=1&b=") == Parameters.from_pairs([("a", "1")])
    assert hash(parse_form(b"a=1&b=2")) == hash(parse_form(b"b=2&a=1"))
    assert parse_form(b"a=1") != parse_form(b"a=2")
    assert parse_form(b"a=1") != {"a": ("1",)}


def test_parameters_take_no_new_attributes() -> None:
    with pytest.raises(AttributeError):
        parse_form(b"").extra = 1


def test_form_decode_refuses_what_it_cannot_read() -> None:
    assert form_decode(b"a%20b+c") == "a b c"
    for broken in (b"%", b"%C3"):
        with pytest.raises(ValueError, match=r"escape|utf-8"):
            form_decode(broken)

"""The form parser on arbitrary octets: it reads what the standard library reads, or refuses in our words."""

from urllib.parse import parse_qsl, urlencode

from hypothesis import example, given
from hypothesis import strategies as st

from identity_service.domain.oauth.client_auth import parse_client_credentials
from identity_service.domain.oauth.errors import InvalidClient, InvalidRequest, OAuthError
from identity_service.domain.oauth.parameters import (
    MAX_FORM_BYTES,
    MAX_NAME_CHARACTERS,
    MAX_PARAMETERS,
    Parameters,
    parse_form,
)

PIECES = (
    b"&",
    b"=",
    b"+",
    b"%",
    b"%00",
    b"%C3%A9",
    b"%ED%A0%80",
    b"%zz",
    b"a",
    b"scope",
    b"resource",
    b"\xff",
    b"\0",
)

near_forms = st.lists(st.sampled_from(PIECES) | st.binary(max_size=4), max_size=40).map(b"".join)
bodies = st.binary(max_size=300) | near_forms
characters = st.characters(exclude_categories=("Cs",), exclude_characters="\0")
names = st.text(characters, min_size=1, max_size=MAX_NAME_CHARACTERS)
values = st.text(characters, min_size=1, max_size=40)


def outcome(body: bytes) -> Parameters | OAuthError:
    """What parse_form gives; any exception but ours goes through and fails the test."""
    try:
        return parse_form(body)
    except OAuthError as refusal:
        return refusal


@given(bodies)
@example(b"%" * MAX_FORM_BYTES)
@example(b"&" * MAX_FORM_BYTES)
@example(b"a=1&" * 100_000)
def test_arbitrary_octets_give_parameters_or_an_error_with_a_fixed_description(body: bytes) -> None:
    result = outcome(body)
    if isinstance(result, OAuthError):
        assert (result.code, result.status in (400, 413)) == ("invalid_request", True)
        assert result.description.isascii()


@given(bodies)
def test_what_is_read_has_no_empty_value_and_no_repeat(body: bytes) -> None:
    result = outcome(body)
    if isinstance(result, Parameters):
        assert all(value for name in result.names for value in result.all(name))
        assert {n for n in result.names if len(result.all(n)) > 1} <= {"resource", "audience"}


@given(bodies)
def test_what_is_read_is_what_the_standard_library_reads(body: bytes) -> None:
    result = outcome(body)
    if isinstance(result, Parameters):
        theirs = parse_qsl(body.decode("utf-8"), errors="strict")
        assert Parameters.from_pairs(theirs) == result


@given(st.dictionaries(names, values, max_size=MAX_PARAMETERS))
def test_what_urlencode_writes_is_read_back(pairs: dict[str, str]) -> None:
    form = parse_form(urlencode(pairs).encode("ascii"))
    assert {name: form.get(name) for name in form.names} == pairs


@given(st.dictionaries(names, values, min_size=1, max_size=8))
def test_well_formed_bodies_read_as_with_the_strict_standard_library(pairs: dict[str, str]) -> None:
    body = urlencode(pairs)
    theirs = parse_qsl(body, strict_parsing=True, errors="strict")
    assert [(name, parse_form(body.encode()).require(name)) for name, _ in theirs] == theirs


@given(st.lists(values, max_size=20), st.lists(st.integers(0, 19), max_size=5))
def test_a_repeatable_parameter_keeps_order_and_loses_only_empty_values(
    given_values: list[str], empty_at: list[int]
) -> None:
    sent = ["" if index in empty_at else value for index, value in enumerate(given_values)]
    form = parse_form(urlencode([("resource", value) for value in sent]).encode())
    assert form.all("resource") == tuple(value for value in sent if value)


authorizations = st.lists(
    st.binary(max_size=40)
    | st.text(max_size=20)
    | st.binary(max_size=20).map(lambda raw: b"Basic " + raw)
    | st.from_regex(rb"(?i:basic) [A-Za-z0-9+/]{0,24}={0,2}", fullmatch=True),
    max_size=2,
)
bodies_of_clients = st.dictionaries(
    st.sampled_from(("client_id", "client_secret", "client_assertion")), values, max_size=3
)


@given(authorizations, bodies_of_clients)
def test_arbitrary_credentials_name_a_client_or_are_refused(
    headers: list[bytes | str], body: dict[str, str]
) -> None:
    try:
        presented = parse_client_credentials(headers, Parameters.from_pairs(body.items()))
    except (InvalidRequest, InvalidClient):
        return
    assert presented.client_id
    assert (presented.secret is None) == (presented.method == "none")
    assert len(headers) == (presented.method == "client_secret_basic")

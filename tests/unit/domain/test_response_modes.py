"""How an answer is written into a client's URI (RFC 6749 §4.1.2, RFC 9207 §2)."""

from urllib.parse import parse_qsl, urlsplit

import pytest

from identity_service.domain.oauth.errors import AccessDenied
from identity_service.domain.oauth.response_modes import FORM_POST, QUERY, refusal, success, with_members

PLACES = {
    "a bare URI": ("https://app.example/cb", "https://app.example/cb?code=c"),
    "no path": ("https://app.example", "https://app.example?code=c"),
    "a query": ("https://app.example/cb?tenant=1", "https://app.example/cb?tenant=1&code=c"),
    "an empty query": ("https://app.example/cb?", "https://app.example/cb?code=c"),
    "a query that goes on": ("https://app.example/cb?a=b&", "https://app.example/cb?a=b&code=c"),
    "a query with a question in it": ("https://app.example/cb?a=b?", "https://app.example/cb?a=b?&code=c"),
    "an ampersand in the path": ("https://app.example/cb&", "https://app.example/cb&?code=c"),
    "escapes, which are kept": ("https://app.example/%2f?x=%2F", "https://app.example/%2f?x=%2F&code=c"),
    "an app of the device": ("com.example.app:/cb", "com.example.app:/cb?code=c"),
}
AWKWARD = "a b&c=d+e%#é\r\n\"'<\U0001f4a9"


@pytest.mark.parametrize(("uri", "written"), PLACES.values(), ids=PLACES)
def test_rfc6749_s3_1_2_the_query_of_a_registered_uri_is_kept(uri: str, written: str) -> None:
    assert with_members(uri, (("code", "c"),)) == written


def test_rfc6749_s4_1_2_a_success_has_code_state_and_issuer() -> None:
    answer = success(
        code="c", redirect_uri="https://app.example/cb", response_mode=QUERY, state="s", issuer="https://id"
    )

    assert answer.members == (("code", "c"), ("state", "s"), ("iss", "https://id"))
    assert answer.url == "https://app.example/cb?code=c&state=s&iss=https%3A%2F%2Fid"


def test_rfc6749_s4_1_2_1_a_refusal_has_error_description_state_and_issuer() -> None:
    answer = refusal(
        AccessDenied("no", detail="secret"),
        redirect_uri="https://app.example/cb",
        response_mode=FORM_POST,
        state="s",
        issuer="https://id",
    )

    assert dict(answer.members) == {
        "error": "access_denied",
        "error_description": "no",
        "state": "s",
        "iss": "https://id",
    }
    assert answer.response_mode == FORM_POST


def test_a_state_that_was_not_sent_is_not_answered() -> None:
    answer = success(code="c", redirect_uri="https://app", response_mode=QUERY, state=None, issuer="i")

    assert dict(answer.members).keys() == {"code", "iss"}


def test_rfc6749_appendix_b_whatever_is_in_a_state_comes_back_as_it_was() -> None:
    answer = success(
        code="c", redirect_uri="https://app/?x=1", response_mode=QUERY, state=AWKWARD, issuer="i"
    )

    assert answer.url.isascii()
    assert answer.url.isprintable()
    assert dict(parse_qsl(urlsplit(answer.url).query, strict_parsing=True)) == {
        "x": "1",
        "code": "c",
        "state": AWKWARD,
        "iss": "i",
    }

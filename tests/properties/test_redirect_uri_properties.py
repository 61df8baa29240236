"""Redirect URIs match byte for byte, whatever a caller thinks of."""

import re

from hypothesis import given
from hypothesis import strategies as st

from identity_service.domain.oauth.errors import InvalidRedirectUri
from identity_service.domain.value_objects.redirect_uri import RedirectUri, matches

LOOPBACK = re.compile(r"http://(127\.0\.0\.1|\[::1\])([:/?]|$)")

paths = st.from_regex(r"(/[a-z0-9_~-]{1,8}){0,3}(\?[a-z]{1,4}=[a-z0-9]{1,4})?", fullmatch=True)
elsewhere = st.builds(
    "{}{}".format,
    st.sampled_from(
        ("https://app.example", "https://app.example:8443", "http://localhost:3000", "com.example.app:/cb")
    ),
    paths,
)
loopback_hosts = st.sampled_from(("127.0.0.1", "[::1]"))
ports = st.integers(1, 65535)
edits = st.tuples(st.integers(0, 60), st.integers(0, 1), st.text(max_size=2))


def edited(text: str, edit: tuple[int, int, str]) -> str:
    """The text with up to one character removed and up to two put in its place."""
    position, removed, inserted = edit
    return text[:position] + inserted + text[position + removed :]


@given(elsewhere, edits)
def test_rfc9700_s2_1_one_edit_anywhere_is_another_uri(registered: str, edit: tuple[int, int, str]) -> None:
    presented = edited(registered, edit)
    assert matches(registered, presented) == (registered == presented)


@given(elsewhere, st.text(max_size=60))
def test_rfc9700_s2_1_arbitrary_text_matches_only_itself(registered: str, presented: str) -> None:
    assert matches(registered, presented) == (registered == presented)
    assert matches(registered, registered)


@given(loopback_hosts, ports, ports, paths)
def test_rfc8252_s7_3_any_port_of_a_loopback_literal_matches(
    host: str, one: int, two: int, path: str
) -> None:
    assert matches(RedirectUri.parse(f"http://{host}:{one}{path}"), f"http://{host}:{two}{path}")
    assert matches(RedirectUri.parse(f"http://{host}{path}"), f"http://{host}:{two}{path}")


@given(loopback_hosts, ports, paths, edits)
def test_rfc8252_s7_3_nothing_but_the_port_is_free(
    host: str, port: int, path: str, edit: tuple[int, int, str]
) -> None:
    registered = f"http://{host}:{port}{path}"
    presented = edited(registered, edit)
    if matches(registered, presented):
        assert re.sub(r":[0-9]+(?=[/?]|$)", "", presented) == f"http://{host}{path}"
        assert LOOPBACK.match(presented)


@given(st.text(max_size=60) | st.builds(edited, elsewhere, edits))
def test_any_text_is_kept_byte_for_byte_or_refused(text: str) -> None:
    try:
        uri = RedirectUri.parse(text)
    except InvalidRedirectUri:
        return
    assert uri == text
    assert text.isascii()
    assert "#" not in text
    assert text.isprintable()

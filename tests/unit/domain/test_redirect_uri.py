"""RFC 6749 §3.1.2, RFC 8252 §7, RFC 9700 §2.1: which redirect URIs may be registered and which match."""

import pytest

from identity_service.domain.oauth.errors import InvalidRedirectUri
from identity_service.domain.value_objects.redirect_uri import MAX_CHARACTERS, RedirectUri, matches


@pytest.mark.parametrize(
    "text",
    [
        "https://app.example/cb",
        "https://app.example",
        "https://app.example:8443/cb?tenant=1&x=%2Fy",
        "https://app.example:65535/cb",
        "https://App.Example/CB",
        "https://app_1.example/cb",
        "https://[2001:db8::1]/cb",
        "https://xn--bcher-kva.example/cb",
        "https://app.example/a..b/...;c/%2e%2ehidden",
        "https://app.example/cb?next=../up",
        "http://127.0.0.1/cb",
        "http://127.0.0.1:49152/cb",
        "http://[::1]:8080/cb",
        "http://localhost:3000/cb",
        "com.example.app:/oauth2redirect",
        "com.example.app://callback/path",
        "com.example.app:callback",
    ],
)
def test_an_acceptable_uri_is_kept_byte_for_byte(text: str) -> None:
    assert str(RedirectUri.parse(text)) == text


@pytest.mark.parametrize(
    "text",
    [
        pytest.param("", id="empty"),
        pytest.param("/cb", id="a path"),
        pytest.param("//app.example/cb", id="no scheme"),
        pytest.param("app.example/cb", id="no scheme and no slashes"),
        pytest.param("https:/cb", id="no authority"),
        pytest.param("https:///cb", id="an empty authority"),
        pytest.param("https://", id="nothing behind the slashes"),
        pytest.param("https://:443/cb", id="a port without host"),
        pytest.param("https://app.example/cb#part", id="a fragment"),
        pytest.param("https://app.example/cb#", id="a bare number sign"),
        pytest.param("https://user@app.example/cb", id="user-info"),
        pytest.param("https://good.example:pw@evil.example/cb", id="user-info with a password"),
        pytest.param("https://@app.example/cb", id="empty user-info"),
        pytest.param("com.example.app://user@host/cb", id="user-info in a private-use URI"),
        pytest.param("https://app.example:/cb", id="an empty port"),
        pytest.param("https://app.example:99999/cb", id="a port too high"),
        pytest.param("https://app.example:65536/cb", id="a port one too high"),
        pytest.param("https://app.example:8x/cb", id="a port that is none"),
        pytest.param("https://*.example/cb", id="a wildcard host"),
        pytest.param("https://app%2eexample/cb", id="an escape in the host"),
        pytest.param("https://[::1/cb", id="half an IPv6 literal"),
        pytest.param("https://[12345::]/cb", id="an IPv6 literal that is none"),
        pytest.param("http://app.example/cb", id="http elsewhere"),
        pytest.param("http://127.0.0.2/cb", id="http on another loopback address"),
        pytest.param("http://localhost.evil.example/cb", id="http on a host that begins like loopback"),
        pytest.param("javascript:alert(1)", id="javascript"),
        pytest.param("JavaScript:alert(1)", id="javascript in capitals"),
        pytest.param("data:text/html,x", id="data"),
        pytest.param("vbscript:x", id="vbscript"),
        pytest.param("file:///etc/passwd", id="file"),
        pytest.param("blob:https://app.example/x", id="blob"),
        pytest.param("myapp:/cb", id="RFC 8252 s7.1 a private-use scheme without dot"),
        pytest.param("com.example.app:", id="a private-use scheme alone"),
        pytest.param("com.example.app://", id="a private-use scheme and slashes"),
        pytest.param(".com:/cb", id="a scheme that begins with a dot"),
        pytest.param("com..app:/cb", id="a scheme with an empty label"),
        pytest.param("urn:ietf:wg:oauth:2.0:oob", id="RFC 8252 s8.11 the out-of-band value"),
        pytest.param("https://app.example/a/../cb", id="path traversal"),
        pytest.param("https://app.example/..", id="path traversal at the end"),
        pytest.param("https://app.example/./cb", id="a single dot segment"),
        pytest.param("https://app.example/%2e%2E/cb", id="encoded path traversal"),
        pytest.param("https://app.example/.%2e/cb", id="half encoded path traversal"),
        pytest.param("https://app.example/..%2fcb", id="path traversal with an encoded slash"),
        pytest.param("https://app.example/%252e%252e/cb", id="doubly encoded path traversal"),
        pytest.param("https://app.example/%25252e./cb", id="triply encoded path traversal"),
        pytest.param("https://app.example/..;x=1/cb", id="path traversal with a path parameter"),
        pytest.param("https://app.example/%5c../cb", id="an encoded backslash"),
        pytest.param("com.example.app:/a/../cb", id="path traversal in a private-use URI"),
        pytest.param("https://app.example\\@evil.example/cb", id="a backslash"),
        pytest.param("https://app.example/c b", id="a space"),
        pytest.param(" https://app.example/cb", id="a space before"),
        pytest.param("https://app.example/cb\n", id="a line end behind"),
        pytest.param("https://app.example/\tcb", id="a tab"),
        pytest.param("https://app.example/\0cb", id="NUL"),
        pytest.param("https://app.example/%00", id="an encoded NUL"),
        pytest.param("https://app.example/cb?a=%0d%0aSet-Cookie:x", id="encoded line ends"),
        pytest.param("https://app.example/%250a", id="a doubly encoded line end"),
        pytest.param("https://app.example/%7F", id="an encoded DEL"),
        pytest.param("https://app.example/%", id="a broken escape"),
        pytest.param("https://app.example/%zz", id="an escape that is not hexadecimal"),
        pytest.param("https://аpp.example/cb", id="a Cyrillic look-alike"),
        pytest.param("https://app。example/cb", id="an ideographic full stop"),
        pytest.param("https://app.example/\ud800", id="a lone surrogate"),
        pytest.param("https://app.example/<script>", id="markup"),
        pytest.param("https://app.example/'\"", id="a quote"),
    ],
)
def test_an_unacceptable_uri_is_refused(text: str) -> None:
    with pytest.raises(InvalidRedirectUri):
        RedirectUri.parse(text)


def test_user_info_is_named_as_the_reason() -> None:
    with pytest.raises(InvalidRedirectUri, match="user information"):
        RedirectUri.parse("https://user@app.example/cb")


def test_the_length_of_a_uri_is_limited() -> None:
    accepted = "https://app.example/".ljust(MAX_CHARACTERS, "a")
    assert RedirectUri.parse(accepted) == accepted
    with pytest.raises(InvalidRedirectUri, match="too long"):
        RedirectUri.parse(accepted + "a")


@pytest.mark.parametrize(
    ("registered", "presented"),
    [
        pytest.param("https://app.example/cb", "https://app.example/cb", id="the same string"),
        pytest.param("http://127.0.0.1:1/cb", "http://127.0.0.1:49152/cb", id="another port on 127.0.0.1"),
        pytest.param("http://127.0.0.1/cb", "http://127.0.0.1:49152/cb", id="a port where none was"),
        pytest.param("http://127.0.0.1:1/cb", "http://127.0.0.1/cb", id="no port where one was"),
        pytest.param("http://[::1]/cb?x=1", "http://[::1]:65535/cb?x=1", id="another port on IPv6 loopback"),
        pytest.param("http://127.0.0.1", "http://127.0.0.1:8080", id="no path"),
        pytest.param("http://localhost:1/cb", "http://localhost:1/cb", id="localhost with its own port"),
    ],
)
def test_rfc8252_s7_3_a_registered_uri_matches(registered: str, presented: str) -> None:
    assert matches(registered, presented)


@pytest.mark.parametrize(
    ("registered", "presented"),
    [
        pytest.param("https://app.example/cb", "https://app.example/cb/", id="a slash more"),
        pytest.param("https://app.example/cb", "https://app.example/cb?x=1", id="a query added"),
        pytest.param("https://app.example/cb", "https://app.example/cb?", id="a bare question mark added"),
        pytest.param("https://app.example/cb", "https://app.example/cb#", id="a bare number sign added"),
        pytest.param("https://app.example/cb", "https://app.example/cb;x", id="a path parameter added"),
        pytest.param("https://app.example/cb", "https://app.example/cb/../cb", id="path traversal"),
        pytest.param("https://app.example/cb", "https://APP.example/cb", id="case of the host"),
        pytest.param("https://app.example/cb", "HTTPS://app.example/cb", id="case of the scheme"),
        pytest.param("https://app.example/cb", "https://app.example:443/cb", id="the default port"),
        pytest.param("https://app.example/cb", "https://app.example/%63b", id="an escape for a letter"),
        pytest.param("https://app.example/cb", "https://u@app.example/cb", id="user-info"),
        pytest.param("https://app.example/cb", "https://appXexample/cb", id="another letter for the dot"),
        pytest.param("https://app.example/cb", "https://app.example.evil.example/cb", id="a longer host"),
        pytest.param("https://app.example/cb", "https://app.example", id="a prefix"),
        pytest.param("https://app.example/cb", "https://app.example/cb\n", id="a line end"),
        pytest.param("https://127.0.0.1:1/cb", "https://127.0.0.1:2/cb", id="port of https on loopback"),
        pytest.param("http://localhost:1/cb", "http://localhost:2/cb", id="s8.3 port of localhost"),
        pytest.param("http://127.0.0.1:1/cb", "http://[::1]:1/cb", id="another loopback address"),
        pytest.param("http://127.0.0.1:1/cb", "http://127.0.0.1:1/other", id="another path on loopback"),
        pytest.param("http://127.0.0.1:1/cb", "http://127.0.0.1:2/cb?x", id="a query on loopback"),
        pytest.param("http://127.0.0.1:1/cb", "http://127.0.0.1:2/cb#", id="a number sign on loopback"),
        pytest.param("http://127.0.0.1:1/cb", "http://127.0.0.1:0/cb", id="port zero"),
        pytest.param("http://127.0.0.1:1/cb", "http://127.0.0.1:65536/cb", id="a port too high"),
        pytest.param("http://127.0.0.1:1/cb", "http://127.0.0.1:080/cb", id="a port with a leading zero"),
        pytest.param("http://127.0.0.1:1/cb", "http://127.0.0.1:/cb", id="an empty port"),
        pytest.param("http://127.0.0.1:1/cb", "http://127.0.0.1:٢/cb", id="a port in other digits"),
        pytest.param(
            "http://127.0.0.1:1/cb", "http://127.0.0.1:2@evil.example/cb", id="user-info on loopback"
        ),
        pytest.param(
            "http://127.0.0.1:1/cb", "http://127.0.0.1.evil.example/cb", id="a host that begins alike"
        ),
        pytest.param("http://127.0.0.1:1/cb", "HTTP://127.0.0.1:2/cb", id="case of the scheme on loopback"),
        pytest.param("com.example.app:/cb", "com.example.app:/CB", id="case in a private-use URI"),
    ],
)
def test_rfc9700_s2_1_any_other_uri_does_not_match(registered: str, presented: str) -> None:
    assert not matches(registered, presented)

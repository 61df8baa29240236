"""Which redirect URIs may be registered, and when a presented one is a registered one."""

import re
from collections.abc import Callable
from ipaddress import AddressValueError, IPv6Address
from typing import NamedTuple
from urllib.parse import unquote

from identity_service.domain.oauth.errors import InvalidRedirectUri

MAX_CHARACTERS = 2000

_URI_CHARACTERS = re.compile(r"[A-Za-z0-9\-._~:/?#\[\]@!$&'()*+,;=%]+")
_BROKEN_ESCAPE = re.compile(r"%(?![0-9A-Fa-f]{2})")
_ENCODED_CONTROL = re.compile(r"%(?:[01][0-9A-Fa-f]|7[Ff])")
_NESTED_PERCENT = re.compile(r"%(?:25)+")
_SPLIT = re.compile(r"([A-Za-z][A-Za-z0-9+.-]*):(?://([^/?]*))?([^?]*)(?:\?(.*))?")
_AUTHORITY = re.compile(r"([A-Za-z0-9._-]+|\[[0-9A-Fa-f:.]+\])(?::([0-9]{1,5}))?")
_PRIVATE_USE = re.compile(r"[a-z][a-z0-9-]*(?:\.[a-z0-9-]+)+")
_USUAL_PORTS = {"https": ":443", "http": ":80"}
_LOOPBACK_HOSTS = frozenset({"127.0.0.1", "[::1]", "localhost"})
_LOOPBACK = re.compile(r"http://(127\.0\.0\.1|\[::1\])(?::([1-9][0-9]{0,4}))?((?:[/?].*)?)", re.DOTALL)


class RedirectUri(str):
    """A redirect URI as it was registered, byte for byte: nothing is normalised, since nothing is guessed."""

    __slots__ = ()

    @classmethod
    def parse(cls, text: str) -> "RedirectUri":
        """Take a URI into the register (RFC 6749 §3.1.2, RFC 8252 §7, RFC 9700 §4.1).

        It is absolute ASCII of RFC 3986 characters, without fragment (a bare `#` is one), user-info or dot
        segments in any encoding, and has one of: `https`; `http` on a loopback host; a private-use scheme
        with a dot in it (RFC 8252 §7.1), which `javascript`, `data` and the like do not have.

        Raises:
            InvalidRedirectUri: anything else.
        """
        _check_characters(text)
        parts = _split(text)
        for check in _CHECKS:
            check(parts)
        return cls(text)


class _Parts(NamedTuple):
    scheme: str  # lower case, for comparison
    authority: str | None
    host: str  # lower case, for comparison; empty without authority
    path: str


def matches(registered: str, presented: str) -> bool:
    """Exact string comparison (RFC 9700 §2.1), except for the port of a loopback IP literal.

    RFC 8252 §7.3: a native app cannot know its port beforehand, so for `http` on exactly 127.0.0.1 or [::1]
    any port, or none, is the registered one. `localhost` has no such freedom (§8.3).
    """
    if registered == presented:
        return True
    here, there = _without_port(registered), _without_port(presented)
    return here is not None and here == there


def web_host(uri: str) -> str | None:
    """The host of a URI that may be registered, in lower case, if it is a host of somebody's own.

    None for a private-use scheme, which has no host, and for a loopback host, which is on every machine.
    """
    parts = _split(uri)
    if parts.scheme not in ("https", "http") or parts.host in _LOOPBACK_HOSTS:
        return None
    return parts.host


def web_origin(uri: str) -> str | None:
    """The origin of a URI that may be registered, as browsers write it (RFC 6454 §6.2); an app has none."""
    parts = _split(uri)
    if parts.scheme not in _USUAL_PORTS:
        return None
    authority = (parts.authority or "").lower().removesuffix(_USUAL_PORTS[parts.scheme])
    return f"{parts.scheme}://{authority}"


def has_private_use_scheme(uri: str) -> bool:
    """Whether a URI that may be registered is one that only an app on the device can receive (RFC 8252 §7.1)."""
    return _split(uri).scheme not in ("https", "http")


def _without_port(uri: str) -> tuple[str, str] | None:
    """Host and everything behind the port of a loopback IP literal, None for any other URI."""
    loopback = _LOOPBACK.fullmatch(uri)
    if loopback is None or int(loopback[2] or 0) > 65535:
        return None
    return loopback[1], loopback[3]


def _check_characters(text: str) -> None:
    if len(text) > MAX_CHARACTERS:
        raise InvalidRedirectUri("the redirect URI is too long")
    if _URI_CHARACTERS.fullmatch(text) is None:
        raise InvalidRedirectUri("the redirect URI has a character that no URI may have")
    if "#" in text:
        raise InvalidRedirectUri("the redirect URI has a fragment")
    if _BROKEN_ESCAPE.search(text) or _ENCODED_CONTROL.search(_NESTED_PERCENT.sub("%", text)):
        raise InvalidRedirectUri(
            "the redirect URI has a percent escape that is broken or a control character"
        )


def _split(text: str) -> _Parts:
    """RFC 3986 Appendix B for a URI without fragment."""
    found = _SPLIT.fullmatch(text)
    if found is None:
        raise InvalidRedirectUri("the redirect URI is not absolute")
    scheme, authority, path = found[1].lower(), found[2], found[3]
    if not authority:
        return _Parts(scheme, authority, "", path)
    if "@" in authority:
        raise InvalidRedirectUri("the redirect URI has user information")
    return _Parts(scheme, authority, _host(authority), path)


def _host(authority: str) -> str:
    found = _AUTHORITY.fullmatch(authority)
    if found is None or int(found[2] or 0) > 65535:
        raise InvalidRedirectUri("the redirect URI has no valid host and port")
    host = found[1].lower()
    if host.startswith("["):
        _check_ipv6(host[1:-1])
    return host


def _check_ipv6(text: str) -> None:
    try:
        IPv6Address(text)
    except AddressValueError:
        raise InvalidRedirectUri("the redirect URI has no valid host and port") from None


def _check_scheme(parts: _Parts) -> None:
    if parts.scheme == "https" or _is_loopback(parts) or _PRIVATE_USE.fullmatch(parts.scheme):
        return
    raise InvalidRedirectUri(
        "the redirect URI is neither https, nor http on loopback, nor private-use with a dot"
    )


def _is_loopback(parts: _Parts) -> bool:
    return parts.scheme == "http" and parts.host in _LOOPBACK_HOSTS


def _check_host_is_there(parts: _Parts) -> None:
    """A web URI needs a host, a private-use URI needs something behind its scheme."""
    has_authority = parts.scheme in ("https", "http")
    if not (parts.host or (not has_authority and parts.path.strip("/"))):
        raise InvalidRedirectUri("the redirect URI is incomplete")


def _check_dot_segments(parts: _Parts) -> None:
    """`..` climbs out of the path where servers resolve it; so do `%2e%2e`, `%252e.` and `..;x`."""
    path = unquote(_NESTED_PERCENT.sub("%", parts.path), errors="replace")
    if "\\" in path:
        raise InvalidRedirectUri("the redirect URI has a backslash in its path")
    if any(segment.partition(";")[0] in (".", "..") for segment in path.split("/")):
        raise InvalidRedirectUri("the redirect URI has a dot segment in its path")


_CHECKS: tuple[Callable[[_Parts], None], ...] = (_check_scheme, _check_host_is_there, _check_dot_segments)

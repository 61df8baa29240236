"""What one member of a client's registration may be: each function takes a value and gives it as it is kept.

All raise Unacceptable, naming the member, for any other value.
"""

import json
import re
from collections.abc import Callable, Collection, Mapping, Sequence
from typing import Any
from urllib.parse import parse_qsl, urlsplit

from identity_service.domain.oauth.access_token import LONGEST_LIFE_SECONDS
from identity_service.domain.oauth.errors import InvalidRedirectUri, InvalidScope
from identity_service.domain.refusals import Fault, Faults, Unacceptable
from identity_service.domain.services.quota_policy import is_tier
from identity_service.domain.value_objects.plain_text import plain_text
from identity_service.domain.value_objects.public_address import is_inside
from identity_service.domain.value_objects.redirect_uri import RedirectUri, has_private_use_scheme
from identity_service.domain.value_objects.scope import Scope

SECONDS = {
    "access_token_ttl": (30, LONGEST_LIFE_SECONDS),
    "refresh_token_ttl": (60, 31_536_000),
    "refresh_reuse_grace": (0, 300),
    "default_max_age": (0, 31_536_000),
}
"""Least and most; where the server has a setting of its own, as that allows them."""
MOST_NAME, MOST_SCOPE, MOST_ITEMS, MOST_AUDIENCE, MOST_KEY_SET = 200, 2000, 50, 512, 16_384
MOST_REQUEST_URI = 512
"""RFC 9101 §5.2."""
ANSWERS = frozenset({"code", "error", "error_description", "iss", "session_state", "state"})
"""What an answer adds to a redirect URI: one that has it already would be read in two ways (RFC 9207 §4)."""
TOLD_AT_LOGOUT = frozenset({"iss", "sid"})
TOLD_AT_LOGIN = frozenset({"iss", "login_hint", "target_link_uri"})

# OIDC Core §3.1.2.1: `acr_values` has spaces between them, and RFC 6749 Appendix A its characters.
_CONTEXT_CLASS = re.compile(r"[\x21\x23-\x5B\x5D-\x7E]{1,200}")

# The hash of what is there (OIDC Registration §2): SHA-256, in base64url.
_PIN = re.compile(r"[A-Za-z0-9_-]{43}")

_PORT = re.compile(r":[0-9]*$")

# RFC 8707 §2: an absolute URI without fragment; RFC 3986 Appendix A characters.
_AUDIENCE = re.compile(r"[A-Za-z][A-Za-z0-9+.-]*:[A-Za-z0-9\-._~:/?\[\]@!$&'()*+,;=%]+")


def choice(member: str, value: str, *, of: Collection[str]) -> str:
    """One of these words."""
    if value not in of:
        raise Unacceptable.of(member, f"must be one of {', '.join(of)}")
    return value


def choices(member: str, values: Sequence[str], *, of: Collection[str], kind: str) -> tuple[str, ...]:
    """Any of these words, each once; `kind` says what each of them is."""
    refusal = f"is no {kind} of this server, which has {', '.join(of)}"
    faults = [Fault(f"{member}/{at}", refusal) for at, value in enumerate(values) if value not in of]
    if faults:
        raise Unacceptable(faults)
    return tuple(dict.fromkeys(values))


def each(parse: Callable[[str, str], Any]) -> Callable[[str, Sequence[str]], tuple[Any, ...]]:
    """A list whose items are what `parse` takes."""

    def parsed(member: str, values: Sequence[str]) -> tuple[Any, ...]:
        if len(values) > MOST_ITEMS:
            raise Unacceptable.of(member, f"must not have more than {MOST_ITEMS} items")
        faults, taken = Faults(), []
        for value in dict.fromkeys(values):
            with faults.gathered():
                taken.append(parse(f"{member}/{values.index(value)}", value))
        faults.check()
        return tuple(taken)

    return parsed


def flag(member: str, value: bool) -> bool:
    """Yes or no."""
    return value


def name(member: str, value: str) -> str:
    """A line that people read."""
    return plain_text(member, value, most=MOST_NAME)


def scope(member: str, value: str) -> Scope:
    """What may be granted."""
    if len(value) > MOST_SCOPE:
        raise Unacceptable.of(member, f"must not be longer than {MOST_SCOPE} characters")
    try:
        return Scope.parse(value)
    except InvalidScope:
        raise Unacceptable.of(
            member, "must be scope tokens with one space between them (RFC 6749 section 3.3)"
        ) from None


def redirect_uri(member: str, value: str) -> str:
    """A place to which people's browsers may be sent, and whose query leaves room for an answer."""
    try:
        uri = str(RedirectUri.parse(value))
    except InvalidRedirectUri as error:
        raise Unacceptable.of(member, error.description) from None
    return _without(uri, member, ANSWERS)


def _without(uri: str, member: str, names: frozenset[str]) -> str:
    taken = names.intersection(name for name, _ in parse_qsl(urlsplit(uri).query, keep_blank_values=True))
    if taken:
        raise Unacceptable.of(member, f"must not have {' or '.join(sorted(taken))} in its query")
    return uri


def logout_uri(member: str, value: str) -> str:
    """A place on the web that is told of a logout; https, or http on loopback, as a redirect URI of a web client is."""
    try:
        uri = str(RedirectUri.parse(value))
    except InvalidRedirectUri:
        uri = ""
    if not uri or has_private_use_scheme(uri):
        raise Unacceptable.of(member, "must be an https URL, or http on loopback, without fragment")
    return _without(uri, member, ANSWERS)


def frontchannel_logout_uri(member: str, value: str) -> str:
    """One whose query leaves room for who asks and for which session (OIDC Front-Channel Logout 1.0 §2)."""
    return _without(logout_uri(member, value), member, TOLD_AT_LOGOUT)


def web_page(member: str, value: str) -> str:
    """https only: what is a link on pages of ours could run there as `javascript:`."""
    try:
        https = RedirectUri.parse(value)[:8].lower() == "https://"
    except InvalidRedirectUri:
        https = False
    if not https:
        raise Unacceptable.of(member, "must be an https URL without fragment")
    return value


def login_uri(member: str, value: str) -> str:
    """A page of the client at which somebody else has it begin a sign-in (OIDC Core §4), and which is told by whom."""
    return _without(web_page(member, value), member, TOLD_AT_LOGIN)


def fetched_page(member: str, value: str, *, exceptions: Collection[str]) -> str:
    """A place that this server asks: https and not inside, or at one of the exceptions (`host:port`) of a set-up for
    tests, by http, too."""
    scheme, _, rest = value.partition("://")
    place = rest.partition("/")[0].lower()
    excepted = place in exceptions
    web_page(member, f"https://{rest}" if excepted and scheme == "http" else value)
    if not excepted and is_inside(_PORT.sub("", place.partition("?")[0])):
        raise Unacceptable.of(member, "must not be at an address inside of a network: nobody asks there")
    return value


def request_uri(member: str, value: str, *, exceptions: Collection[str]) -> str:
    """A place that request objects are fetched from, whose fragment, if it has one, pins what is there."""
    place, fragment, pin = value.partition("#")
    if len(value) > MOST_REQUEST_URI or (fragment and _PIN.fullmatch(pin) is None):
        raise Unacceptable.of(
            member,
            f"must have at most {MOST_REQUEST_URI} characters, and no fragment but the SHA-256 of what is there, in "
            "base64url",
        )
    fetched_page(member, place, exceptions=exceptions)
    return value


def key_set(member: str, value: Any) -> dict[str, Any]:
    """A JWK Set by its shape and size; its keys are read by who can (`ports.KeySets`). What stands beside them goes."""
    keys = value.get("keys") if isinstance(value, Mapping) else None
    text = _json(keys) if isinstance(keys, list) and all(map(_is_plain_key, keys)) else None
    if text is None or len(text) > MOST_KEY_SET:
        raise Unacceptable.of(member, f"must be a JWK Set of at most {MOST_KEY_SET} characters of JSON")
    return {"keys": keys}


def _is_plain_key(key: Any) -> bool:
    """RFC 7517 §4: members are texts, or lists of texts."""
    if not isinstance(key, dict):
        return False
    items = (item for value in key.values() for item in (value if isinstance(value, list) else (value,)))
    return all(isinstance(item, str | int) for item in items)


def _json(value: Any) -> str | None:
    """The text that a database can keep, which has no NUL and no half of a surrogate pair."""
    text = json.dumps(value, ensure_ascii=False)
    try:
        text.encode()
    except UnicodeEncodeError:
        return None
    return None if "\\u0000" in text else text


def audience(member: str, value: str) -> str:
    """Whom a token may be meant for."""
    if len(value) > MOST_AUDIENCE or _AUDIENCE.fullmatch(value) is None:
        raise Unacceptable.of(member, "must be an absolute URI without fragment (RFC 8707 section 2)")
    return value


def context_class(member: str, value: str) -> str:
    """How strongly a person has signed in, by a name (OIDC Core §2, `acr`)."""
    if _CONTEXT_CLASS.fullmatch(value) is None:
        raise Unacceptable.of(
            member, "must be 1 to 200 visible ASCII characters without quotes and backslashes"
        )
    return value


def seconds(member: str, value: int) -> int:
    """Seconds within the member's limits."""
    least, most = SECONDS[member]
    if not least <= value <= most:
        raise Unacceptable.of(member, f"must be between {least} and {most} seconds")
    return value


def tier(member: str, value: str) -> str:
    """A name that the policy of rate limits may know."""
    if not is_tier(value):
        raise Unacceptable.of(member, "must be of letters, digits, - and _, at most 32 of them")
    return value

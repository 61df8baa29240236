"""The error tree keeps its promises: wire codes, statuses, what may leave and what may not."""

import re
from collections.abc import Iterator

import pytest

from identity_service.domain.oauth import errors
from identity_service.domain.oauth.errors import InsufficientScope, InvalidClient, InvalidGrant, OAuthError


def every_class(root: type[OAuthError] = OAuthError) -> Iterator[type[OAuthError]]:
    for child in root.__subclasses__():
        if child.__module__ == errors.__name__:
            yield child
            yield from every_class(child)


CLASSES = tuple(every_class())

WIRE = {
    "InvalidRequest": ("invalid_request", 400, True, None),
    "PayloadTooLarge": ("invalid_request", 413, False, None),
    "UnsupportedCoding": ("invalid_request", 415, False, None),
    "InvalidBearerRequest": ("invalid_request", 400, False, "Bearer"),
    "InvalidClient": ("invalid_client", 401, False, "Basic"),
    "InvalidGrant": ("invalid_grant", 400, False, None),
    "UnauthorizedClient": ("unauthorized_client", 400, True, None),
    "UnsupportedGrantType": ("unsupported_grant_type", 400, False, None),
    "InvalidScope": ("invalid_scope", 400, True, None),
    "InvalidTarget": ("invalid_target", 400, True, None),
    "UnsupportedTokenType": ("unsupported_token_type", 400, False, None),
    "InvalidRedirectUri": ("invalid_redirect_uri", 400, False, None),
    "AccessDenied": ("access_denied", 403, True, None),
    "InvalidToken": ("invalid_token", 401, False, "Bearer"),
    "MissingToken": ("invalid_token", 401, False, "Bearer"),
    "InsufficientScope": ("insufficient_scope", 403, False, "Bearer"),
    "TemporarilyUnavailable": ("temporarily_unavailable", 503, True, None),
    "TooManyRequests": ("temporarily_unavailable", 429, True, None),
}


def test_s5_2_each_error_has_its_code_status_and_ways_to_travel() -> None:
    facts = {c.__name__: (c.code, c.status, c.redirectable, c.challenge) for c in CLASSES}
    assert facts == WIRE


@pytest.mark.parametrize("error", CLASSES, ids=lambda c: c.__name__)
def test_the_drawing_names_every_error_with_its_status(error: type[OAuthError]) -> None:
    drawn = re.search(rf"── {error.__name__} +(\d+) ", errors.__doc__ or "")
    assert drawn is not None
    assert int(drawn[1]) == error.status


@pytest.mark.parametrize("error", CLASSES, ids=lambda c: c.__name__)
def test_s5_2_the_default_description_has_only_characters_the_rfc_allows(error: type[OAuthError]) -> None:
    assert re.fullmatch(r"[\x20\x21\x23-\x5B\x5D-\x7E]+", error().description)


def test_rfc9110_s15_5_2_every_401_has_a_challenge() -> None:
    assert [c.__name__ for c in CLASSES if c.status == 401 and c.challenge is None] == []


def test_rfc6750_s3_1_only_a_missing_token_is_challenged_without_a_code() -> None:
    assert [c.__name__ for c in CLASSES if not c.names_code] == ["MissingToken"]


def test_a_given_description_replaces_the_default() -> None:
    assert InvalidGrant("code_verifier does not match").description == "code_verifier does not match"
    assert InvalidGrant().description == InvalidGrant.default


def test_detail_stays_out_of_every_printed_form() -> None:
    error = InvalidClient(detail="typed-by-the-caller")
    assert error.detail == "typed-by-the-caller"
    assert "typed-by-the-caller" not in str(error) + repr(error) + error.description
    assert str(error) == "invalid_client: client authentication failed"


def test_retry_after_is_absent_unless_given() -> None:
    assert errors.TooManyRequests().retry_after_seconds is None
    assert errors.TooManyRequests(retry_after_seconds=7).retry_after_seconds == 7


def test_rfc6750_s3_insufficient_scope_tells_the_scope_that_would_do() -> None:
    error = InsufficientScope(required_scope="users:read", detail="had users:write", retry_after_seconds=None)
    assert (error.required_scope, error.detail) == ("users:read", "had users:write")
    assert InsufficientScope().required_scope is None

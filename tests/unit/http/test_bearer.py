"""RFC 6750 §2.1 and §3.1: one bearer token in one header, and which refusal fits which mistake."""

import pytest
from starlette.datastructures import Headers

from identity_service.domain.oauth.errors import InvalidBearerRequest, InvalidToken, MissingToken
from identity_service.http.bearer import bearer_token


def headers(*authorizations: str) -> Headers:
    return Headers(raw=[(b"authorization", value.encode("latin-1")) for value in authorizations])


@pytest.mark.parametrize("scheme", ["Bearer ", "bearer ", "BEARER ", "bEaReR  "])
@pytest.mark.parametrize("token", ["eyJ.eyJ._-", "A-Z.a~z_0+9/==", "x"])
def test_s2_1_the_token_of_the_authorization_header_is_found(scheme: str, token: str) -> None:
    assert bearer_token(headers(scheme + token)) == token


@pytest.mark.parametrize(
    "given",
    [
        pytest.param(headers(), id="no header"),
        pytest.param(headers(""), id="an empty header"),
        pytest.param(headers("Basic YTpi"), id="another scheme"),
        pytest.param(headers("Bearerx"), id="a longer scheme"),
        pytest.param(headers("DPoP x"), id="a bound token"),
        pytest.param(Headers({"x-authorization": "Bearer x"}), id="another header"),
    ],
)
def test_s3_1_a_request_without_bearer_token_is_challenged_without_a_code(given: Headers) -> None:
    with pytest.raises(MissingToken) as caught:
        bearer_token(given)
    assert isinstance(caught.value, InvalidToken)
    assert (caught.value.status, caught.value.challenge, caught.value.names_code) == (401, "Bearer", False)


@pytest.mark.parametrize(
    "given",
    [
        pytest.param(headers("Bearer x", "Bearer x"), id="two headers"),
        pytest.param(headers("Bearer x", "Basic YTpi"), id="two schemes"),
        pytest.param(headers("Bearer"), id="no token"),
        pytest.param(headers("Bearer "), id="a space and no token"),
        pytest.param(headers("Bearer a b"), id="two tokens"),
        pytest.param(headers("Bearer a, Bearer b"), id="a list"),
        pytest.param(headers("Bearer a "), id="a space behind"),
        pytest.param(headers("Bearer a\n"), id="a line end behind"),
        pytest.param(headers("Bearer a=b"), id="padding inside"),
        pytest.param(headers("Bearer ="), id="only padding"),
        pytest.param(headers('Bearer "a"'), id="quotes"),
        pytest.param(headers("Bearer é"), id="outside ASCII"),
        pytest.param(headers("Bearer a\0"), id="NUL"),
        pytest.param(headers("Bearer a;b"), id="a semicolon"),
    ],
)
def test_s3_1_a_malformed_or_repeated_bearer_token_is_invalid_request(given: Headers) -> None:
    with pytest.raises(InvalidBearerRequest) as caught:
        bearer_token(given)
    assert (caught.value.code, caught.value.status, caught.value.challenge) == (
        "invalid_request",
        400,
        "Bearer",
    )

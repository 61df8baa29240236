"""RFC 6749 §2.3: exactly one client authentication method, read strictly."""

from base64 import b64encode

import pytest

from identity_service.domain.oauth.client_auth import (
    PresentedClient,
    check_method_allowed,
    parse_client_credentials,
)
from identity_service.domain.oauth.errors import InvalidClient, InvalidRequest
from identity_service.domain.oauth.parameters import Parameters
from identity_service.domain.value_objects.secret import Secret


def basic(text: str | bytes, scheme: str = "Basic") -> bytes:
    octets = text.encode() if isinstance(text, str) else text
    return scheme.encode() + b" " + b64encode(octets)


def form(**values: str) -> Parameters:
    return Parameters.from_pairs(values.items())


JWT_BEARER = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"
CLAIMS_A = "e30.eyJzdWIiOiJhIn0.c2ln"  # of the client a


def asserted(assertion: str, **values: str) -> dict[str, str]:
    return {"client_assertion": assertion, "client_assertion_type": JWT_BEARER} | values


PHOTO_BASIC = PresentedClient("photo", "client_secret_basic", Secret("s3cret"))


@pytest.mark.parametrize(
    "authorization",
    [
        pytest.param(basic("photo:s3cret"), id="as octets"),
        pytest.param(basic("photo:s3cret").decode(), id="as text"),
        pytest.param(basic("photo:s3cret", "bAsIc"), id="the scheme in any case"),
        pytest.param(basic("photo:s3cret", "Basic  "), id="more than one space"),
        pytest.param(basic("ph%6Fto:s3cr%65t"), id="both halves form-encoded"),
    ],
)
def test_s2_3_1_basic_credentials_are_read(authorization: bytes | str) -> None:
    assert parse_client_credentials([authorization], form()) == PHOTO_BASIC


def test_s2_3_1_user_and_password_are_form_decoded_after_the_first_colon_divides() -> None:
    presented = parse_client_credentials([basic("a%3Ab+c:d:e%2Bf+g%C3%A9")], form())
    assert presented == PresentedClient("a:b c", "client_secret_basic", Secret("d:e+f gé"))


@pytest.mark.parametrize(
    "authorization",
    [
        pytest.param(b"", id="an empty header"),
        pytest.param(b" ", id="a blank header"),
        pytest.param(b"Basic", id="a scheme alone"),
        pytest.param(b"Basic ", id="a scheme and a space"),
        pytest.param(b"Basic\tcGhvdG86czNjcmV0", id="a tab"),
        pytest.param(b"BasiccGhvdG86czNjcmV0", id="no space"),
        pytest.param(b"Basic cGhvdG86czNjcmV0 ", id="a space behind"),
        pytest.param(b"Basic cGhvdG86\nczNjcmV0", id="a line end inside"),
        pytest.param(b"Basic cGhv*dG86czNjcmV0", id="a character outside the alphabet"),
        pytest.param(b"Basic cGhvdG8-czNjcmV_", id="the URL alphabet"),
        pytest.param(basic("photo:s3cre").rstrip(b"="), id="no padding"),
        pytest.param(b"Basic YTpi=", id="padding where none is due"),
        pytest.param(b"Basic YTpiYh==", id="stray bits in the last character"),
        pytest.param(basic("photo"), id="no colon"),
        pytest.param(basic(":s3cret"), id="no user"),
        pytest.param(basic("photo:%zz"), id="a broken escape"),
        pytest.param(basic("photo%:a"), id="a broken escape in the user"),
        pytest.param(basic(b"photo:\xff"), id="not UTF-8"),
        pytest.param(basic("photo:a%00"), id="NUL in the password"),
        pytest.param(basic("pho\0to:a"), id="NUL in the user"),
        pytest.param("Basic cGhvdG86czNjcmV0€", id="text that no header can hold"),
        pytest.param(b"Bearer abc", id="Bearer"),
        pytest.param(basic("photo:s3cret", "Bearer"), id="Bearer with what Basic would need"),
        pytest.param(b"Digest username=x", id="Digest"),
        pytest.param(b"Negotiate", id="Negotiate"),
    ],
)
def test_s5_2_a_broken_or_unsupported_authorization_header_is_invalid_client(
    authorization: bytes | str,
) -> None:
    with pytest.raises(InvalidClient) as caught:
        parse_client_credentials([authorization], form(client_id="photo"))
    assert caught.value.status == 401


def test_s2_3_1_basic_without_a_password_is_refused_and_says_what_a_public_client_sends() -> None:
    with pytest.raises(InvalidClient, match=r"empty secret.* client_id in the body") as caught:
        parse_client_credentials([basic("app:")], form(client_id="app"))
    assert caught.value.status == 401


def test_s2_3_1_a_secret_in_the_body_is_client_secret_post() -> None:
    presented = parse_client_credentials([], form(client_id="photo", client_secret="s3cret"))
    assert presented == PresentedClient("photo", "client_secret_post", Secret("s3cret"))


def test_s2_1_a_client_id_alone_is_a_public_client() -> None:
    assert parse_client_credentials([], form(client_id="app")) == PresentedClient("app", "none", None)


def test_s3_2_an_empty_secret_is_an_absent_one() -> None:
    assert parse_client_credentials([], form(client_id="app", client_secret="")).method == "none"


@pytest.mark.parametrize(
    "body",
    [
        pytest.param({}, id="nothing at all"),
        pytest.param({"client_secret": "s3cret"}, id="a secret without a client_id"),
        pytest.param({"client_id": ""}, id="an empty client_id"),
        pytest.param({"client_assertion": CLAIMS_A}, id="a client assertion without its type"),
        pytest.param({"client_id": "a", "client_assertion_type": JWT_BEARER}, id="the type without one"),
        pytest.param(asserted(CLAIMS_A, client_assertion_type="urn:x"), id="another type"),
        pytest.param(asserted("e30.e30."), id="no sub"),
        pytest.param(asserted("e30.eyJzdWIiOjF9."), id="a sub that is no text"),
        pytest.param(asserted("e30.eyJzdWIiOiIifQ."), id="an empty sub"),
        pytest.param(asserted("e30.W10."), id="no object"),
        pytest.param(asserted("e30.x."), id="no base64"),
        pytest.param(asserted("e30.é."), id="no ASCII"),
        pytest.param(asserted("e30.e30"), id="two parts"),
        pytest.param(asserted(f"e30.{'W' * 9_000}."), id="nonsense of some length"),
        pytest.param(asserted(f"{CLAIMS_A}{'x' * 16_384}"), id="too long to be read"),
    ],
)
def test_s5_2_no_or_an_unsupported_method_is_invalid_client(body: dict[str, str]) -> None:
    with pytest.raises(InvalidClient):
        parse_client_credentials([], form(**body))


@pytest.mark.parametrize(
    ("authorizations", "body"),
    [
        pytest.param([basic("photo:s3cret")] * 2, {}, id="the same header twice"),
        pytest.param([basic("photo:s3cret"), b"Bearer x"], {}, id="two schemes"),
        pytest.param(
            [basic("photo:s3cret")], {"client_id": "photo", "client_secret": "s3cret"}, id="Basic and POST"
        ),
        pytest.param([basic("photo:s3cret")], {"client_secret": "s3cret"}, id="Basic and a bare secret"),
        pytest.param([basic("photo:s3cret")], {"client_assertion": "x"}, id="Basic and an assertion"),
        pytest.param(
            [], {"client_id": "a", "client_secret": "b", "client_assertion": "c"}, id="POST and assertion"
        ),
        pytest.param([b"Bearer x"], {"client_id": "a", "client_secret": "b"}, id="Bearer and POST"),
    ],
)
def test_s2_3_more_than_one_method_is_invalid_request(
    authorizations: list[bytes], body: dict[str, str]
) -> None:
    with pytest.raises(InvalidRequest):
        parse_client_credentials(authorizations, form(**body))


def test_rfc7521_s4_2_an_assertion_names_its_client() -> None:
    presented = parse_client_credentials([], form(**asserted(CLAIMS_A)))

    assert presented == PresentedClient("a", "private_key_jwt", None, Secret(CLAIMS_A))
    assert parse_client_credentials([], form(client_id="a", **asserted(CLAIMS_A))) == presented
    assert CLAIMS_A not in repr(presented)
    with pytest.raises(InvalidRequest):
        parse_client_credentials([], form(client_id="b", **asserted(CLAIMS_A)))


def test_a_client_id_beside_basic_must_match_and_is_no_second_method() -> None:
    assert parse_client_credentials([basic("photo:s3cret")], form(client_id="photo")) == PHOTO_BASIC
    with pytest.raises(InvalidRequest):
        parse_client_credentials([basic("photo:s3cret")], form(client_id="other"))


def test_a_presented_client_does_not_print_its_secret() -> None:
    assert "s3cret" not in repr(PHOTO_BASIC) + str(PHOTO_BASIC)


METHODS = ("client_secret_basic", "client_secret_post", "private_key_jwt", "none")


@pytest.mark.parametrize(
    ("registered", "allowed"),
    [
        pytest.param(None, {"client_secret_basic", "client_secret_post"}, id="unnamed"),
        pytest.param("client_secret_basic", {"client_secret_basic"}, id="basic"),
        pytest.param("client_secret_post", {"client_secret_post"}, id="post"),
        pytest.param("none", {"none"}, id="public"),
        pytest.param("private_key_jwt", {"private_key_jwt"}, id="signed"),
        pytest.param("client_secret_jwt", set(), id="a method not offered"),
    ],
)
def test_oidc_core_s9_the_registered_method_is_pinned(registered: str | None, allowed: set[str]) -> None:
    for presented in allowed:
        check_method_allowed(registered, presented)
    for presented in set(METHODS) - allowed:
        with pytest.raises(InvalidClient) as caught:
            check_method_allowed(registered, presented)
        assert caught.value.description == InvalidClient.default

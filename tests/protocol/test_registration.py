"""Programs register themselves (RFC 7591, OpenID Connect Dynamic Client Registration 1.0), clause by clause."""

from typing import Any

import pytest

from identity_service.domain.value_objects.secret import OpaqueKind, is_opaque_token
from tests.house import ISSUER, House
from tests.registrant import APP, CALLBACK, REGISTER, Registrant, is_refused, register
from tests.signer import jwk_of, key_for
from tests.visitor import visitor_of

pytestmark = pytest.mark.asyncio(loop_scope="module")
DEFAULT_SCOPE = "openid profile email address phone offline_access"
KEY = jwk_of(key_for())


async def test_s3_2_1_what_was_registered_is_told_with_201(open_registration: House) -> None:
    answer = await register(open_registration, scope="openid email", logo_uri=None)

    assert answer.status_code == 201
    assert (answer.headers["cache-control"], answer.headers["pragma"]) == ("no-store", "no-cache")
    assert answer.headers["content-type"] == "application/json"
    made = answer.json()
    assert is_opaque_token(OpaqueKind.CLIENT_SECRET, made.pop("client_secret"))
    assert is_opaque_token(OpaqueKind.REGISTRATION_ACCESS_TOKEN, made.pop("registration_access_token"))
    assert made.pop("client_id_issued_at") > 0
    client_id = made.pop("client_id")
    assert made == APP | {
        "client_secret_expires_at": 0,
        "registration_client_uri": f"{ISSUER}{REGISTER}/{client_id}",
        "token_endpoint_auth_method": "client_secret_basic",
        "response_types": ["code"],
        "scope": "openid email",
        "application_type": "web",
        "subject_type": "public",
        "require_auth_time": False,
        "require_signed_request_object": False,
        "request_uris": [],
        "default_acr_values": [],
        "post_logout_redirect_uris": [],
        "backchannel_logout_session_required": False,
        "frontchannel_logout_session_required": False,
    }


async def test_s2_what_is_left_out_has_its_default(open_registration: House) -> None:
    made = (await Registrant.new(open_registration, grant_types=..., client_name=...)).told

    assert made["grant_types"] == ["authorization_code"]
    assert made["response_types"] == ["code"]
    assert made["token_endpoint_auth_method"] == "client_secret_basic"
    assert made["scope"] == DEFAULT_SCOPE
    assert made["client_name"] == "app.example"


async def test_the_client_goes_the_whole_way(open_registration: House) -> None:
    client = await (await Registrant.new(open_registration)).as_client()

    async with visitor_of(open_registration) as visitor:
        tokens = await visitor.tokens(client, scope="openid email offline_access")
        page = await visitor.to_page(await visitor.ask(client, scope="openid phone"))
    refreshed = await open_registration.token(
        client, grant_type="refresh_token", refresh_token=tokens["refresh_token"]
    )

    assert refreshed.status_code == 200
    assert "nobody here has checked" in page.answer.text


async def test_s2_a_public_client_and_one_with_keys_get_no_secret(open_registration: House) -> None:
    public = (await Registrant.new(open_registration, token_endpoint_auth_method="none")).told
    signs = (
        await Registrant.new(
            open_registration, token_endpoint_auth_method="private_key_jwt", jwks={"keys": [KEY]}
        )
    ).told

    for made in (public, signs):
        assert not {"client_secret", "client_secret_expires_at"} & set(made)
    assert signs["jwks"] == {"keys": [KEY]}


async def test_s2_names_that_are_not_known_are_ignored_and_null_says_nothing(
    open_registration: House,
) -> None:
    unknown = {"client_name#de": "Fotoalbum", "x": [{}], "request_uris_of_tomorrow": 1, "client_uri": None}

    made = (await Registrant.new(open_registration, **unknown)).told

    assert not set(unknown) & set(made)


@pytest.mark.parametrize(
    ("asked", "registered"),
    [
        pytest.param(
            {"grant_types": ["authorization_code", "password", "client_credentials", "urn:x"]},
            {"grant_types": ["authorization_code"]},
            id="grants that need nobody's consent",
        ),
        pytest.param({"scope": "openid admin users:read"}, {"scope": "openid"}, id="reserved scopes"),
        pytest.param({"scope": "openid account"}, {"scope": "openid"}, id="the account of a person"),
        pytest.param({"scope": "openid read"}, {"scope": "openid"}, id="a scope that no operator named"),
        pytest.param(
            {"scope": "calendar:read openid"},
            {"scope": "calendar:read openid"},
            id="one that an operator named",
        ),
        pytest.param({"scope": ""}, {"scope": DEFAULT_SCOPE}, id="an empty scope"),
        pytest.param({"response_types": []}, {"response_types": ["code"]}, id="no response type"),
    ],
)
async def test_s3_2_1_what_a_stranger_may_not_have_is_replaced_and_the_answer_says_so(
    open_registration: House, asked: dict[str, Any], registered: dict[str, Any]
) -> None:
    made = (await Registrant.new(open_registration, **asked)).told

    assert registered.items() <= made.items()


@pytest.mark.parametrize(
    ("members", "error", "at"),
    [
        ({"redirect_uris": ...}, "invalid_redirect_uri", "redirect_uris"),
        ({"redirect_uris": []}, "invalid_redirect_uri", "redirect_uris"),
        ({"redirect_uris": CALLBACK}, "invalid_redirect_uri", "redirect_uris"),
        ({"redirect_uris": [CALLBACK, "javascript:alert(1)"]}, "invalid_redirect_uri", "redirect_uris/1"),
        ({"redirect_uris": ["http://app.example/cb"]}, "invalid_redirect_uri", "redirect_uris/0"),
        ({"redirect_uris": ["com.example.app:/cb"]}, "invalid_redirect_uri", "redirect_uris"),
        ({"grant_types": ["implicit", "authorization_code"]}, "invalid_client_metadata", "grant_types"),
        ({"grant_types": ["client_credentials"]}, "invalid_client_metadata", "grant_types"),
        ({"grant_types": ["refresh_token"]}, "invalid_client_metadata", "grant_types"),
        ({"response_types": ["code", "id_token"]}, "invalid_client_metadata", "response_types/1"),
        ({"response_types": ["token"]}, "invalid_client_metadata", "response_types/0"),
        ({"response_types": "code"}, "invalid_client_metadata", "response_types"),
        ({"scope": "admin"}, "invalid_client_metadata", "scope"),
        ({"scope": "a  b"}, "invalid_client_metadata", "scope"),
        (
            {"token_endpoint_auth_method": "client_secret_jwt"},
            "invalid_client_metadata",
            "token_endpoint_auth_method",
        ),
        (
            {"token_endpoint_auth_method": "private_key_jwt"},
            "invalid_client_metadata",
            "token_endpoint_auth_method",
        ),
        ({"id_token_signed_response_alg": "none"}, "invalid_client_metadata", "id_token_signed_response_alg"),
        (
            {"id_token_signed_response_alg": "HS256"},
            "invalid_client_metadata",
            "id_token_signed_response_alg",
        ),
        ({"client_name": 1}, "invalid_client_metadata", "client_name"),
        ({"contacts": ["a\0"]}, "invalid_client_metadata", "contacts/0"),
        ({"default_max_age": 1.5}, "invalid_client_metadata", "default_max_age"),
        ({"default_max_age": True}, "invalid_client_metadata", "default_max_age"),
        ({"require_auth_time": "yes"}, "invalid_client_metadata", "require_auth_time"),
        ({"jwks": "keys"}, "invalid_client_metadata", "jwks"),
        ({"jwks": {"keys": [KEY | {"d": "x"}]}}, "invalid_client_metadata", "jwks/keys/0"),
        ({"subject_type": "secret"}, "invalid_client_metadata", "subject_type"),
        ({"application_type": "desktop"}, "invalid_client_metadata", "application_type"),
    ],
)
async def test_s3_2_2_what_is_not_acceptable_is_refused_and_named(
    open_registration: House, members: dict[str, Any], error: str, at: str
) -> None:
    answer = await register(open_registration, **members)

    assert is_refused(answer, error)
    assert answer.json()["error_description"].startswith(f"{at}: ")


async def test_oidc_registration_s2_a_native_client_may_have_a_scheme_of_its_own(
    open_registration: House,
) -> None:
    uris = ["com.example.app:/cb", "http://127.0.0.1/cb", "http://localhost:3000/cb"]

    made = await Registrant.new(open_registration, application_type="native", redirect_uris=uris)

    assert made.told["redirect_uris"] == uris
    assert made.told["application_type"] == "native"


@pytest.mark.parametrize(
    ("statement", "error"),
    [
        ("e30.e30.c2ln", "invalid_software_statement"),
        ("not a jwt", "invalid_software_statement"),
        ({"software_id": "x"}, "invalid_software_statement"),
        ("eyJhbGciOiJub25lIn0.eyJpc3MiOiJ4In0.c2ln", "invalid_software_statement"),
        ("eyJhbGciOiJSUzI1NiJ9.eyJpc3MiOiJ4In0.", "invalid_software_statement"),
        ("eyJhbGciOiJSUzI1NiJ9.eyJpc3MiOiJ4In0.c2ln", "unapproved_software_statement"),
    ],
)
async def test_s2_3_a_software_statement_is_refused(
    open_registration: House, statement: Any, error: str
) -> None:
    assert is_refused(await register(open_registration, software_statement=statement), error)


@pytest.mark.parametrize(
    ("body", "content_type"),
    [
        (b"{", "application/json"),
        (b"[]", "application/json"),
        (b'"a"', "application/json"),
        (b'{"client_name": "a", "client_name": "b"}', "application/json"),
        (b'{"default_max_age": NaN}', "application/json"),
        (b"\xff", "application/json"),
        (b"[" * 60_000, "application/json"),
        (b'{"redirect_uris": ["https://a.example/cb"]}', "text/plain"),
        (b"redirect_uris=x", "application/x-www-form-urlencoded"),
        (b'{"redirect_uris": ["https://a.example/cb"]}', "application/json; charset=utf-16"),
    ],
)
async def test_s3_1_a_body_is_one_json_object(
    open_registration: House, body: bytes, content_type: str
) -> None:
    headers = {"Content-Type": content_type}

    assert is_refused(
        await open_registration.http.post(REGISTER, content=body, headers=headers), "invalid_request"
    )


async def test_s1_a_body_over_64_kib_is_413(open_registration: House) -> None:
    answer = await register(open_registration, client_name="a" * 70_000)

    assert is_refused(answer, "invalid_request", 413)

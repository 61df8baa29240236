"""What a request to authorize has to be (RFC 6749 §4.1.1, OIDC Core §3.1.2.1), and which fault is told first."""

import json
from typing import Any
from urllib.parse import urlencode

import pytest

from identity_service.domain.entities.authorization_request import AuthorizationRequest, from_json
from identity_service.domain.entities.client import Client
from identity_service.domain.oauth.authorize_errors import (
    RegistrationNotSupported,
    UnsupportedResponseType,
)
from identity_service.domain.oauth.authorize_request import (
    CHECKS,
    LONGEST_ID_TOKEN,
    MOST_VALUES,
    Asked,
    checked,
    still_fits,
)
from identity_service.domain.oauth.authorize_target import (
    LONGEST,
    client_named,
    redirect_uri_of,
    response_mode_of,
    state_of,
)
from identity_service.domain.oauth.errors import InvalidRequest, InvalidScope, OAuthError, UnauthorizedClient
from identity_service.domain.oauth.parameters import Query, parse_query
from identity_service.domain.value_objects.scope import Scope
from tests.entities import client

URI = "https://app.example/cb"
GOOD = {
    "client_id": "a client",
    "response_type": "code",
    "redirect_uri": URI,
    "scope": "openid read",
    "code_challenge": "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM",
    "code_challenge_method": "S256",
}


def query(**members: Any) -> Query:
    """The good request, with some members replaced; None leaves one out, a list repeats it."""
    pairs = [
        (name, each)
        for name, value in (GOOD | members).items()
        if value is not None
        for each in (value if isinstance(value, list) else [value])
    ]
    return parse_query(urlencode(pairs).encode())


def hinted(token: str) -> str:
    if token.startswith("of "):
        return token.removeprefix("of ")
    raise InvalidRequest("no ID token of ours")


def judged(of: Client | None = None, **members: Any) -> AuthorizationRequest:
    asked = Asked(query=query(**members), client=of or client(), hinted=hinted)
    return checked(asked, redirect_uri=URI, redirect_uri_sent=True)


SHOWN_CLIENTS = {"missing": None, "empty": "", "repeated": ["a", "b"], "the same twice": ["a", "a"]}
SHOWN_URIS: dict[str, Any] = {
    "another": "https://evil.example/cb",
    "longer": f"{URI}/more",
    "shorter": URI[:-1],
    "with a query": f"{URI}?a=b",
    "of another case": "https://app.example/CB",
    "repeated": [URI, URI],
    "repeated with a good one first": [URI, "https://evil.example"],
    "empty beside a good one": ["", URI],
    "missing with openid": None,
    "empty with openid": "",
}


@pytest.mark.parametrize("value", SHOWN_CLIENTS.values(), ids=SHOWN_CLIENTS)
def test_rfc6749_s4_1_2_1_a_client_id_is_no_client_that_is(value: Any) -> None:
    with pytest.raises(InvalidRequest):
        client_named(query(client_id=value))


@pytest.mark.parametrize("value", SHOWN_URIS.values(), ids=SHOWN_URIS)
def test_rfc6749_s3_1_2_4_nobody_is_sent_to_a_redirect_uri_that_is(value: Any) -> None:
    with pytest.raises(InvalidRequest):
        redirect_uri_of(query(redirect_uri=value), client())


@pytest.mark.parametrize("sent", [None, ""], ids=["left out", "sent without a value"])
def test_rfc6749_s3_1_2_3_one_registered_uri_need_not_be_named(sent: str | None) -> None:
    two = client(redirect_uris=(URI, f"{URI}2"))

    assert redirect_uri_of(query(redirect_uri=sent, scope="read"), client()) == (URI, False)
    assert redirect_uri_of(query(), client()) == (URI, True)
    for of, scope in ((two, "read"), (client(redirect_uris=()), "read"), (client(), "read openid")):
        with pytest.raises(InvalidRequest):
            redirect_uri_of(query(redirect_uri=sent, scope=scope), of)
    with pytest.raises(InvalidRequest):
        redirect_uri_of(query(redirect_uri=sent, scope=["read", "openid"]), client())


def test_rfc8252_s7_3_the_port_of_a_loopback_literal_is_free() -> None:
    native = client(redirect_uris=("http://127.0.0.1/cb", "http://localhost:8000/cb"))

    assert redirect_uri_of(query(redirect_uri="http://127.0.0.1:5000/cb"), native)[0].endswith(":5000/cb")
    for foreign in ("http://localhost:5000/cb", "http://[::1]:5000/cb", "https://127.0.0.1:5000/cb"):
        with pytest.raises(InvalidRequest):
            redirect_uri_of(query(redirect_uri=foreign), native)


ANSWERED: dict[str, tuple[dict[str, Any], type[OAuthError]]] = {
    "any parameter repeated": ({"x": ["1", "2"]}, InvalidRequest),
    "the state repeated": ({"state": ["a", "b"]}, InvalidRequest),
    "a scope repeated": ({"scope": ["openid", "read"]}, InvalidRequest),
    "an empty repeat": ({"nonce": ["a", ""]}, InvalidRequest),
    "a registration": ({"registration": "{}"}, RegistrationNotSupported),
    "the response mode fragment": ({"response_mode": "fragment"}, InvalidRequest),
    "an unknown response mode": ({"response_mode": "smoke"}, InvalidRequest),
    "no response type": ({"response_type": None}, InvalidRequest),
    "the response type token": ({"response_type": "token"}, UnsupportedResponseType),
    "the response type id_token": ({"response_type": "id_token"}, UnsupportedResponseType),
    "a hybrid response type": ({"response_type": "code id_token"}, UnsupportedResponseType),
    "no response type but none": ({"response_type": "none"}, UnsupportedResponseType),
    "the response type in capitals": ({"response_type": "CODE"}, UnsupportedResponseType),
    "a malformed scope": ({"scope": 'read "'}, InvalidScope),
    "an unknown scope without openid": ({"scope": "read unknown"}, InvalidScope),
    "no challenge": ({"code_challenge": None, "code_challenge_method": None}, InvalidRequest),
    "plain PKCE": ({"code_challenge_method": "plain"}, InvalidRequest),
    "a state that is too long": ({"state": "x" * (LONGEST + 1)}, InvalidRequest),
    "a state with a line end": ({"state": "x\ny"}, InvalidRequest),
    "a hint with a NUL": ({"login_hint": "x\0"}, InvalidRequest),
    "a nonce that is too long": ({"nonce": "x" * (LONGEST + 1)}, InvalidRequest),
    "a login hint that is too long": ({"login_hint": "x" * (LONGEST + 1)}, InvalidRequest),
    "an unknown prompt": ({"prompt": "create"}, InvalidRequest),
    "no page beside a page": ({"prompt": "none login"}, InvalidRequest),
    "an age that is no number": ({"max_age": "soon"}, InvalidRequest),
    "a negative age": ({"max_age": "-1"}, InvalidRequest),
    "a fraction of an age": ({"max_age": "1.5"}, InvalidRequest),
    "an age in other digits": ({"max_age": "١"}, InvalidRequest),
    "an age beyond all ages": ({"max_age": "9" * 10}, InvalidRequest),
    "an unknown display": ({"display": "hologram"}, InvalidRequest),
    "too many languages": ({"ui_locales": " ".join(map(str, range(MOST_VALUES + 1)))}, InvalidRequest),
    "claims that are no JSON": ({"claims": "{"}, InvalidRequest),
    "a hint that is no token of ours": ({"id_token_hint": "foreign"}, InvalidRequest),
    "a hint that is too long": ({"id_token_hint": "of " + "x" * LONGEST_ID_TOKEN}, InvalidRequest),
    "two people": (
        {"id_token_hint": "of alice", "claims": '{"id_token":{"sub":{"value":"bob"}}}'},
        InvalidRequest,
    ),
}


@pytest.mark.parametrize(("members", "refusal"), ANSWERED.values(), ids=ANSWERED)
def test_rfc6749_s4_1_2_1_the_client_is_told_of(members: dict[str, Any], refusal: type[OAuthError]) -> None:
    with pytest.raises(refusal) as refused:
        judged(**members)
    assert type(refused.value) is refusal
    assert refused.value.redirectable


def test_rfc6749_s4_1_2_1_a_client_without_the_grant_is_told_so() -> None:
    with pytest.raises(UnauthorizedClient):
        judged(client(grant_types=frozenset({"password"})))


FAULTS_IN_ORDER: tuple[tuple[dict[str, Any], str], ...] = (
    ({"x": ["1", "2"]}, "a parameter is repeated"),
    ({"response_mode": "smoke"}, "response_mode is not one of those that are supported"),
    ({"registration": "{}"}, RegistrationNotSupported.default),
    ({"response_type": "token"}, UnsupportedResponseType.default),
    ({"scope": "unknown"}, "a scope is unknown or not allowed"),
    ({"code_challenge_method": "plain"}, "code_challenge_method must be S256"),
    ({"nonce": "x" * (LONGEST + 1)}, "a parameter is too long or has a control character"),
    ({"prompt": "create"}, "prompt has a value that is not supported"),
    ({"max_age": "soon"}, "max_age is not a number of seconds"),
    ({"display": "hologram"}, "display has a value that is not supported"),
    ({"ui_locales": " ".join(map(str, range(99)))}, "a parameter has too many values"),
    ({"claims": "{"}, "claims is no JSON"),
)


def test_of_several_faults_the_first_in_the_order_of_the_checks_is_told() -> None:
    assert len(FAULTS_IN_ORDER) == len(CHECKS)
    for first in range(len(FAULTS_IN_ORDER)):
        members: dict[str, Any] = {}
        for fault, _ in FAULTS_IN_ORDER[first:]:
            members |= fault
        with pytest.raises(OAuthError) as refused:
            judged(**members)
        assert refused.value.description == FAULTS_IN_ORDER[first][1]


TAKEN: dict[str, tuple[dict[str, Any], dict[str, Any]]] = {
    "nothing more than is needed": ({}, {"prompt": frozenset(), "max_age": None, "subject": None}),
    "what is unknown is ignored": ({"extra": "foobar", "claims_locales": "se"}, {"state": None}),
    "an empty parameter is absent": (
        {"state": "", "nonce": "", "prompt": "", "max_age": "", "claims": "", "response_mode": ""},
        {"state": None, "nonce": None, "prompt": frozenset(), "max_age": None, "response_mode": "query"},
    ),
    "an empty registration is absent": (
        {"registration": ""},
        {"response_mode": "query"},
    ),
    "texts, as they came": (
        {"state": "ä &=+%", "nonce": "n", "login_hint": "alice"},
        {"state": "ä &=+%", "nonce": "n", "login_hint": "alice"},
    ),
    "texts that just fit": ({"state": "x" * LONGEST}, {"state": "x" * LONGEST}),
    "form_post": ({"response_mode": "form_post"}, {"response_mode": "form_post"}),
    "query, by name": ({"response_mode": "query"}, {"response_mode": "query"}),
    "prompts, each once": (
        {"prompt": "login consent login"},
        {"prompt": frozenset({"login", "consent"})},
    ),
    "no page": ({"prompt": "none"}, {"prompt": frozenset({"none"})}),
    "an age of zero": ({"max_age": "0"}, {"max_age": 0}),
    "the longest age": ({"max_age": "9" * 9}, {"max_age": 999_999_999}),
    "languages": ({"ui_locales": "de-CH de  en"}, {"ui_locales": ("de-CH", "de", "en")}),
    "levels": ({"acr_values": "gold silver"}, {"acr_values": ("gold", "silver")}),
    "every display": ({"display": "wap"}, {"state": None}),
    "resources, as many as there are": (
        {"resource": ["https://a.example", "https://b.example"]},
        {"audience": ("https://a.example", "https://b.example")},
    ),
    "a hint": ({"id_token_hint": "of alice"}, {"subject": "alice"}),
    "the same person named twice": (
        {"id_token_hint": "of alice", "claims": '{"id_token":{"sub":{"value":"alice"}}}'},
        {"subject": "alice"},
    ),
    "a person named by claims": ({"claims": '{"userinfo":{"sub":{"value":"bob"}}}'}, {"subject": "bob"}),
    "an unknown scope beside openid": (
        {"scope": "openid unknown read"},
        {"scope": Scope.parse("openid read")},
    ),
    "no scope is all but reserved and what tokens need": (
        {"scope": None},
        {"scope": Scope.parse("email read write")},
    ),
    "a reserved scope is for later to judge": (
        {"scope": "openid admin"},
        {"scope": Scope.parse("openid admin")},
    ),
    "offline access": ({"scope": "openid offline_access"}, {"scope": Scope.parse("openid offline_access")}),
}


@pytest.mark.parametrize(("members", "read"), TAKEN.values(), ids=TAKEN)
def test_oidc_s3_1_2_1_what_is_asked_is_read(members: dict[str, Any], read: dict[str, Any]) -> None:
    request = judged(**members)

    assert {name: getattr(request, name) for name in read} == read
    assert (request.client_id, request.client_epoch) == ("a client", 7)
    assert from_json(json.loads(json.dumps(request.to_json()))) == request


@pytest.mark.parametrize("display", ["page", "popup", "touch", "wap"])
def test_oidc_s3_1_2_1_each_display_is_taken(display: str) -> None:
    judged(display=display)


def test_oidc_s11_offline_access_is_left_out_for_a_client_that_cannot_refresh() -> None:
    of = client(grant_types=frozenset({"authorization_code"}))

    assert judged(of, scope="openid offline_access read").scope == Scope.parse("openid read")
    assert judged(of, scope="offline_access read").scope == Scope.parse("read")


def test_rfc6749_s3_3_a_client_without_openid_has_no_unknown_scopes_ignored() -> None:
    of = client(scope=Scope.parse("read"))

    assert judged(of, scope="openid read").scope == Scope.parse("read")
    with pytest.raises(InvalidScope):
        judged(of, scope="openid read unknown")


def test_oidc_registration_s2_the_clients_defaults_stand_in_for_what_is_not_asked() -> None:
    of = client(default_max_age=60, default_acr_values=("gold",))

    assert (judged(of).max_age, judged(of).acr_values) == (60, ("gold",))
    assert (judged(of, max_age="5").max_age, judged(of, acr_values="tin").acr_values) == (5, ("tin",))


@pytest.mark.parametrize("public", [True, False])
@pytest.mark.parametrize("required", [True, False])
def test_rfc9700_s2_1_1_only_a_confidential_client_can_be_let_off_pkce(public: bool, required: bool) -> None:
    of = client(token_endpoint_auth_method="none" if public else None, require_pkce=required)
    without: dict[str, Any] = {"code_challenge": None, "code_challenge_method": None}

    if public or required:
        with pytest.raises(InvalidRequest):
            judged(of, **without)
    else:
        assert judged(of, **without).code_challenge is None
    assert judged(of).code_challenge == GOOD["code_challenge"]


LOST: dict[str, dict[str, Any]] = {
    "its redirect URI": {"redirect_uris": (f"{URI}2",)},
    "the grant": {"grant_types": frozenset({"refresh_token"})},
    "its activity": {"active": False},
}


@pytest.mark.parametrize("members", LOST.values(), ids=LOST)
def test_a_request_no_longer_fits_a_client_that_has_lost(members: dict[str, Any]) -> None:
    assert still_fits(judged(), client())
    assert not still_fits(judged(), client(**members))


MODES = {
    "none": (None, "query"),
    "query": ("query", "query"),
    "form_post": ("form_post", "form_post"),
    "one that is refused": ("fragment", "query"),
    "one that is repeated": (["form_post", "form_post"], "query"),
}


@pytest.mark.parametrize(("asked", "mode"), MODES.values(), ids=MODES)
def test_a_refusal_travels_as_asked_if_that_is_possible(asked: Any, mode: str) -> None:
    assert response_mode_of(query(response_mode=asked)) == mode


def test_rfc6749_s4_1_2_1_the_state_travels_back_unless_there_are_several() -> None:
    assert state_of(query(state="a b&c")) == "a b&c"
    assert state_of(query(state="x" * LONGEST)) == "x" * LONGEST
    for none in (None, "", ["a", "b"], ["a", "a"], ["a", ""], "x" * (LONGEST + 1)):
        assert state_of(query(state=none)) is None

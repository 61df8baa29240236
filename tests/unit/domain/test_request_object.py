"""RFC 9101 §4, §6: which request object will do, and which parameters it has."""

import json
from typing import Any

import pytest

from identity_service.domain.oauth.authorize_errors import InvalidRequestObject
from identity_service.domain.oauth.errors import InvalidRequest
from identity_service.domain.oauth.parameters import MAX_NAME_CHARACTERS, MAX_PARAMETERS
from identity_service.domain.oauth.request_object import RequestObject, judge
from identity_service.domain.oauth.signed_elsewhere import LEEWAY_SECONDS, LONGEST_JTI, LONGEST_LIFE_SECONDS

NOW = 1_800_000_000.5
ISSUER = "https://id.example"
CLAIMS: dict[str, Any] = {"iss": "c", "client_id": "c", "aud": ISSUER, "response_type": "code"}
GONE = object()


def judged(typ: str | None = None, **changes: Any) -> RequestObject:
    claims = {name: value for name, value in (CLAIMS | changes).items() if value is not GONE}
    return judge(claims, typ=typ, client_id="c", issuer=ISSUER, now=NOW)


@pytest.mark.parametrize(
    "changes",
    [
        pytest.param({}, id="as little as will do"),
        pytest.param({"typ": "oauth-authz-req+jwt"}, id="typ of its own"),
        pytest.param({"typ": "jwt"}, id="typ JWT"),
        pytest.param({"aud": [ISSUER, "https://other.example"]}, id="for others as well"),
        pytest.param({"exp": NOW - LEEWAY_SECONDS + 0.5}, id="its end within the leeway"),
        pytest.param({"exp": NOW + 10**9}, id="for years"),
        pytest.param({"nbf": NOW + LEEWAY_SECONDS, "iat": NOW + LEEWAY_SECONDS}, id="a clock ahead of ours"),
        pytest.param({"iat": 0, "nbf": 0}, id="made long ago"),
        pytest.param(
            {"jti": "x" * LONGEST_JTI, "exp": NOW + LONGEST_LIFE_SECONDS}, id="once, within an hour"
        ),
        pytest.param({"sub": "alice"}, id="a sub of somebody else"),
        pytest.param({"cnf": {"jkt": "x"}, "x": [1, {}]}, id="claims that nobody knows"),
    ],
)
def test_rfc9101_s6_an_object_for_this_server_will_do(changes: dict[str, Any]) -> None:
    found = judged(**changes)

    assert found.query.parameters.get("response_type") == "code"
    assert found.jti == changes.get("jti")


@pytest.mark.parametrize(
    "changes",
    [
        pytest.param({"iss": "d"}, id="s4: another iss"),
        pytest.param({"iss": GONE}, id="s4: no iss"),
        pytest.param({"iss": ["c"]}, id="s4: a list for an iss"),
        pytest.param({"client_id": "d"}, id="s5: another client_id"),
        pytest.param({"client_id": GONE}, id="s5: no client_id"),
        pytest.param({"iss": "d", "client_id": "d"}, id="s5: another client"),
        pytest.param({"aud": GONE}, id="s4: no aud"),
        pytest.param({"aud": "https://other.example"}, id="s4: another server"),
        pytest.param({"aud": f"{ISSUER}/"}, id="s4: nearly this server"),
        pytest.param({"aud": f"{ISSUER}/oauth2/token"}, id="s4: the token endpoint"),
        pytest.param({"aud": []}, id="s4: nobody"),
        pytest.param({"aud": {ISSUER: 1}}, id="s4: an object"),
        pytest.param({"request": "x"}, id="s4: another object in it"),
        pytest.param({"request_uri": None}, id="s4: a reference in it"),
        pytest.param({"exp": NOW - LEEWAY_SECONDS}, id="run out"),
        pytest.param({"exp": None}, id="a38: a null exp"),
        pytest.param({"exp": "9999999999"}, id="a38: exp as text"),
        pytest.param({"exp": True}, id="a38: exp as truth"),
        pytest.param({"exp": 10**30}, id="a38: a huge exp"),
        pytest.param({"nbf": NOW + LEEWAY_SECONDS + 1}, id="not yet"),
        pytest.param({"nbf": []}, id="a38: nbf as a list"),
        pytest.param({"iat": NOW + LEEWAY_SECONDS + 1}, id="made later"),
        pytest.param({"iat": "0"}, id="a38: iat as text"),
        pytest.param({"jti": "x"}, id="a20: once, without an end"),
        pytest.param({"jti": "x", "exp": NOW + 2 * LONGEST_LIFE_SECONDS}, id="a20: once, for ages"),
        pytest.param({"jti": "", "exp": NOW + 60}, id="a20: an empty jti"),
        pytest.param({"jti": None, "exp": NOW + 60}, id="a20: a null jti"),
        pytest.param({"jti": "x" * (LONGEST_JTI + 1), "exp": NOW + 60}, id="a20: too long a jti"),
        pytest.param({"sub": "c"}, id="s10.8: a client assertion"),
        pytest.param({"typ": "client-authentication+jwt"}, id="a19: a client assertion by its typ"),
        pytest.param({"typ": "at+jwt"}, id="a19: an access token"),
        pytest.param({"typ": "dpop+jwt"}, id="a19: a DPoP proof"),
        pytest.param({"typ": "logout+jwt"}, id="a19: a logout token"),
    ],
)
def test_rfc9101_s6_any_other_is_refused(changes: dict[str, Any]) -> None:
    with pytest.raises(InvalidRequestObject):
        judged(**changes)


def test_a20_it_is_remembered_for_as_long_as_it_would_be_accepted() -> None:
    until = judged(jti="x", exp=NOW + 10).until

    assert judged(exp=until - LEEWAY_SECONDS)
    with pytest.raises(InvalidRequestObject):
        judge(CLAIMS | {"exp": NOW + 10}, typ=None, client_id="c", issuer=ISSUER, now=until)


READ: dict[str, tuple[dict[str, Any], dict[str, tuple[str, ...]]]] = {
    "a text": ({"state": "ä &=+%"}, {"state": ("ä &=+%",)}),
    "a number": ({"max_age": 60}, {"max_age": ("60",)}),
    "null and a text of nothing are absent": ({"state": None, "nonce": ""}, {"state": (), "nonce": ()}),
    "a list is a parameter that repeats": (
        {"resource": ["https://a.example", "https://b.example"], "nonce": []},
        {"resource": ("https://a.example", "https://b.example"), "nonce": ()},
    ),
    "what the JWT says of itself is no parameter": (
        {"exp": NOW + 60, "jti": "x"},
        {"iss": (), "aud": (), "exp": (), "jti": ()},
    ),
}


@pytest.mark.parametrize(("claims", "read"), READ.values(), ids=READ)
def test_rfc9101_s4_parameters_are_read_from_claims(
    claims: dict[str, Any], read: dict[str, tuple[str, ...]]
) -> None:
    parameters = judged(**claims).query.parameters

    assert {name: parameters.all(name) for name in read} == read


def test_oidc_core_s6_1_claims_are_an_object_in_it() -> None:
    claims = {"id_token": {"name": {"value": 'Ä "quoted" \\'}, "acr": None}}

    assert json.loads(judged(claims=claims).query.parameters.require("claims")) == claims


def test_attack_3_what_is_repeated_within_is_known_to_be() -> None:
    assert judged(state=["a", "b"]).query.repeated == {"state"}


@pytest.mark.parametrize(
    "claims",
    [
        pytest.param({"state": "a\0b"}, id="a39: a NUL"),
        pytest.param({"a\0b": "x"}, id="a39: a NUL in a name"),
        pytest.param({"x" * (MAX_NAME_CHARACTERS + 1): "x"}, id="a35: a long name"),
        pytest.param({f"x{n}": "x" for n in range(MAX_PARAMETERS)}, id="a35: many parameters"),
        pytest.param({"resource": ["https://a.example"] * (MAX_PARAMETERS + 1)}, id="a35: a long list"),
    ],
)
def test_what_no_query_could_have_no_object_has(claims: dict[str, Any]) -> None:
    with pytest.raises(InvalidRequest):
        judged(**claims)

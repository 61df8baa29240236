"""The demo believes a logout token of its provider, to itself, about somebody, once (OIDC Back-Channel Logout §2.6)."""

from typing import Any

import pytest
from joserfc import jwt

from identity_service.demo.logout_token import EVENT, MOST_REMEMBERED, TakenTokens, check_logout_token
from identity_service.demo.party import Party
from identity_service.demo.problem import Problem

NOW = 1_800_000_000
PARTY = Party(issuer="https://id.example", client_id="me", url="http://127.0.0.1:8001")
GOOD: dict[str, Any] = {
    "iss": "https://id.example",
    "aud": "me",
    "iat": NOW,
    "exp": NOW + 120,
    "jti": "one",
    "sub": "alice",
    "sid": "a session",
    "events": {EVENT: {}},
}
ABSENT = object()


def check(*, typ: object = "logout+jwt", **claims: Any) -> None:
    said = {name: value for name, value in (GOOD | claims).items() if value is not ABSENT}
    header = {"alg": "RS256"} | ({} if typ is ABSENT else {"typ": typ})
    check_logout_token(jwt.Token(header, said), PARTY, now=NOW)


@pytest.mark.parametrize(
    "claims",
    [
        pytest.param({}, id="as ours are"),
        pytest.param({"sid": ABSENT}, id="about a person"),
        pytest.param({"sub": ABSENT}, id="about a session"),
        pytest.param({"aud": ["other", "me"]}, id="to several"),
        pytest.param({"events": {EVENT: {}, "urn:other": {}}}, id="with another event beside"),
        pytest.param({"iat": NOW + 30, "exp": NOW - 30}, id="clocks differ a little"),
        pytest.param({"typ": ABSENT}, id="without a type"),
        pytest.param({"typ": "JWT"}, id="of the type that every JWT has"),
    ],
)
def test_s2_6_a_good_one_is_believed(claims: dict[str, Any]) -> None:
    check(**claims)


@pytest.mark.parametrize(
    ("claim", "value"),
    [
        ("iss", "https://evil.example"),
        ("iss", ABSENT),
        ("aud", "other"),
        ("aud", ["other"]),
        ("aud", ABSENT),
        ("iat", NOW + 300),
        ("iat", ABSENT),
        ("exp", NOW - 300),
        ("exp", float("nan")),
        ("exp", ABSENT),
        ("jti", ABSENT),
        ("jti", 1),
        ("events", ABSENT),
        ("events", {}),
        ("events", [EVENT]),
        ("events", EVENT),
        ("events", {"http://schemas.openid.net/event/other": {}}),
        ("events", {EVENT: True}),
        ("events", {EVENT: None}),
        ("nonce", "n"),
        ("nonce", None),
        ("sub", None),
        ("sub", 1),
        ("sid", None),
        ("sid", 1),
        ("typ", "at+jwt"),
        ("typ", "id_token+jwt"),
        ("typ", 1),
    ],
)
def test_s2_6_any_other_is_not(claim: str, value: object) -> None:
    with pytest.raises(Problem) as refused:
        check(**{claim: value})
    assert refused.value.error == "invalid_logout_token"


def test_s2_6_one_that_is_about_nobody_is_refused() -> None:
    with pytest.raises(Problem, match="invalid_logout_token"):
        check(sub=ABSENT, sid=ABSENT)


def test_s2_6_each_is_taken_once_for_as_long_as_it_is_good() -> None:
    now = float(NOW)
    taken = TakenTokens(clock=lambda: now)
    taken.take(GOOD)

    with pytest.raises(Problem, match="invalid_logout_token"):
        taken.take(GOOD)
    taken.take(GOOD | {"jti": "two"})
    now += 1000
    taken.take(GOOD)


def test_attack_35_no_more_of_them_are_remembered_than_so_many() -> None:
    taken = TakenTokens(clock=lambda: float(NOW))
    for number in range(MOST_REMEMBERED + 1):
        taken.take(GOOD | {"jti": str(number), "exp": NOW + 120})

    taken.take(GOOD | {"jti": "0"})
    with pytest.raises(Problem):
        taken.take(GOOD | {"jti": str(MOST_REMEMBERED)})

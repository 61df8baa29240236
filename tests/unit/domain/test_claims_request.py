"""OIDC Core §5.5: what a client asks for by the `claims` parameter."""

import json
from typing import Any

import pytest

from identity_service.domain.oauth.claims_request import (
    MOST_CHARACTERS,
    MOST_CLAIMS,
    NOTHING,
    ClaimsRequest,
    parse_claims_request,
)
from identity_service.domain.oauth.errors import InvalidRequest

READ: dict[str, tuple[Any, ClaimsRequest]] = {
    "nothing in it": ({}, NOTHING),
    "a place that is null": ({"id_token": None, "userinfo": {}}, NOTHING),
    "the two places": (
        {"id_token": {"email": None}, "userinfo": {"name": {"essential": True}, "phone_number": None}},
        ClaimsRequest(id_token=("email",), userinfo=("name", "phone_number")),
    ),
    "places that nobody knows are ignored": (
        {"somewhere": {"email": None}, "userinfo": {"name": None}},
        ClaimsRequest(userinfo=("name",)),
    ),
    "members that nobody knows are ignored": (
        {"userinfo": {"name": {"purpose": "to greet you"}}},
        ClaimsRequest(userinfo=("name",)),
    ),
    "the subject of the ID token": (
        {"id_token": {"sub": {"value": "alice"}}},
        ClaimsRequest(id_token=("sub",), sub="alice"),
    ),
    "the subject of userinfo": (
        {"userinfo": {"sub": {"value": "alice"}}},
        ClaimsRequest(userinfo=("sub",), sub="alice"),
    ),
    "a subject in a list": (
        {"id_token": {"sub": {"values": ["a"]}}},
        ClaimsRequest(id_token=("sub",), sub="a"),
    ),
    "an essential acr by values": (
        {"id_token": {"acr": {"essential": True, "values": ["a", "b"]}}},
        ClaimsRequest(id_token=("acr",), essential_acr=("a", "b")),
    ),
    "an essential acr by value": (
        {"id_token": {"acr": {"essential": True, "value": "a"}}},
        ClaimsRequest(id_token=("acr",), essential_acr=("a",)),
    ),
    "an essential acr of any level": (
        {"id_token": {"acr": {"essential": True}}},
        ClaimsRequest(id_token=("acr",)),
    ),
    "a voluntary acr": ({"id_token": {"acr": {"values": ["a"]}}}, ClaimsRequest(id_token=("acr",))),
    "an acr that is essential by no boolean": (
        {"id_token": {"acr": {"essential": "true", "values": ["a"]}}},
        ClaimsRequest(id_token=("acr",)),
    ),
}
REFUSED: dict[str, str] = {
    "a subject that is no text": '{"id_token": {"sub": {"value": 7}}}',
    "several subjects": '{"id_token": {"sub": {"values": ["a", "b"]}}}',
    "no JSON": "{",
    "a list": "[]",
    "a text": '"email"',
    "null": "null",
    "a place that is a list": '{"userinfo": ["email"]}',
    "a place that is a text": '{"id_token": "email"}',
    "a claim that is a text": '{"userinfo": {"email": "yes"}}',
    "a claim that is true": '{"userinfo": {"email": true}}',
    "levels that are no list": '{"id_token": {"acr": {"essential": true, "values": "a"}}}',
    "no end of brackets": '{"id_token":' * 600,
    "a number of too many digits": '{"x":' + "9" * 5000 + "}",
    "too many claims": json.dumps({"userinfo": {f"c{n}": None for n in range(MOST_CLAIMS + 1)}}),
    "too many characters": json.dumps({"x": "x" * MOST_CHARACTERS}),
    "half a surrogate pair": r'{"userinfo": {"\ud800": null}}',
    "half a surrogate pair as the subject": r'{"id_token": {"sub": {"value": "\udfff"}}}',
    "a NUL": r'{"userinfo": {"a\u0000": null}}',
    "a NUL in the subject": r'{"id_token": {"sub": {"value": "\u0000"}}}',
    "a NUL in a level": r'{"id_token": {"acr": {"essential": true, "values": ["\u0000"]}}}',
}


def test_s5_5_without_the_parameter_nothing_is_asked_for() -> None:
    assert parse_claims_request(None) == NOTHING


@pytest.mark.parametrize(("asked", "read"), READ.values(), ids=READ)
def test_s5_5_what_is_asked_for_is_read(asked: Any, read: ClaimsRequest) -> None:
    assert parse_claims_request(json.dumps(asked)) == read


@pytest.mark.parametrize("text", REFUSED.values(), ids=REFUSED)
def test_s5_5_what_is_not_of_its_form_is_refused(text: str) -> None:
    with pytest.raises(InvalidRequest):
        parse_claims_request(text)


def test_s5_5_just_as_many_claims_as_are_allowed_are_read() -> None:
    names = tuple(f"c{n}" for n in range(MOST_CLAIMS))

    assert parse_claims_request(json.dumps({"id_token": dict.fromkeys(names)})).id_token == names

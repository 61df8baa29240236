"""How refusals and failures look (PROTOCOL §6; RFC 6749 §5.2, RFC 6750 §3, RFC 7617 §2, RFC 9457)."""

import logging
from dataclasses import replace
from typing import Any

import pytest
from pydantic import BaseModel, ConfigDict

from identity_service.api.errors import Problem
from identity_service.domain.oauth.errors import (
    InsufficientScope,
    InvalidBearerRequest,
    InvalidToken,
    MissingToken,
    OAuthError,
    TooManyRequests,
)
from identity_service.ports.security import HashingBusy
from identity_service.ports.tokens.key_ring import KeysUnavailable
from identity_service.ports.unit_of_work import StorageUnavailable
from tests.api_caller import on_shared_house
from tests.house import House

FORM = {"grant_type": "client_credentials", "token": "x", "client_id": "x", "client_secret": "x"}
PATHS = ("/oauth2/token", "/oauth2/introspect", "/oauth2/revoke")
MEMBERS = {"type", "title", "status", "detail", "instance", "request_id"}
SECRET = "text that only the log may have"


class Failing:
    """Stands where a use case was and fails."""

    def __init__(self, error: Exception) -> None:
        self.error = error

    def __call__(self, *args: Any, **named: Any) -> Any:
        raise self.error

    or_while_away = __call__

    def known(self) -> None:
        """Nothing, without asking."""


def break_down(house: House, error: Exception) -> None:
    """From now on every use case fails with this."""
    services, failing = house.app.state.services, Failing(error)
    oauth2 = replace(
        services.oauth2,
        authenticate_client=failing,
        known_callers=failing,
        issue_token=failing,
        introspect_token=failing,
        revoke_token=failing,
    )
    discovery = replace(services.discovery, read_metadata=failing, publish_keys=failing)
    house.app.state.services = replace(services, oauth2=oauth2, discovery=discovery)


UNAVAILABLE = [
    pytest.param(StorageUnavailable(SECRET), "1", id="the database is away"),
    pytest.param(StorageUnavailable(SECRET, in_doubt=True), "1", id="the connection broke in a commit"),
    pytest.param(KeysUnavailable(SECRET), "1", id="no key is held"),
    pytest.param(HashingBusy(7), "7", id="the hashing queue is full"),
]


@pytest.mark.parametrize(("error", "retry_after"), UNAVAILABLE)
async def test_s6_what_passes_is_503_with_retry_after(
    small_house: House, error: Exception, retry_after: str
) -> None:
    break_down(small_house, error)

    for path in PATHS:
        answer = await small_house.http.post(path, data=FORM)
        assert answer.status_code == 503
        assert answer.json()["error"] == "temporarily_unavailable"
        assert answer.headers["retry-after"] == retry_after
        assert answer.headers["cache-control"] == "no-store"
        assert SECRET not in answer.text
    for path in ("/.well-known/jwks.json", "/.well-known/oauth-authorization-server"):
        answer = await small_house.http.get(path)
        assert (answer.status_code, answer.json()["status"]) == (503, 503)
        assert answer.headers["content-type"] == "application/problem+json"
        assert answer.headers["retry-after"] == retry_after


async def test_s6_a_defect_is_a_problem_without_a_trace_of_how(
    small_house: House, caplog: pytest.LogCaptureFixture
) -> None:
    break_down(small_house, ZeroDivisionError(SECRET))

    with caplog.at_level(logging.ERROR):
        answer = await small_house.http.post(
            "/oauth2/token", data=FORM, headers={"X-Request-ID": "the-request"}
        )

    assert answer.status_code == 500
    assert answer.headers["content-type"] == "application/problem+json"
    assert answer.headers["cache-control"] == "no-store"
    assert answer.headers["x-content-type-options"] == "nosniff"
    assert answer.headers["x-request-id"] == answer.json()["request_id"] == "the-request"
    for hint in (SECRET, "Traceback", "ZeroDivision", ".py"):
        assert hint not in answer.text
    assert SECRET in caplog.text
    assert "Traceback" in caplog.text


async def refuse(house: House, error: Exception) -> Any:
    async def endpoint() -> None:
        raise error

    house.app.add_api_route("/refusing", endpoint, methods=["GET"])
    return await house.http.get("/refusing")


CHALLENGES = [
    pytest.param(MissingToken(), 401, 'Bearer realm="identity-service"', id="no token: no code"),
    pytest.param(
        InvalidToken(detail=SECRET),
        401,
        'Bearer realm="identity-service", error="invalid_token", '
        'error_description="the access token is invalid, expired or revoked"',
        id="a bad token",
    ),
    pytest.param(
        InvalidBearerRequest(),
        400,
        'Bearer realm="identity-service", error="invalid_request", '
        'error_description="the access token is not sent as RFC 6750 section 2.1 asks"',
        id="a malformed token",
    ),
    pytest.param(
        InsufficientScope(required_scope="users:read"),
        403,
        'Bearer realm="identity-service", error="insufficient_scope", '
        'error_description="the access token does not have the scope this needs", scope="users:read"',
        id="too small a scope",
    ),
]


@pytest.mark.parametrize(("error", "status", "challenge"), CHALLENGES)
async def test_rfc6750_s3_a_challenge_says_what_the_class_says(
    small_house: House, error: OAuthError, status: int, challenge: str
) -> None:
    answer = await refuse(small_house, error)

    assert answer.status_code == status
    assert answer.headers["www-authenticate"] == challenge
    assert answer.headers["content-type"] == "application/problem+json"
    assert SECRET not in answer.text


async def test_rfc6585_s4_too_many_requests_say_when_to_come_back(small_house: House) -> None:
    answer = await refuse(small_house, TooManyRequests(retry_after_seconds=42))

    assert (answer.status_code, answer.headers["retry-after"]) == (429, "42")
    assert "www-authenticate" not in answer.headers


async def test_rfc9457_s3_a_problem_has_all_its_members(small_house: House) -> None:
    error = {"pointer": "/username", "in": "body", "detail": "is taken"}
    answer = await refuse(small_house, Problem(409, "taken", "another user has this name", errors=[error]))

    members = answer.json()
    assert set(members) == MEMBERS | {"errors"}
    assert members["type"] == "urn:identity-service:problem:taken"
    assert (members["status"], members["instance"]) == (answer.status_code, "/refusing") == (409, "/refusing")
    assert members["errors"] == [error]
    assert members["request_id"] == answer.headers["x-request-id"]


async def test_rfc9457_s3_a_problem_without_members_to_blame_lists_none(small_house: House) -> None:
    assert set((await small_house.http.get("/nothing")).json()) == MEMBERS


BODIES = [
    pytest.param(b"{", id="broken off"),
    pytest.param(b"[" * 60_000, id="deep"),
    pytest.param(b'{"a":' * 10_000 + b"1" + b"}" * 10_000, id="deep objects"),
    pytest.param(b'"\xff\xfe"', id="no UTF-8"),
    pytest.param(b'{"\\ud800": 1}', id="half a surrogate pair as a name"),
    pytest.param(b'{"name": "\\ud800", "age": "\\udfff"}', id="half a surrogate pair as a value"),
    pytest.param(b'{"age": NaN}', id="not a number"),
    pytest.param(b'{"age": ' + b"9" * 10_000 + b"}", id="a number of 10^4 digits"),
    pytest.param(b'{"' + b"x" * 60_000 + b'": 1}', id="a name of 60 kB"),
    pytest.param(b"null", id="null"),
    pytest.param(b"", id="nothing"),
    pytest.param(b"[1, 2]", id="a list"),
]


@pytest.mark.parametrize("body", BODIES)
async def test_attack_35_and_s6_no_json_body_makes_a_500(small_house: House, body: bytes) -> None:
    class Person(BaseModel):
        model_config = ConfigDict(extra="forbid")
        name: str
        age: int

    async def read(person: Person) -> dict[str, str]:
        return {"name": person.name}

    small_house.app.add_api_route("/people", read, methods=["POST"])

    answer = await small_house.http.post(
        "/people", content=body, headers={"Content-Type": "application/json"}
    )

    assert 400 <= answer.status_code < 500
    assert answer.headers["content-type"] == "application/problem+json"
    assert set(answer.json()) >= MEMBERS
    assert len(answer.content) < 8192


async def test_rfc6901_s3_a_pointer_escapes_what_it_is_made_of(small_house: House) -> None:
    async def read(numbers: dict[str, int]) -> None:
        raise AssertionError(numbers)

    small_house.app.add_api_route("/numbers", read, methods=["POST"])

    answer = await small_house.http.post("/numbers", json={"a/b~c": "no number"})

    assert answer.status_code == 422
    assert [(e["pointer"], e["in"]) for e in answer.json()["errors"]] == [("/a~1b~0c", "body")]
    assert "no number" not in answer.text


TITLES_OF_404 = {
    "de-AT, en;q=0.5": ("Nicht gefunden", "de"),
    "es": ("No encontrado", "es"),
    "zh-CN": ("未找到", "zh"),
    "ar": ("غير موجود", "ar"),
    "en, de": ("Not found", "en"),
    "fr": ("Not found", "en"),
    ";q=x, *, d_e": ("Not found", "en"),
    "": ("Not found", "en"),
}


@on_shared_house
@pytest.mark.parametrize("wanted", TITLES_OF_404)
async def test_rfc9457_s3_1_4_a_title_is_in_the_readers_language_and_nothing_else_is(
    shared_house: House, wanted: str
) -> None:
    plain = await shared_house.http.get("/nowhere")
    told = await shared_house.http.get("/nowhere", headers={"Accept-Language": wanted})

    assert (told.json()["title"], told.headers["content-language"]) == TITLES_OF_404[wanted]
    assert "accept-language" in told.headers["vary"].lower()
    same = MEMBERS - {"title", "request_id"}
    assert {name: told.json()[name] for name in same} == {name: plain.json()[name] for name in same}


@on_shared_house
@pytest.mark.parametrize("path", [*PATHS, "/oauth2/userinfo", "/oauth2/nowhere"])
async def test_rfc6749_s5_2_what_oauth_says_is_for_programs_in_every_language(
    shared_house: House, path: str
) -> None:
    plain = await shared_house.http.post(path, data=FORM)
    told = await shared_house.http.post(path, data=FORM, headers={"Accept-Language": "de"})

    assert (told.status_code, told.content) == (plain.status_code, plain.content)
    assert "content-language" not in told.headers

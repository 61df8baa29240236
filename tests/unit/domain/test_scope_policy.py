"""RFC 6749 §3.3 at the token endpoint: what is refused, what is left out, what an absent scope means."""

from typing import Any

import pytest

from identity_service.domain.oauth.errors import InvalidScope
from identity_service.domain.oauth.scope_policy import may_hold_reserved, narrow
from identity_service.domain.value_objects.scope import Scope

CLIENT = "read write openid offline_access admin users:write"


def narrowed(asked: str | None, **limits: Any) -> str:
    scopes = {name: Scope.parse(value) if isinstance(value, str) else value for name, value in limits.items()}
    settings: dict[str, Any] = {"ceiling": Scope.parse(CLIENT), "client": Scope.parse(CLIENT), **scopes}
    return str(narrow(None if asked is None else Scope.parse(asked), **settings))


def test_s3_3_what_is_asked_for_and_allowed_is_granted_in_the_order_asked() -> None:
    assert narrowed("write read") == "write read"
    assert narrowed("read") == "read"


@pytest.mark.parametrize(
    ("asked", "limits"),
    [
        pytest.param("read unknown", {}, id="nobody knows it"),
        pytest.param("read write", {"client": "read"}, id="the client is not registered for it"),
        pytest.param("read write", {"ceiling": "read"}, id="the grant cannot give it"),
        pytest.param("read write", {"audience": "read"}, id="the audience does not know it"),
        pytest.param("read write", {"subject": "read"}, id="the subject may not have it"),
        pytest.param("read write", {"default": "read", "ceiling": "read"}, id="the family does not have it"),
        pytest.param("read admin", {}, id="it is reserved"),
        pytest.param("users:write", {}, id="it is a reserved one of the client's for an ordinary user"),
        pytest.param("clients:read", {"may_hold_reserved": True}, id="a reserved one the client lacks"),
    ],
)
def test_s5_2_one_scope_too_many_refuses_all(asked: str, limits: dict[str, Any]) -> None:
    with pytest.raises(InvalidScope):
        narrowed(asked, **limits)


@pytest.mark.parametrize("always_added", ["openid", "offline_access"])
def test_openid_and_offline_access_are_left_out_where_they_cannot_be_honoured(always_added: str) -> None:
    assert narrowed(f"read {always_added}", ceiling="read write") == "read"
    assert narrowed(f"read {always_added}") == f"read {always_added}"


def test_asking_only_for_what_is_left_out_gives_nothing_and_not_the_default() -> None:
    assert narrowed("openid", ceiling="read write") == ""


@pytest.mark.parametrize("asked", [None, ""], ids=["absent", "empty"])
def test_no_scope_means_the_clients_non_reserved_ones_within_the_ceilings(asked: str | None) -> None:
    assert narrowed(asked) == "read write openid offline_access"
    assert narrowed(asked, ceiling="write read") == "read write"
    assert narrowed(asked, audience="read other", subject="read") == "read"


def test_a_reserved_scope_is_never_defaulted() -> None:
    assert narrowed(None, may_hold_reserved=True) == "read write openid offline_access"


def test_a_reserved_scope_is_granted_on_request_to_who_may_hold_it() -> None:
    assert narrowed("read admin", may_hold_reserved=True) == "read admin"


def test_s6_a_refresh_without_scope_means_the_scope_of_the_family() -> None:
    family = "read admin"
    assert narrowed(None, ceiling=family, default=family, may_hold_reserved=True) == "read admin"
    assert narrowed(None, ceiling=family, default=family, client="read") == "read"


def test_s6_a_refresh_for_somebody_no_longer_administrator_loses_reserved_scopes() -> None:
    assert narrowed(None, ceiling="read admin", default="read admin") == "read"


def test_a_refusal_tells_the_log_and_not_the_caller_which_scope_it_was() -> None:
    with pytest.raises(InvalidScope) as caught:
        narrowed("read nonsense openid")
    assert caught.value.detail == "nonsense"
    assert "nonsense" not in caught.value.description


@pytest.mark.parametrize(
    ("acts_for_itself", "administrator", "expected"),
    [(True, False, True), (False, True, True), (False, False, False)],
    ids=["a client for itself", "an administrator", "an ordinary user"],
)
def test_reserved_scopes_are_for_clients_themselves_and_administrators(
    acts_for_itself: bool, administrator: bool, expected: bool
) -> None:
    assert may_hold_reserved(acts_for_itself=acts_for_itself, user_is_administrator=administrator) is expected

"""Object-level rules of administration."""

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest

from identity_service.domain.entities.user import User
from identity_service.domain.oauth.errors import InsufficientScope
from identity_service.domain.services.access_policy import (
    OPERATOR,
    Actor,
    check_may_change_client,
    check_may_change_user,
    check_may_give,
    check_may_mark_first_party,
    check_may_set_admin,
)
from identity_service.domain.value_objects.ids import ClientId, UserId
from identity_service.domain.value_objects.scope import Scope
from identity_service.domain.value_objects.unset import UNSET_TIME
from identity_service.domain.value_objects.username import Username
from tests.entities import client

HELPER, BOSS = Actor("helper", administers=False), Actor("boss", administers=True)
USER = User(
    id=UserId("u"),
    username=Username(entered="u", key="u"),
    email=None,
    email_verified=False,
    name=None,
    password_hash=None,
    admin=False,
    active=True,
    epoch=1,
    version=1,
    created_at=UNSET_TIME,
    updated_at=UNSET_TIME,
)
CLIENT = client(
    client_id=ClientId("c"), scope=Scope.parse("read"), token_endpoint_auth_method=None, redirect_uris=()
)
RESERVED = ["admin", "users:read", "users:write", "clients:read", "clients:write", "users:anything"]
ONLY_ADMINISTRATORS: list[Callable[[Actor], None]] = [
    check_may_set_admin,
    lambda by: check_may_change_user(by, replace(USER, admin=True)),
    *(lambda by, scope=scope: check_may_give(by, Scope.parse(scope)) for scope in RESERVED),
    *(
        lambda by, scope=scope: check_may_change_client(
            by, replace(CLIENT, scope=Scope.parse(f"read {scope}"))
        )
        for scope in RESERVED
    ),
    lambda by: check_may_mark_first_party(by, True),
    lambda by: check_may_change_client(by, replace(CLIENT, first_party=True)),
]
ANYBODY: list[Callable[[Actor], Any]] = [
    lambda by: check_may_change_user(by, USER),
    lambda by: check_may_change_client(by, CLIENT),
    lambda by: check_may_give(by, Scope.parse("read administer")),
    lambda by: check_may_mark_first_party(by, False),
]


@pytest.mark.parametrize("check", ONLY_ADMINISTRATORS)
@pytest.mark.parametrize("by", [BOSS, OPERATOR])
def test_administrators_may(check: Callable[[Actor], None], by: Actor) -> None:
    check(by)


@pytest.mark.parametrize("check", ONLY_ADMINISTRATORS)
def test_attack_33_those_who_merely_write_may_not(check: Callable[[Actor], None]) -> None:
    with pytest.raises(InsufficientScope) as refused:
        check(HELPER)

    assert refused.value.required_scope == "admin"


@pytest.mark.parametrize("check", ANYBODY)
def test_what_gives_no_rights_needs_none(check: Callable[[Actor], None]) -> None:
    check(HELPER)

"""Scope never grows: whatever is asked, the result lies within every ceiling."""

from hypothesis import given
from hypothesis import strategies as st

from identity_service.domain.oauth.errors import InvalidScope
from identity_service.domain.oauth.scope_policy import LEFT_OUT_QUIETLY, narrow
from identity_service.domain.value_objects.scope import Scope

TOKENS = ("read", "write", "email", "openid", "offline_access", "admin", "users:read", "clients:write")
scopes = st.lists(st.sampled_from(TOKENS), max_size=8).map(Scope)
optional = st.none() | scopes
limits = st.fixed_dictionaries(
    {"ceiling": scopes, "client": scopes, "audience": optional, "subject": optional}
)


@given(optional, limits, st.booleans(), optional)
def test_s3_3_the_result_lies_within_every_ceiling(
    asked: Scope | None, given_limits: dict[str, Scope | None], may_hold: bool, default: Scope | None
) -> None:
    try:
        result = narrow(asked, **given_limits, may_hold_reserved=may_hold, default=default)
    except InvalidScope:
        assert asked
        return
    assert all(result <= limit for limit in given_limits.values() if limit is not None)
    assert may_hold or not result.reserved()
    if asked:
        assert result <= asked
        assert asked - result <= LEFT_OUT_QUIETLY
    elif default is None:
        assert not result.reserved()


@given(scopes, limits, st.booleans())
def test_s3_3_what_was_granted_is_granted_again(
    asked: Scope, given_limits: dict[str, Scope | None], may_hold: bool
) -> None:
    try:
        first = narrow(asked, **given_limits, may_hold_reserved=may_hold)
    except InvalidScope:
        return
    if first:
        assert narrow(first, **given_limits, may_hold_reserved=may_hold) == first


@given(st.text(max_size=40))
def test_s3_3_any_text_is_a_scope_that_renders_alike_or_invalid_scope(text: str) -> None:
    try:
        scope = Scope.parse(text)
    except InvalidScope:
        return
    assert list(dict.fromkeys(text.split())) == list(scope)
    assert Scope.parse(str(scope)) == scope


@given(scopes, scopes)
def test_set_operations_are_those_of_sets(left: Scope, right: Scope) -> None:
    assert set(left & right) == set(left) & set(right)
    assert set(left - right) == set(left) - set(right)
    assert set(left | right) == set(left) | set(right)
    assert (left <= right) == (set(left) <= set(right))
    assert (left == right) == (set(left) == set(right))

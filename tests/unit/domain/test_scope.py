"""RFC 6749 §3.3: scope tokens, their grammar and their set operations."""

import pytest

from identity_service.domain.oauth.errors import InvalidScope
from identity_service.domain.value_objects.scope import RESERVED, Scope, is_reserved


@pytest.mark.parametrize("text", ["", "a", "b a", "users:read admin", "!#[]~", "https://x.example/scope?q=1"])
def test_s3_3_a_well_formed_scope_renders_as_it_was_read(text: str) -> None:
    assert str(Scope.parse(text)) == text


@pytest.mark.parametrize(
    "text",
    [
        pytest.param(" ", id="only a space"),
        pytest.param(" a", id="a space before"),
        pytest.param("a ", id="a space behind"),
        pytest.param("a  b", id="two spaces"),
        pytest.param("a\tb", id="a tab"),
        pytest.param("a\n", id="a line end"),
        pytest.param('a"b', id="a quote"),
        pytest.param("a\\b", id="a backslash"),
        pytest.param("\x7f", id="DEL"),
        pytest.param("a\0", id="NUL"),
        pytest.param("é", id="outside ASCII"),
        pytest.param("\ud800", id="a lone surrogate"),
        pytest.param("ａ", id="a fullwidth letter"),
    ],
)
def test_s3_3_a_malformed_scope_is_invalid_scope(text: str) -> None:
    with pytest.raises(InvalidScope):
        Scope.parse(text)


def test_s3_3_order_does_not_matter_and_repeats_count_once() -> None:
    assert Scope.parse("b a b") == Scope.parse("a b")
    assert hash(Scope.parse("b a")) == hash(Scope.parse("a b"))
    assert str(Scope.parse("b a b")) == "b a"
    assert Scope.parse("a") != Scope.parse("a b")
    assert Scope.parse("a") != "a"


def test_s3_3_tokens_are_case_sensitive() -> None:
    assert Scope.parse("A") != Scope.parse("a")


def test_set_operations_keep_the_order_of_the_left_side() -> None:
    left, right = Scope.parse("c a b"), Scope.parse("b c d")
    assert [str(s) for s in (left & right, left - right, left | right)] == ["c b", "a", "c a b d"]


def test_one_scope_is_within_another_when_all_its_tokens_are() -> None:
    assert Scope.parse("a") <= Scope.parse("b a")
    assert Scope.parse("a b") <= Scope.parse("b a")
    assert not Scope.parse("a c") <= Scope.parse("a b")


def test_a_scope_is_a_collection_of_its_tokens() -> None:
    scope = Scope.parse("b a")
    assert ("a" in scope, "c" in scope, list(scope), len(scope)) == (True, False, ["b", "a"], 2)
    assert not Scope()
    assert repr(scope) == "Scope.parse('b a')"


def test_a_scope_does_not_change() -> None:
    with pytest.raises(AttributeError):
        Scope.parse("a").extra = 1


def test_a_token_with_a_space_is_no_token() -> None:
    with pytest.raises(InvalidScope):
        Scope(["a b"])


@pytest.mark.parametrize("token", [*sorted(RESERVED), "users:delete", "clients:*", "users:"])
def test_administration_scopes_are_reserved(token: str) -> None:
    assert is_reserved(token)


@pytest.mark.parametrize("token", ["read", "administrator", "user:read", "my:users:read", "Admin", "account"])
def test_other_scopes_are_not_reserved(token: str) -> None:
    assert not is_reserved(token)


def test_a_scope_divides_into_reserved_and_other() -> None:
    scope = Scope.parse("read admin write users:read")
    assert str(scope.reserved()) == "admin users:read"
    assert str(scope.without_reserved()) == "read write"

"""OIDC Registration §5: what a sector identifier answers, and whom it lists."""

import json

import pytest

from identity_service.domain.oauth.sector_identifier import check_listed, listed_in
from identity_service.domain.refusals import Unacceptable

A, B = "https://a.example/cb", "https://b.example/cb?x=y"


@pytest.mark.parametrize("body", [[], [A], [A, B, A], ["é", ""]])
def test_an_array_of_texts_is_a_list_of_redirect_uris(body: list[str]) -> None:
    assert listed_in(json.dumps(body).encode()) == set(body)


@pytest.mark.parametrize(
    "body",
    [b"", b"{}", b'"x"', b"null", b"[1]", b"[[]]", b'["a", null]', b"[", b"\xff", b"<html>", b"[" * 10_000],
)
def test_anything_else_is_none(body: bytes) -> None:
    with pytest.raises(ValueError, match="array of texts"):
        listed_in(body)


def test_those_that_are_missing_are_named() -> None:
    check_listed((A, B), [B, A, "https://c.example/"])
    check_listed((), [])
    with pytest.raises(Unacceptable) as refused:
        check_listed((A, B, "https://A.example/cb"), [A])

    assert [fault.member for fault in refused.value.faults] == ["redirect_uris/1", "redirect_uris/2"]
    assert "b.example" not in str(refused.value)

"""A username with an at sign is the account's own address or nothing."""

import pytest

from identity_service.domain.value_objects.email import Email
from identity_service.domain.value_objects.invalid_name import InvalidName
from identity_service.domain.value_objects.username import Username, check_at_sign

OWN = Email(address="Bob@Bücher.example", key="bob@xn--bcher-kva.example")


@pytest.mark.parametrize(
    ("key", "own"),
    [
        pytest.param("bob", None, id="no at sign and no address"),
        pytest.param("bob", OWN, id="no at sign"),
        pytest.param("bob@bücher.example", OWN, id="the address as entered, in lower case"),
        pytest.param("bob@xn--bcher-kva.example", OWN, id="the key of the address"),
    ],
)
def test_a_username_may_be_the_accounts_own_address(key: str, own: Email | None) -> None:
    check_at_sign(Username(entered=key, key=key), own)


@pytest.mark.parametrize(
    ("key", "own"),
    [
        pytest.param("bob@bücher.example", None, id="no verified address"),
        pytest.param("alice@bücher.example", OWN, id="somebody else's address"),
        pytest.param("@", OWN, id="an at sign alone"),
        pytest.param("bob@", OWN, id="half of it"),
        pytest.param("straße@x.example", Email("strasse@x.example", "strasse@x.example"), id="ß is not ss"),
    ],
)
def test_a_username_may_not_look_like_another_address(key: str, own: Email | None) -> None:
    with pytest.raises(InvalidName) as caught:
        check_at_sign(Username(entered=key, key=key), own)
    assert (caught.value.field, caught.value.reason) == ("username", "at_sign")
    assert key not in caught.value.description

"""What a program may register of itself, and what it gets where it asks for more."""

import re
from typing import Any

import pytest

from identity_service.application.dto.client_view import ClientView
from identity_service.application.use_cases.clients.create_client import NewClient
from identity_service.domain.oauth.client_metadata import CAN_BE_UNSET, DESCRIPTIVE, Offer, accepted
from identity_service.domain.oauth.client_registration import (
    NOT_FOR_STRANGERS,
    REGISTERED,
    SCOPES,
    asked_for,
    registered,
)
from identity_service.domain.oauth.client_rules import check_stays_third_party
from identity_service.domain.oauth.errors import InvalidRedirectUri
from identity_service.domain.oauth.registration_errors import (
    InvalidClientMetadata,
    InvalidSoftwareStatement,
    UnapprovedSoftwareStatement,
    refused_metadata,
)
from identity_service.domain.refusals import Fault, Unacceptable
from identity_service.domain.value_objects.scope import Scope
from tests.entities import client

CALLBACK = "https://app.example/cb"
OURS = {"first_party", "require_pkce", "resource_server", "audiences", "access_token_ttl", "client_id"}
OFFER = Offer(grants=("authorization_code", "refresh_token"), signing_algs=("RS256",))


def result(scopes: Scope = SCOPES, **asked: Any) -> dict[str, Any]:
    return registered(asked_for({"redirect_uris": [CALLBACK]} | asked), scopes=scopes)


def test_every_name_is_a_member_of_clients_and_none_is_ours() -> None:
    members = set(NewClient.__slots__) | set(DESCRIPTIVE)

    assert set(REGISTERED) <= members
    assert set(REGISTERED) <= set(ClientView.model_fields)
    assert not OURS & set(REGISTERED)


def test_s2_every_default_is_one_that_a_client_can_have() -> None:
    taken = accepted(result(), offer=OFFER)

    assert set(taken) == set(REGISTERED)
    assert {name for name, member in REGISTERED.items() if member.default is None} - CAN_BE_UNSET == {
        "client_name",
        "scope",
    }


def test_no_scope_is_given_by_default_that_strangers_must_not_take() -> None:
    assert not SCOPES.reserved()
    assert not set(SCOPES) & NOT_FOR_STRANGERS


@pytest.mark.parametrize("name", sorted(OURS))
def test_s2_names_of_ours_do_not_count(name: str) -> None:
    assert name not in result(**{name: True})


@pytest.mark.parametrize(
    ("uri", "name"),
    [
        (CALLBACK, "app.example"),
        ("http://127.0.0.1:3000/cb", "127.0.0.1"),
        ("com.example.app:/cb", "com.example.app"),
        ("https://[::1", "https"),
        ("", "?"),
        (f"https://{'a' * 300}.example", "a" * 200),
    ],
)
def test_a_client_without_a_name_is_called_by_where_people_come_back_to(uri: str, name: str) -> None:
    assert result(redirect_uris=[uri])["client_name"] == name
    assert result(redirect_uris=[uri], client_name="App")["client_name"] == "App"


@pytest.mark.parametrize(
    ("asked", "kept"),
    [
        (["authorization_code"], ("authorization_code",)),
        (["refresh_token", "authorization_code", "refresh_token"], ("refresh_token", "authorization_code")),
        (["authorization_code", "password", "client_credentials"], ("authorization_code",)),
    ],
)
def test_only_grants_that_need_a_persons_consent_are_kept(asked: list[str], kept: tuple[str, ...]) -> None:
    assert result(grant_types=asked)["grant_types"] == kept


@pytest.mark.parametrize("asked", [["implicit", "authorization_code"], ["password"], ["refresh_token"], []])
def test_grants_of_which_nothing_useful_is_left_are_refused(asked: list[str]) -> None:
    with pytest.raises(Unacceptable) as refused:
        result(grant_types=asked)
    assert [fault.member for fault in refused.value.faults] == ["grant_types"]


def test_scope_is_cut_down_to_what_operators_allow() -> None:
    allowed = SCOPES | Scope.parse("calendar:read")

    assert result(allowed, scope="calendar:read admin openid")["scope"] == "calendar:read openid"
    assert result(allowed)["scope"] == str(SCOPES)
    with pytest.raises(Unacceptable, match="scope"):
        result(scope="calendar:read")


@pytest.mark.parametrize(
    ("statement", "error"),
    [
        (1, InvalidSoftwareStatement),
        ("", InvalidSoftwareStatement),
        ("a.b", InvalidSoftwareStatement),
        ("é.é.é", InvalidSoftwareStatement),
        ("W10.W10.c2ln", InvalidSoftwareStatement),
        ("e30.e30.c2ln", InvalidSoftwareStatement),
        ("eyJhbGciOiJSUzI1NiJ9.eyJpc3MiOiJ4In0.c2ln", UnapprovedSoftwareStatement),
    ],
)
def test_s2_3_a_software_statement_earns_one_of_two_errors(statement: Any, error: type[Exception]) -> None:
    with pytest.raises(error):
        asked_for({"software_statement": statement})


def test_s3_2_2_the_first_fault_chooses_the_code_and_the_texts_are_ours() -> None:
    metadata = Fault("jwks/keys/0", "is no key")
    uri = Fault("redirect_uris/3", "has a fragment")

    assert isinstance(refused_metadata(Unacceptable([metadata, uri])), InvalidClientMetadata)
    refused = refused_metadata(Unacceptable([uri, metadata]))
    assert isinstance(refused, InvalidRedirectUri)
    assert refused.description == "redirect_uris/3: has a fragment; jwks/keys/0: is no key"
    assert refused_metadata(Unacceptable([uri] * 50)).description.count("; ") == 4
    for kind in (InvalidClientMetadata, InvalidSoftwareStatement, UnapprovedSoftwareStatement):
        assert re.fullmatch(r"[\x20\x21\x23-\x5B\x5D-\x7E]+", kind().description)
        assert (kind.status, kind.redirectable, kind.challenge) == (400, False, None)


def test_a_client_that_registered_itself_never_becomes_a_first_party() -> None:
    check_stays_third_party(client(), {"first_party": True})
    check_stays_third_party(client(registered_by="open"), {"first_party": False})
    with pytest.raises(Unacceptable, match="first_party"):
        check_stays_third_party(client(registered_by="open"), {"first_party": True})

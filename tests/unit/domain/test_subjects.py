"""Under which name a client knows a person."""

import hmac
import re
from dataclasses import replace
from typing import Any

import pytest

from identity_service.domain.entities.client import Client
from identity_service.domain.oauth.subjects import sector_of, subject_for
from identity_service.domain.value_objects.ids import ClientId, UserId
from tests.entities import client

ALICE, BOB = UserId("01997d5e-7c1a-7cc3-9d6f-0b5a3a0b8c55"), UserId("01997d5e-7c1a-7cc3-9d6f-0b5a3a0b8c56")
PUBLIC = client(client_id=ClientId("shop"), redirect_uris=("https://shop.example/cb",))
PAIRWISE = replace(PUBLIC, subject_type="pairwise")


def digest(named: bytes, key: bytes = b"a key") -> bytes:
    return hmac.digest(key, named, "sha256")


def subject(client: Client = PAIRWISE, user_id: UserId = ALICE) -> str:
    return subject_for(client, user_id, digest=digest)


@pytest.mark.parametrize(
    ("members", "host"),
    [
        pytest.param({}, "shop.example", id="the host of its redirect URI"),
        pytest.param(
            {"redirect_uris": ("https://Shop.Example:8443/a", "https://shop.example/b?c")},
            "shop.example",
            id="one host in several spellings and on several ports",
        ),
        pytest.param(
            {"sector_identifier_uri": "https://Sector.example:444/uris.json"},
            "sector.example",
            id="the host of its sector identifier before that",
        ),
        pytest.param({"redirect_uris": ("https://[2001:db8::1]/cb",)}, "[2001:db8::1]", id="an address"),
    ],
)
def test_oidc_core_s8_1_the_sector_is_a_host(members: dict[str, Any], host: str) -> None:
    assert sector_of(replace(PAIRWISE, **members)) == host


@pytest.mark.parametrize(
    "redirect_uris",
    [
        pytest.param((), id="no redirect URI"),
        pytest.param(("https://a.example/cb", "https://b.example/cb"), id="two hosts"),
        pytest.param(("http://127.0.0.1/cb",), id="everybody's host"),
        pytest.param(("com.example.app:/cb",), id="no host"),
    ],
)
def test_oidc_core_s8_1_a_client_without_a_host_of_its_own_has_no_sector(
    redirect_uris: tuple[str, ...],
) -> None:
    client = replace(PAIRWISE, redirect_uris=redirect_uris)

    with pytest.raises(ValueError, match="no sector"):
        subject(client)

    assert subject(replace(client, subject_type="public")) == ALICE


def test_oidc_core_s8_a_public_subject_is_the_same_for_every_client() -> None:
    assert subject(PUBLIC) == subject(replace(PUBLIC, redirect_uris=("https://b.example/cb",))) == ALICE


def test_oidc_core_s8_1_a_pairwise_subject_is_the_same_within_its_sector() -> None:
    sibling = replace(
        PAIRWISE,
        client_id=ClientId("shop for phones"),
        redirect_uris=("com.example.shop:/cb",),
        sector_identifier_uri="https://shop.example/apps.json",
    )

    assert subject() == subject(sibling) == subject(replace(PAIRWISE, client_name="renamed"))


def test_oidc_core_s8_1_a_pairwise_subject_differs_between_sectors_people_and_keys() -> None:
    elsewhere = replace(PAIRWISE, redirect_uris=("https://b.example/cb",))
    under_another_key = subject_for(PAIRWISE, ALICE, digest=lambda named: digest(named, b"another key"))

    assert len({subject(), subject(elsewhere), subject(user_id=BOB), under_another_key, ALICE}) == 5


def test_oidc_core_s2_a_pairwise_subject_is_short_ascii_that_needs_no_escape() -> None:
    assert re.fullmatch(r"[A-Za-z0-9_-]{43}", subject())

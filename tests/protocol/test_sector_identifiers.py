"""Sector identifiers are asked while clients are saved (OIDC Registration §5, docs/decisions/0065)."""

import json
from collections.abc import AsyncIterator, Awaitable, Callable, Collection
from pathlib import Path
from typing import Any

import httpx2
import pytest
from dependency_injector import providers

from identity_service.infrastructure.container import build
from identity_service.ports.fetch import Fetched, Unfetchable
from tests.api_caller import Caller, pointers, program
from tests.house import House, house_around, settings_for
from tests.migrated import copy_of
from tests.registrant import is_refused, register
from tests.web_site import WebSite, served

SECTOR, OTHER = "https://sector.example/uris.json", "https://other.example/uris.json"
A, B, C = "https://a.example/cb", "https://b.example/cb", "https://c.example/cb"
NEW: dict[str, Any] = {
    "client_name": "Shop",
    "grant_types": ["authorization_code"],
    "redirect_uris": [A, B],
    "subject_type": "pairwise",
    "sector_identifier_uri": SECTOR,
}


class Sites:
    """What sites answer, by URL; a URL without an answer fails. `meanwhile` happens while one is asked."""

    def __init__(self) -> None:
        self.bodies: dict[str, bytes] = {}
        self.asked: list[str] = []
        self.meanwhile: Callable[[], Awaitable[None]] | None = None

    def list(self, url: str, *redirect_uris: str) -> None:
        self.bodies[url] = json.dumps(redirect_uris).encode()

    async def get(self, url: str, *, accept: Collection[str], most_bytes: int) -> Fetched:
        assert (accept, most_bytes) == (("application/json",), 65_536)
        self.asked.append(url)
        if self.meanwhile is not None:
            await self.meanwhile()
        if url not in self.bodies:
            raise Unfetchable("away")
        return Fetched(body=self.bodies[url], media_type="application/json")


class Rig:
    """A house whose fetcher reaches these sites alone, and an administrator."""

    def __init__(self, house: House, sites: Sites, admin: Caller) -> None:
        self.house = house
        self.sites = sites
        self.admin = admin

    async def create(self, **members: Any) -> httpx2.Response:
        return await self.admin("POST", "/clients", json=NEW | members)

    async def change(self, client: dict[str, Any], **members: Any) -> httpx2.Response:
        return await self.admin("PATCH", f"/clients/{client['client_id']}", json=members)


@pytest.fixture
async def rig(sqlite_template: Path, tmp_path: Path) -> AsyncIterator[Rig]:
    database_url = copy_of(sqlite_template, tmp_path)
    container = build(settings_for(tmp_path, database_url=database_url, client_registration="open"))
    sites = Sites()
    container.fetcher.override(providers.Object(sites))
    async with house_around(container) as house:
        sites.list(SECTOR, A, B)
        yield Rig(house, sites, await program(house))


async def test_conformance_oidcc_registration_sector_uri(rig: Rig) -> None:
    made = await rig.create()

    assert (made.status_code, rig.sites.asked) == (201, [SECTOR])
    assert (made.json()["subject_type"], made.json()["sector_identifier_uri"]) == ("pairwise", SECTOR)


async def test_conformance_oidcc_registration_sector_bad(rig: Rig) -> None:
    rig.sites.list(SECTOR, "https://elsewhere.example/cb")

    refused = await rig.create()

    assert refused.status_code == 422
    assert pointers(refused) == ["/redirect_uris/0", "/redirect_uris/1"]


async def test_conformance_a_program_that_registers_itself_is_held_to_its_sector_too(rig: Rig) -> None:
    told = await register(rig.house, **NEW)
    refused = await register(rig.house, **(NEW | {"redirect_uris": [A, C]}))

    assert (told.status_code, told.json()["sector_identifier_uri"]) == (201, SECTOR)
    assert is_refused(refused, "invalid_client_metadata")
    assert refused.json()["error_description"].startswith("redirect_uris/1: is not in the array")


async def test_s5_those_that_are_missing_are_named_whatever_the_subject_type(rig: Rig) -> None:
    for subject_type in ("pairwise", "public"):
        refused = await rig.create(subject_type=subject_type, redirect_uris=[C, A, f"{B}/", B])
        assert pointers(refused) == ["/redirect_uris/0", "/redirect_uris/2"]
    assert (await rig.create(redirect_uris=[B])).status_code == 201


@pytest.mark.parametrize("body", [None, b"{}", b"[1]", b"x"])
async def test_s5_what_is_no_array_vouches_for_nobody(rig: Rig, body: bytes | None) -> None:
    rig.sites.bodies = {} if body is None else {SECTOR: body}

    refused = await rig.create()

    assert (refused.status_code, pointers(refused)) == (422, ["/sector_identifier_uri"])
    assert "away" not in refused.text


async def test_s5_a_client_is_not_saved_with_a_redirect_uri_that_is_not_listed(rig: Rig) -> None:
    client = (await rig.create()).json()

    refused = await rig.change(client, redirect_uris=[A, C])
    moved = await rig.change(client, sector_identifier_uri=OTHER)
    rig.sites.list(SECTOR, A, C)
    taken = await rig.change(client, redirect_uris=[A, C])

    assert pointers(refused) == ["/redirect_uris/1"]
    assert pointers(moved) == ["/sector_identifier_uri"]
    assert (taken.status_code, taken.json()["redirect_uris"]) == (200, [A, C])
    assert rig.sites.asked == [SECTOR, SECTOR, OTHER, SECTOR]


async def test_only_what_it_vouches_for_has_it_asked(rig: Rig) -> None:
    client = (await rig.create()).json()
    plain = {"redirect_uris": [A], "sector_identifier_uri": None}
    rig.sites.bodies.clear()

    renamed = await rig.change(client, client_name="Store", scope="read")
    none = await rig.create(**plain)
    program = await rig.create(grant_types=["client_credentials"], redirect_uris=[])
    left = await rig.change(client, **plain)
    unread = await rig.admin("PATCH", "/clients/nobody", json={"redirect_uris": [A]})

    statuses = [each.status_code for each in (renamed, none, program, left, unread)]
    assert statuses == [200, 201, 201, 200, 404]
    assert rig.sites.asked == [SECTOR], "when the client was made"


async def test_attack_33_nobody_has_it_asked_who_may_not_change_the_client(rig: Rig) -> None:
    writer = await program(rig.house, "clients:write")
    client = await rig.house.add_client(first_party=True, sector_identifier_uri=SECTOR)
    path, order = f"/clients/{client.id}", {"redirect_uris": [A]}

    refused = await writer("PATCH", path, json=order)
    lost = await rig.admin("PATCH", path, json=order, headers={"If-Match": '"7"'})

    assert [refused.status_code, lost.status_code] == [403, 412]
    assert rig.sites.asked == []


async def test_what_changes_while_it_is_asked_is_judged_by_nothing_that_was_heard_before(rig: Rig) -> None:
    client = (await rig.create()).json()

    async def moves() -> None:
        async with rig.house.container.begin() as uow:
            await uow.clients.change(client["client_id"], {"sector_identifier_uri": OTHER}, version=None)
            await uow.commit()

    rig.sites.meanwhile = moves
    lost = await rig.change(client, redirect_uris=[B])

    shown = await rig.admin("GET", f"/clients/{client['client_id']}")
    assert lost.status_code == 412
    assert shown.json()["redirect_uris"] == [A, B]


async def test_attack_22_a_sector_identifier_inside_is_not_fetched(small_house: House) -> None:
    admin = await program(small_house)
    async with served(WebSite()) as site:
        for host in ("127.0.0.1", "localhost", "[::ffff:127.0.0.1]"):
            url = f"https://{host}:{site.port}/uris.json"
            members = {"subject_type": "public", "sector_identifier_uri": url}
            refused = await admin("POST", "/clients", json=NEW | members)
            assert (refused.status_code, pointers(refused)) == (422, ["/sector_identifier_uri"])
        assert site.asked == []

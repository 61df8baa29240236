"""What comes of a refresh that looks as if somebody else had the token (docs/decisions/0091)."""

import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import httpx2
import pytest
from dependency_injector import providers
from sqlalchemy import text, update

from identity_service.adapters.sql.schema.tokens import refresh_tokens
from identity_service.domain.entities.origin import Finding
from identity_service.domain.services.refresh_risk import MOST_A_MINUTE, Sighting
from identity_service.infrastructure.container import build
from tests.api_caller import program
from tests.house import House, Registered, house_around, open_house, settings_for

APP = "shop/3.2 CFNetwork/1410.0.3"
UPDATED = "shop/3.3 CFNetwork/1492.0.1"
HOME, NEIGHBOUR, AWAY = "192.0.2.7", "192.0.2.8", "198.51.100.9"


class Device:
    """Somebody with a refresh token, at an address, with a program."""

    def __init__(self, house: House, client: Registered, address: str, program: str) -> None:
        self._house, self._client = house, client
        self._address, self._program = address, program

    async def refresh(self, refresh_token: str) -> httpx2.Response:
        form = {"grant_type": "refresh_token", "refresh_token": refresh_token}
        return await self._ask(form)

    async def sign_in(self) -> dict[str, Any]:
        form = {"grant_type": "password", "username": "alice", "password": "correct horse battery staple"}
        answer = await self._ask(form)
        assert answer.status_code == 200, answer.text
        return dict(answer.json())

    async def _ask(self, form: dict[str, str]) -> httpx2.Response:
        transport = httpx2.ASGITransport(self._house.app, client=(self._address, 50000))
        async with httpx2.AsyncClient(transport=transport, base_url="https://id.example") as http:
            headers = {"User-Agent": self._program} if self._program else {}
            return await http.post("/oauth2/token", data=form, auth=self._client.basic, headers=headers)


@pytest.fixture
async def client(house: House) -> Registered:
    await house.add_user()
    return await house.add_client()


def device(house: House, client: Registered, address: str = HOME, program: str = APP) -> Device:
    return Device(house, client, address, program)


async def family(house: House) -> dict[str, Any]:
    """The only family that there is."""
    admin = await program(house)
    [found] = (await admin("GET", "/families")).json()["items"]
    return dict(found)


async def events(house: House, *names: str) -> list[dict[str, Any]]:
    async with house.container.database().engine.connect() as connection:
        rows = await connection.execute(text("SELECT name, payload FROM events ORDER BY id"))
        return [json.loads(bytes(row.payload)) for row in rows if row.name in names]


async def test_an_update_and_another_address_of_the_same_network_are_as_usual(
    house: House, client: Registered
) -> None:
    tokens = await device(house, client).sign_in()
    first = await device(house, client, NEIGHBOUR).refresh(tokens["refresh_token"])
    second = await device(house, client, program=UPDATED).refresh(first.json()["refresh_token"])

    assert (first.status_code, second.status_code) == (200, 200)
    found = await family(house)
    assert (found["address"], found["user_agent"], found["risk"], found["findings"]) == (HOME, APP, 0, [])


@pytest.mark.parametrize("scope", [{}, {"resource": "https://id.example"}], ids=["unseen", "found first"])
async def test_another_network_is_noted_and_nothing_else(
    house: House, client: Registered, scope: dict[str, str]
) -> None:
    tokens = await device(house, client).sign_in()
    away = device(house, client, AWAY)
    answer = await away._ask(
        {"grant_type": "refresh_token", "refresh_token": tokens["refresh_token"]} | scope
    )

    assert answer.status_code == 200
    found = await family(house)
    assert (found["address"], found["risk"]) == (AWAY, 10)
    assert [(each["name"], each["points"]) for each in found["findings"]] == [("network", 10)]
    assert "another network" in found["findings"][0]["why"]
    for _ in range(3):
        answer = await device(house, client).refresh(answer.json()["refresh_token"])
        answer = await away.refresh(answer.json()["refresh_token"])
    assert (answer.status_code, (await family(house))["risk"]) == (200, 10), "however often it changes"
    assert await events(house, "refresh_token.suspected", "family.ended") == []


async def test_another_device_is_an_event_once_and_goes_on(house: House, client: Registered) -> None:
    tokens = await device(house, client).sign_in()
    answer = await device(house, client, AWAY, "curl/8.5.0").refresh(tokens["refresh_token"])
    back = await device(house, client).refresh(answer.json()["refresh_token"])
    again = await device(house, client, AWAY, "curl/8.6.0").refresh(back.json()["refresh_token"])

    assert [each.status_code for each in (answer, back, again)] == [200, 200, 200]
    [event] = await events(house, "refresh_token.suspected")
    assert (event["found"], event["score"]) == (["device", "network"], 50)
    assert "address" not in event, "it stands apart, to be erased"
    assert await house.is_active(client, again.json()["refresh_token"])


async def test_a_thief_who_repeats_a_token_from_elsewhere_ends_the_family(
    house: House, client: Registered
) -> None:
    tokens = await device(house, client).sign_in()
    owner = (await device(house, client).refresh(tokens["refresh_token"])).json()

    refused = await device(house, client, AWAY, "curl/8.5.0").refresh(tokens["refresh_token"])

    assert (refused.status_code, refused.json()["error"]) == (400, "invalid_grant")
    assert not await house.is_active(client, owner["refresh_token"])
    assert not await house.is_active(client, owner["access_token"])
    found = await family(house)
    assert (found["ended_reason"], found["risk"], found["address"]) == ("risk", 80, HOME)
    [ended] = await events(house, "family.ended")
    assert (ended["reason"], ended["found"]) == ("risk", ["device", "network", "replay"])
    activity = await house.app.state.services.users.list_activity(found["user_id"])
    told = activity.items[0]
    assert (told.name, told.variant, told.address) == ("family.ended", "risk", AWAY)
    assert (await device(house, client).sign_in())["access_token"], "the person signs in anew"


async def test_a_thief_who_comes_first_ends_it_when_the_owner_comes(house: House, client: Registered) -> None:
    tokens = await device(house, client).sign_in()
    stolen = (await device(house, client, AWAY, "curl/8.5.0").refresh(tokens["refresh_token"])).json()

    refused = await device(house, client).refresh(tokens["refresh_token"])

    assert refused.json()["error"] == "invalid_grant"
    assert not await house.is_active(client, stolen["refresh_token"])
    assert not await house.is_active(client, stolen["access_token"])


async def test_a_lost_answer_is_repeated_to_a_phone_that_left_its_network(
    house: House, client: Registered
) -> None:
    tokens = await device(house, client).sign_in()
    await device(house, client).refresh(tokens["refresh_token"])

    again = await device(house, client, AWAY).refresh(tokens["refresh_token"])

    assert again.status_code == 200
    [event] = await events(house, "refresh_token.suspected")
    assert event["found"] == ["network", "replay"]


async def test_very_many_refreshes_are_noted_once(house: House, client: Registered) -> None:
    phone = device(house, client)
    answer = await phone.sign_in()
    for _ in range(MOST_A_MINUTE + 2):
        answer = (await phone.refresh(answer["refresh_token"])).json()

    assert [each["name"] for each in (await family(house))["findings"]] == ["pace"]


async def test_of_a_family_that_began_before_nothing_is_suspected(house: House, client: Registered) -> None:
    tokens = await device(house, client).sign_in()
    async with house.container.database().engine.begin() as connection:
        await connection.execute(text("UPDATE families SET address = NULL, user_agent = NULL"))

    answer = await device(house, client, AWAY, "curl/8.5.0").refresh(tokens["refresh_token"])

    found = await family(house)
    assert (answer.status_code, found["address"], found["findings"]) == (200, AWAY, [])


@asynccontextmanager
async def house_with(folder: Path, database_url: str, **settings: Any) -> AsyncIterator[House]:
    async with open_house(settings_for(folder, database_url=database_url, **settings)) as opened:
        await opened.add_user()
        yield opened


@pytest.mark.parametrize(
    ("event", "sign_in", "status", "suspected"),
    [(40, 50, 400, 0), (40, 51, 200, 1), (51, 0, 200, 0), (50, 0, 200, 1), (0, 0, 200, 0)],
)
async def test_the_thresholds_are_settings(
    database_url: str, tmp_path: Path, event: int, sign_in: int, status: int, suspected: int
) -> None:
    settings = {"refresh_risk_event": event, "refresh_risk_sign_in": sign_in}
    async with house_with(tmp_path, database_url, **settings) as house:
        client = await house.add_client()
        tokens = await device(house, client).sign_in()

        answer = await device(house, client, AWAY, "curl/8.5.0").refresh(tokens["refresh_token"])

        assert answer.status_code == status
        assert len(await events(house, "refresh_token.suspected")) == suspected
        assert bool((await family(house))["findings"]) is bool(event or sign_in)


@pytest.mark.parametrize("fails", [False, True], ids=["they find something", "they fail"])
async def test_other_rules_can_be_plugged_in(database_url: str, tmp_path: Path, fails: bool) -> None:
    async def rules(seen: Sighting) -> list[Finding]:
        if fails:
            raise OSError("away")
        return [Finding("gut feeling", 80, f"{seen.now.address} is no good place.")]

    container = build(settings_for(tmp_path, database_url=database_url))
    container.tokens.refresh_rules.override(providers.Object(rules))
    async with house_around(container) as house:
        await house.add_user()
        client = await house.add_client()
        tokens = await device(house, client).sign_in()
        assert (await device(house, client).refresh(tokens["refresh_token"])).status_code == 200
        tokens = await device(house, client).sign_in()

        answer = await device(house, client, AWAY).refresh(tokens["refresh_token"])

        assert answer.status_code == (200 if fails else 400)


@pytest.mark.parametrize(
    ("seconds", "program", "found", "status"),
    [
        (0, APP, ["far", "network"], 200),
        (0, "curl/8.5.0", ["device", "far", "network"], 400),
        (36_000, "curl/8.5.0", ["device", "network"], 200),
    ],
    ids=["at once", "at once with another device", "after a flight"],
)
async def test_nobody_travels_as_quickly_as_tokens(
    database_url: str, tmp_path: Path, seconds: int, program: str, found: list[str], status: int
) -> None:
    places = tmp_path / "places.csv"
    places.write_text(f"network,latitude,longitude\n{HOME}/32,51.5,-0.13\n{AWAY}/32,40.7,-74.0\n")
    async with house_with(tmp_path, database_url, places_file=places) as house:
        client = await house.add_client()
        tokens = await device(house, client).sign_in()
        await age(house, seconds)

        answer = await device(house, client, AWAY, program).refresh(tokens["refresh_token"])

        assert answer.status_code == status
        assert sorted(each["name"] for each in (await family(house))["findings"]) == found


async def age(house: House, seconds: int) -> None:
    """Lets the tokens be given out so much earlier."""
    async with house.container.database().engine.begin() as connection:
        earlier = datetime.now(UTC) - timedelta(seconds=seconds)
        await connection.execute(update(refresh_tokens).values(created_at=earlier))


async def test_findings_and_ends_are_counted(house: House, client: Registered) -> None:
    def told() -> str:
        found: bytes = house.app.state.metrics_text()
        return found.decode()

    tokens = await device(house, client).sign_in()
    await device(house, client).refresh(tokens["refresh_token"])
    assert "identity_refresh_findings_total{" not in told()

    await device(house, client, AWAY, "curl/8.5.0").refresh(tokens["refresh_token"])

    for name in ("device", "network", "replay"):
        assert f'identity_refresh_findings_total{{rule="{name}"}} 1' in told()
    assert "identity_families_ended_for_risk_total 1" in told()

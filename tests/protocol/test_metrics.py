"""GET /metrics (PROTOCOL §1): for whom, and what it holds."""

import asyncio
from collections.abc import Callable
from contextlib import AbstractAsyncContextManager
from pathlib import Path

import httpx2
import pytest
from prometheus_client.parser import text_string_to_metric_families

from identity_service.application.use_cases.sessions.logout_messages import BACKCHANNEL_LOGOUT
from identity_service.domain.entities.message import NewMessage
from identity_service.infrastructure.container import new_id
from identity_service.ports.fetch import Unfetchable
from tests.house import PASSWORD, House

TOKEN = "0123456789abcdef0123456789abcdef"
HouseWith = Callable[..., AbstractAsyncContextManager[House]]


async def scrape(house: House, *, headers: dict[str, str] | None = None) -> httpx2.Response:
    return await house.http.get("/metrics", headers=headers or {"Authorization": f"Bearer {TOKEN}"})


async def samples(house: House) -> dict[str, float]:
    """Every value by its name and labels, as the parser of Prometheus's own library finds them."""
    answer = await scrape(house)
    assert answer.status_code == 200, answer.text
    return {
        sample.name
        + "".join(f" {name}={value}" for name, value in sorted(sample.labels.items())): sample.value
        for family in text_string_to_metric_families(answer.text)
        for sample in family.samples
    }


@pytest.mark.parametrize("mode", ["off", "listener"])
async def test_s1_metrics_are_not_served_beside_the_rest_unless_they_are_guarded(
    house_with: HouseWith, mode: str
) -> None:
    async with house_with(metrics=mode, metrics_token=TOKEN, metrics_listen="127.0.0.1:1") as house:
        assert (await scrape(house)).status_code == 404


async def test_s1_guarded_metrics_are_told_to_whoever_shows_the_token(house_with: HouseWith) -> None:
    async with house_with(metrics="guarded", metrics_token=TOKEN) as house:
        answer = await scrape(house)
        assert answer.status_code == 200
        assert answer.headers["content-type"] == "text/plain; version=0.0.4; charset=utf-8"
        assert answer.headers["cache-control"] == "no-store"
        assert "/metrics" not in (await house.http.get("/openapi.json")).json()["paths"]


@pytest.mark.parametrize(
    ("headers", "challenge"),
    [
        ({"X-Other": "x"}, 'Bearer realm="identity-service"'),
        ({"Authorization": "Basic eDp5"}, 'Bearer realm="identity-service"'),
        ({"Authorization": f"Bearer {TOKEN}x"}, 'Bearer realm="identity-service", error="invalid_token"'),
        ({"Authorization": f"Bearer {TOKEN[:-1]}"}, 'Bearer realm="identity-service", error="invalid_token"'),
    ],
    ids=["nothing", "another scheme", "a longer token", "a shorter token"],
)
async def test_s1_anybody_else_is_refused(
    house_with: HouseWith, headers: dict[str, str], challenge: str
) -> None:
    async with house_with(metrics="guarded", metrics_token=TOKEN) as house:
        answer = await scrape(house, headers=headers)
        assert answer.status_code == 401
        assert answer.headers["www-authenticate"].startswith(challenge)
        assert "identity_" not in answer.text


async def test_s1_an_access_token_of_this_server_does_not_open_metrics(house_with: HouseWith) -> None:
    async with house_with(metrics="guarded", metrics_token=TOKEN) as house:
        client = await house.add_client(grants=["client_credentials"], scope="admin")
        token = (await house.token(client, grant_type="client_credentials", scope="admin")).json()
        answer = await scrape(house, headers={"Authorization": f"Bearer {token['access_token']}"})
        assert answer.status_code == 401


async def test_what_was_done_is_counted(house_with: HouseWith) -> None:
    async with house_with(metrics="guarded", metrics_token=TOKEN) as house:
        await house.add_user()
        client = await house.add_client()
        before = await samples(house)
        tokens = await house.sign_in(client)
        await house.token(client, grant_type="password", username="alice", password="wrong")
        for _ in range(3):
            assert await house.is_active(client, tokens["access_token"])
        after = await samples(house)

    def grown(name: str) -> float:
        return after[name] - before.get(name, 0)

    token, introspect = ("method=POST route=/oauth2/token", "method=POST route=/oauth2/introspect")
    assert grown(f"identity_http_requests_total {token} status=200") == 1
    assert grown(f"identity_http_requests_total {token} status=400") == 1
    assert grown(f"identity_oauth2_errors_total error=invalid_grant {token}") == 1
    assert grown(f"identity_http_request_duration_seconds_count {introspect}") == 3
    assert grown(f"identity_http_request_duration_seconds_bucket le=+Inf {introspect}") == 3
    assert grown("identity_http_requests_total method=GET route=/metrics status=200") == 1
    assert grown("identity_access_tokens_issued_total grant_type=password") == 1
    assert grown("identity_hashing_duration_seconds_count") == 2
    assert grown("identity_hashing_wait_seconds_count") == 2
    assert grown("identity_hashing_refused_total") == 0
    assert grown("identity_cache_lookups_total cache=callers result=miss") >= 1
    assert grown("identity_cache_lookups_total cache=callers result=hit") == 2
    assert grown("identity_rate_limit_requests_total endpoint=token level=address result=allowed") == 2
    assert grown("identity_rate_limit_requests_total endpoint=token level=client result=allowed") == 2
    assert after["identity_rate_limit_policy_broken"] == 0
    assert after["identity_cache_entries cache=tokens"] == 1
    assert after["identity_cache_bytes cache=tokens"] > 100
    assert after["identity_cache_entries cache=inactive"] == 0


async def test_how_the_process_stands_is_told(house_with: HouseWith) -> None:
    async with house_with(metrics="guarded", metrics_token=TOKEN) as house:
        await house.add_client()
        house.container.operation.state().draining = True
        async with asyncio.timeout(60):
            while "identity_feed_age_seconds" not in (found := await samples(house)):
                await asyncio.sleep(0.05)  # the feed has not been read yet
    assert found["identity_processes"] == 1
    assert found["identity_prepared"] == 1
    assert found["identity_draining"] == 1
    assert found["identity_http_requests_in_flight"] == 1
    assert found["identity_hashing_queued"] == found["identity_hashing_running"] == 0
    assert found["identity_database_connections_max pool=statements"] == 1
    used = found["identity_database_connections pool=transactions state=in_use"]  # by work in the background
    assert 0 <= used <= found["identity_database_connections_max pool=transactions"]
    assert found["identity_feed_age_seconds"] >= 0
    assert found["identity_feed_lease_held"] in (0, 1)
    assert found["process_resident_memory_bytes"] > 10_000_000
    assert any(name.startswith("identity_build_info ") for name in found)
    assert found["identity_name_look_ups_in_flight"] == found["identity_name_look_ups_refused_total"] == 0


async def test_what_waits_for_clients_and_what_was_asked_of_them_is_told(house_with: HouseWith) -> None:
    async with house_with(metrics="guarded", metrics_token=TOKEN) as house:
        await house.container.workers().stop()
        async with house.container.begin() as uow:
            await uow.outbox.add(
                [NewMessage(kind=BACKCHANNEL_LOGOUT, recipient=new_id(), payload={}, life_seconds=60)]
            )
            await uow.commit()
        await house.container.outbox.watch()(lambda: True)
        behind = await samples(house)
        await house.container.delivery()(lambda: True)
        await house.container.outbox.watch()(lambda: True)
        with pytest.raises(Unfetchable):
            await house.container.fetcher().get("http://keys.example/", accept=(), most_bytes=1)
        found = await samples(house)
    assert behind["identity_outbox_due"] == 1
    assert behind["identity_outbox_oldest_due_seconds"] >= 0
    assert found["identity_outbox_due"] == found["identity_outbox_oldest_due_seconds"] == 0
    assert found["identity_outbox_attempts_total kind=backchannel_logout outcome=dead"] == 1
    assert found["identity_client_requests_total kind=other outcome=forbidden"] == 1


async def test_how_the_log_of_events_stands_is_told(house_with: HouseWith, tmp_path: Path) -> None:
    gone = tmp_path / "gone" / "checkpoints"
    async with house_with(metrics="guarded", metrics_token=TOKEN, audit_checkpoint_file=gone) as house:
        await house.container.workers().stop()
        audit = house.container.audit
        await house.add_client()
        await house.token(await house.add_client(), grant_type="password", username="x", password="y")
        await audit.watch()(lambda: True)
        behind = await samples(house)
        await audit.chain_events()()
        await audit.make_checkpoint()()
        await audit.deliver()()
        await audit.watch()(lambda: True)
        found = await samples(house)
    assert behind["identity_audit_unchained"] >= 1
    assert behind["identity_audit_lag_seconds"] >= 0
    assert "identity_audit_checkpoint_age_seconds" not in behind
    assert found["identity_audit_unchained"] == found["identity_audit_lag_seconds"] == 0
    assert found["identity_audit_chained_total"] >= behind["identity_audit_unchained"]
    assert found["identity_audit_checkpoint_age_seconds"] >= found["identity_audit_unsigned_seconds"] == 0
    assert found["identity_audit_undelivered"] == 1
    assert found["identity_audit_delivery_failures_total destination=file"] == 1


async def test_attack_25_nothing_that_a_caller_sent_stands_in_metrics(house_with: HouseWith) -> None:
    async with house_with(metrics="guarded", metrics_token=TOKEN) as house:
        await house.add_user()
        client = await house.add_client()
        tokens = await house.sign_in(client)
        await house.token(client, grant_type="idr_grant", username="idr_name", password=PASSWORD)
        await house.http.get("/idr_path/%0aidentity_x%201", headers={"X-Request-ID": "idr_request"})
        await house.http.request("IDR_METHOD", "/users/idr_user?idr_query=1")
        text = (await scrape(house)).text
    secrets = (TOKEN, PASSWORD, client.secret, tokens["access_token"], tokens["refresh_token"])
    for word in (*secrets, client.id, "alice", "idr_", "IDR_"):
        assert word not in text
    assert "identity_x" not in text


async def test_attack_35_paths_that_nobody_serves_add_no_lines(house_with: HouseWith) -> None:
    async with house_with(metrics="guarded", metrics_token=TOKEN) as house:
        await samples(house)
        await house.http.get("/first")
        before = set(await samples(house))
        for number in range(20):
            await house.http.get(f"/{number}/users")
        assert set(await samples(house)) == before

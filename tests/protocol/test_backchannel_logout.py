"""Clients are told that a session is over (OIDC Back-Channel Logout 1.0): by what, how, and how often."""

from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from pathlib import Path
from typing import Any

import pytest
import pytest_asyncio
from dependency_injector import providers
from joserfc import jwt
from joserfc.jwk import KeySet

from identity_service.domain.entities.message import Message, MessageStatus
from identity_service.infrastructure.container import build
from identity_service.ports.form_sender import Unsent
from identity_service.ports.repositories.outbox import OutboxQuery
from tests.ageing import age
from tests.api_caller import Caller, program
from tests.forged import claims_of, header_of
from tests.house import ISSUER, PASSWORD, House, Registered, house_around, settings_for
from tests.html import text_of
from tests.migrated import copy_of
from tests.visitor import Pkce, Visitor, app_of, visitor_of

pytestmark = pytest.mark.asyncio(loop_scope="module")
URI = "https://app.example/backchannel-logout"
EVENTS = {"http://schemas.openid.net/event/backchannel-logout": {}}


class Mailbag:
    """The port `FormSender`; `answers` are what the next attempts find, 204 afterwards."""

    def __init__(self) -> None:
        self.sent: list[tuple[str, str]] = []
        self.answers: list[int | Exception] = []

    async def post(self, url: str, form: Mapping[str, str]) -> int:
        assert set(form) == {"logout_token"}
        self.sent.append((url, form["logout_token"]))
        answer = self.answers.pop(0) if self.answers else 204
        if isinstance(answer, Exception):
            raise answer
        return answer


class Told:
    """A house, and what its clients are told."""

    def __init__(self, house: House, bag: Mailbag) -> None:
        self.house = house
        self.bag = bag

    async def app(self, **members: Any) -> Registered:
        return await app_of(self.house, **({"backchannel_logout_uri": URI} | members))

    async def tokens_sent(self) -> list[dict[str, Any]]:
        """The claims of what the outbox had for clients, which are told now."""
        self.bag.sent.clear()
        await self.house.container.delivery()(lambda: True)
        return [claims_of(token) for _, token in self.bag.sent]

    async def messages(self, client: Registered) -> list[Message]:
        async with self.house.container.read() as uow:
            found: list[Message] = await uow.outbox.page(OutboxQuery(limit=50, recipient=client.id))
        return found


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def told(sqlite_template: Path, tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Told]:
    folder, bag = tmp_path_factory.mktemp("told"), Mailbag()
    settings = settings_for(
        folder,
        database_url=copy_of(sqlite_template, folder),
        client_signing_algorithms=("RS256", "ES256"),
        rate_limits="off",
    )
    container = build(settings)
    container.fetching.form_sender.override(providers.Object(bag))
    async with house_around(container) as house:
        await container.workers().stop()  # the tests say when something is delivered
        yield Told(house, bag)


@pytest_asyncio.fixture(loop_scope="module")
async def visitor(told: Told) -> AsyncIterator[Visitor]:
    """The browser of somebody new."""
    async with visitor_of(told.house) as browser:
        yield browser


_number = iter(range(1000))


async def somebody(told: Told) -> str:
    username = f"somebody{next(_number)}"
    await told.house.add_user(username)
    return username


async def log_out(visitor: Visitor, hint: str) -> None:
    assert (await visitor.get("/oauth2/logout", id_token_hint=hint)).status_code == 200


async def test_s2_4_the_token_names_the_session_its_person_and_the_client(
    told: Told, visitor: Visitor
) -> None:
    client = await told.app()
    hint = (await visitor.tokens(client, username=await somebody(told)))["id_token"]
    await log_out(visitor, hint)
    [claims] = await told.tokens_sent()

    known = claims_of(hint)
    assert claims == {
        "iss": ISSUER,
        "aud": client.id,
        "sub": known["sub"],
        "sid": known["sid"],
        "iat": claims["iat"],
        "exp": claims["iat"] + 120,
        "jti": claims["jti"],
        "events": EVENTS,
    }
    [(url, token)] = told.bag.sent
    assert url == URI
    assert header_of(token)["typ"] == "logout+jwt"


@pytest.mark.parametrize("alg", [None, "ES256"])
async def test_s2_6_it_is_signed_as_the_clients_id_tokens_are(
    told: Told, visitor: Visitor, alg: str | None
) -> None:
    client = await told.app(id_token_signed_response_alg=alg)
    hint = (await visitor.tokens(client, username=await somebody(told)))["id_token"]
    await log_out(visitor, hint)
    await told.tokens_sent()

    [(_, token)] = told.bag.sent
    assert header_of(token)["alg"] == header_of(hint)["alg"] == (alg or "RS256")
    keys = KeySet.import_key_set((await told.house.http.get("/.well-known/jwks.json")).json())
    assert jwt.decode(token, keys, algorithms=["RS256", "ES256"]).claims["aud"] == client.id


async def test_s2_4_a_pairwise_client_is_told_under_its_own_name_for_the_person(
    told: Told, visitor: Visitor
) -> None:
    username = await somebody(told)
    plain, pairwise = await told.app(), await told.app(subject_type="pairwise")
    own = claims_of((await visitor.tokens(plain, username=username))["id_token"])["sub"]
    hint = (await visitor.tokens(pairwise, username=username))["id_token"]
    await log_out(visitor, hint)

    subjects = {each["aud"]: each["sub"] for each in await told.tokens_sent()}
    assert subjects == {plain.id: own, pairwise.id: claims_of(hint)["sub"]}
    assert own != subjects[pairwise.id]


async def test_s2_3_every_client_of_the_session_is_told_once_and_no_other(
    told: Told, visitor: Visitor
) -> None:
    username = await somebody(told)
    first, second, silent = await told.app(), await told.app(), await told.app(backchannel_logout_uri=None)
    plain_oauth, elsewhere = await told.app(), await told.app()
    for client in (first, second, silent, first):
        hint = (await visitor.tokens(client, username=username))["id_token"]
    await visitor.agreed(plain_oauth, username=username, scope="read")
    async with visitor_of(told.house) as other_browser:
        await other_browser.tokens(elsewhere, username=username)
    await log_out(visitor, hint)

    assert sorted(each["aud"] for each in await told.tokens_sent()) == sorted((first.id, second.id))
    assert await told.tokens_sent() == []


async def test_s2_3_a_client_that_holds_tokens_that_live_on_is_told_as_well(
    told: Told, visitor: Visitor
) -> None:
    client = await told.app()
    tokens = await visitor.tokens(client, username=await somebody(told), scope="openid offline_access")
    await log_out(visitor, tokens["id_token"])

    assert [each["aud"] for each in await told.tokens_sent()] == [client.id]
    assert await told.house.is_active(client, tokens["refresh_token"])


async def revoked_by_rest(told: Told, username: str, claims: dict[str, Any]) -> None:
    admin = await program(told.house)
    answer = await admin("DELETE", f"/users/{claims['sub']}/sessions/{claims['sid']}")
    assert answer.status_code == 204


async def everywhere(told: Told, username: str, claims: dict[str, Any]) -> None:
    admin = await program(told.house)
    assert (await admin("DELETE", f"/users/{claims['sub']}/sessions")).status_code == 204


async def deactivated(told: Told, username: str, claims: dict[str, Any]) -> None:
    admin = await program(told.house)
    assert (await admin("POST", f"/users/{claims['sub']}/deactivate")).is_success


async def deleted(told: Told, username: str, claims: dict[str, Any]) -> None:
    admin = await program(told.house)
    assert (await admin("DELETE", f"/users/{claims['sub']}")).is_success


async def new_password(told: Told, username: str, claims: dict[str, Any]) -> None:
    admin = await program(told.house)
    path = f"/users/{claims['sub']}/set-password"
    assert (await admin("POST", path, json={"password": "another password 1"})).is_success


async def own_new_password(told: Told, username: str, claims: dict[str, Any]) -> None:
    client = await told.house.add_client(grants=["password"], scope="account")
    token = (await told.house.sign_in(client, username, scope="account"))["access_token"]
    members = {"password": "another password 1", "current_password": PASSWORD}
    assert (await Caller(told.house, token)("PATCH", "/users/me", json=members)).is_success


async def revoked_altogether(told: Told, username: str, claims: dict[str, Any]) -> None:
    await told.house.container.services().system.revoke_everything(by="an operator")


WAYS: dict[str, Callable[[Told, str, dict[str, Any]], Awaitable[None]]] = {
    "revoked": revoked_by_rest,
    "signed out everywhere": everywhere,
    "deactivated": deactivated,
    "deleted": deleted,
    "a new password": new_password,
    "one's own new password": own_new_password,
    "everything revoked": revoked_altogether,
}


@pytest.mark.parametrize("end", WAYS.values(), ids=WAYS)
async def test_s2_whatever_ends_a_session_its_clients_are_told(
    told: Told, visitor: Visitor, end: Callable[[Told, str, dict[str, Any]], Awaitable[None]]
) -> None:
    username, client = await somebody(told), await told.app()
    claims = claims_of((await visitor.tokens(client, username=username))["id_token"])
    await end(told, username, claims)

    mine = [each for each in await told.tokens_sent() if each["sid"] == claims["sid"]]
    assert [(each["aud"], each["sub"]) for each in mine] == [(client.id, claims["sub"])]


async def test_s2_another_person_in_the_same_browser_ends_the_first_ones_session(
    told: Told, visitor: Visitor
) -> None:
    client, username = await told.app(), await somebody(told)
    claims = claims_of((await visitor.tokens(client, username=username))["id_token"])
    page = await visitor.to_page(await visitor.ask(client, prompt="select_account"))
    login = await visitor.to_page(await page.submit(account=""))
    await login.filled(await somebody(told))

    assert [each["sid"] for each in await told.tokens_sent()] == [claims["sid"]]


async def test_a_session_that_runs_out_is_no_logout(told: Told, visitor: Visitor) -> None:
    client = await told.app()
    await visitor.tokens(client, username=await somebody(told))
    await age(told.house.container.database(), 50_000)
    async for _ in told.house.container.services().system.purge():
        pass

    assert await told.tokens_sent() == []


async def test_a_consent_that_is_taken_back_is_no_logout(told: Told, visitor: Visitor) -> None:
    client = await told.app()
    claims = claims_of((await visitor.tokens(client, username=await somebody(told)))["id_token"])
    admin = await program(told.house)
    assert (await admin("DELETE", f"/users/{claims['sub']}/consents/{client.id}")).status_code == 204

    assert await told.tokens_sent() == []


@pytest.mark.parametrize("answer", [200, 299])
async def test_s2_8_any_2xx_is_success(told: Told, visitor: Visitor, answer: int) -> None:
    client = await told.app()
    await log_out(visitor, (await visitor.tokens(client, username=await somebody(told)))["id_token"])
    told.bag.answers = [answer]
    await told.tokens_sent()

    [message] = await told.messages(client)
    assert message.status is MessageStatus.DELIVERED


async def test_s2_8_a_400_is_the_clients_last_word(told: Told, visitor: Visitor) -> None:
    client = await told.app()
    await log_out(visitor, (await visitor.tokens(client, username=await somebody(told)))["id_token"])
    told.bag.answers = [400]
    await told.tokens_sent()

    [message] = await told.messages(client)
    assert (message.status, message.last_error) == (
        MessageStatus.DEAD,
        "the client refused the logout token (400)",
    )


@pytest.mark.parametrize(
    "answer", [503, 404, 301, Unsent("no answer within 5 seconds")], ids=lambda each: str(each)
)
async def test_s2_8_whatever_else_comes_it_is_tried_again_with_another_jti(
    told: Told, visitor: Visitor, answer: int | Exception
) -> None:
    client = await told.app()
    await log_out(visitor, (await visitor.tokens(client, username=await somebody(told)))["id_token"])
    told.bag.answers = [answer]
    [first] = await told.tokens_sent()
    [waiting] = await told.messages(client)
    assert waiting.status is MessageStatus.WAITING
    assert str(answer) in str(waiting.last_error)
    await age(told.house.container.database(), 10)
    [second] = await told.tokens_sent()

    assert second["jti"] != first["jti"]
    assert {**second, "jti": "", "iat": 0, "exp": 0} == {**first, "jti": "", "iat": 0, "exp": 0}
    [delivered] = await told.messages(client)
    assert delivered.status is MessageStatus.DELIVERED


@pytest.mark.parametrize(
    "change", [{"active": False}, {"backchannel_logout_uri": None}], ids=["off", "no URI"]
)
async def test_a_client_that_no_longer_wants_to_be_told_is_not(
    told: Told, visitor: Visitor, change: dict[str, Any]
) -> None:
    client = await told.app()
    await log_out(visitor, (await visitor.tokens(client, username=await somebody(told)))["id_token"])
    async with told.house.container.begin() as uow:
        await uow.clients.change(client.client.client_id, change, version=None)
        await uow.commit()

    assert await told.tokens_sent() == []
    [message] = await told.messages(client)
    assert message.status is MessageStatus.DEAD


async def test_it_is_sent_where_the_client_is_registered_now(told: Told, visitor: Visitor) -> None:
    client = await told.app()
    await log_out(visitor, (await visitor.tokens(client, username=await somebody(told)))["id_token"])
    async with told.house.container.begin() as uow:
        moved = {"backchannel_logout_uri": f"{URI}/moved"}
        await uow.clients.change(client.client.client_id, moved, version=None)
        await uow.commit()
    await told.tokens_sent()

    assert [url for url, _ in told.bag.sent] == [f"{URI}/moved"]


async def test_attack_19_a_logout_token_is_taken_for_nothing_else(told: Told, visitor: Visitor) -> None:
    client, username = await told.app(), await somebody(told)
    await log_out(visitor, (await visitor.tokens(client, username=username))["id_token"])
    await told.tokens_sent()
    [(_, token)] = told.bag.sent
    await visitor.agreed(client, username=username)

    hinted = await visitor.get("/oauth2/logout", id_token_hint=token)
    assert (hinted.status_code, text_of(hinted.text, "error-code")) == (400, "invalid_request")
    userinfo = await told.house.http.get("/oauth2/userinfo", headers={"Authorization": f"Bearer {token}"})
    assert userinfo.status_code == 401
    assert not await told.house.is_active(client, token)
    refused = await told.house.token(client, grant_type="refresh_token", refresh_token=token)
    assert refused.json()["error"] == "invalid_grant"
    answer = await visitor.ask(client, Pkce.new(), prompt="none", id_token_hint=token)
    assert "error=invalid_request" in answer.headers["location"]


async def test_discovery_says_so(told: Told) -> None:
    metadata = (await told.house.http.get("/.well-known/openid-configuration")).json()
    for channel in ("backchannel", "frontchannel"):
        assert metadata[f"{channel}_logout_supported"] is True
        assert metadata[f"{channel}_logout_session_supported"] is True

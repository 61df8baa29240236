"""Clients that are brought along from another server (PROTOCOL §2, §8)."""

import pytest
from sqlalchemy import text

from identity_service.application.dto.client_view import ClientWithSecret
from identity_service.application.use_cases.clients.create_client import NewClient
from identity_service.domain.refusals import Unacceptable
from identity_service.domain.services.access_policy import OPERATOR
from identity_service.domain.value_objects.secret import Secret
from identity_service.ports.unit_of_work import Conflict
from tests.api_caller import program
from tests.house import ISSUER, House

LONG = "0123456789abcdef0123456789abcdef"


async def bring(house: House, client_id: str = "old-shop", secret: str | None = None) -> ClientWithSecret:
    made: ClientWithSecret = await house.container.services().clients.create_client(
        NewClient(
            by=OPERATOR,
            client_name="Old shop",
            grant_types=["client_credentials"],
            client_id=client_id,
            client_secret=None if secret is None else Secret(secret),
        )
    )
    return made


async def status_of(house: House, client_id: str, secret: str) -> int:
    form = {"grant_type": "client_credentials"}
    return (await house.http.post("/oauth2/token", data=form, auth=(client_id, secret))).status_code


@pytest.mark.parametrize(
    ("secret", "kept_as"),
    [(LONG, "sha256"), (LONG[:31], "password"), ("hush", "password")],
    ids=["32 characters", "31 characters", "short"],
)
async def test_s2_a_secret_brought_along_works_and_a_short_one_is_kept_with_argon2id(
    house: House, secret: str, kept_as: str
) -> None:
    made = await bring(house, secret=secret)

    assert made.secret is None
    assert await status_of(house, "old-shop", secret) == 200
    assert await status_of(house, "old-shop", secret + "x") == 401
    async with house.container.database().engine.connect() as connection:
        (row,) = await connection.execute(text("SELECT scheme, stored FROM client_secrets"))
    assert row.scheme == kept_as
    assert ("argon2id" in row.stored) == (kept_as == "password")
    assert secret not in row.stored


async def test_s2_attack_28_a_short_secret_cannot_be_guessed_at_leisure(house: House) -> None:
    await bring(house, secret="hush")

    statuses = [await status_of(house, "old-shop", f"guess {n}") for n in range(12)]

    assert statuses == [401] * 10 + [429] * 2


async def test_s2_an_id_alone_may_be_brought_along(house: House) -> None:
    made = await bring(house)

    assert made.secret is not None
    assert await status_of(house, "old-shop", made.secret.reveal()) == 200


async def test_rfc9700_s4_15_an_id_that_is_somebodys_is_refused(house: House) -> None:
    user = await house.add_user()
    await bring(house)

    for taken in (user.id, "old-shop"):
        with pytest.raises(Conflict) as refused:
            await bring(house, taken)
        assert refused.value.member == "client_id"


async def test_rfc9700_s4_15_an_id_that_reads_like_a_username_is_nobodys_subject(house: House) -> None:
    """docs/decisions/0006: `sub` of a person is their id, so a username is not in the namespace of subjects."""
    user, reader = await house.add_user("alice"), await house.add_client(
        resource_server=True, audiences=frozenset({ISSUER})
    )
    made = await bring(house, "alice")
    assert made.secret is not None
    answer = await house.http.post(
        "/oauth2/token",
        data={"grant_type": "client_credentials"},
        auth=("alice", made.secret.reveal()),
    )

    of_client = await house.introspect(reader, answer.json()["access_token"])
    of_person = await house.introspect(reader, (await house.sign_in(reader))["access_token"])

    assert (of_client["sub"], of_client["client_id"]) == ("alice", "alice")
    assert "username" not in of_client
    assert (of_person["sub"], of_person["username"]) == (user.id, "alice")


async def test_rfc9700_s4_15_the_id_of_a_deleted_client_is_never_given_again(house: House) -> None:
    admin = await program(house)
    await bring(house)
    await admin("DELETE", "/clients/old-shop")

    with pytest.raises(Conflict):
        await bring(house)


async def test_a_public_client_brings_no_secret(house: House) -> None:
    order = NewClient(
        by=OPERATOR, client_name="App", token_endpoint_auth_method="none", client_secret=Secret(LONG)
    )

    with pytest.raises(Unacceptable) as refused:
        await house.container.services().clients.create_client(order)

    assert refused.value.faults[0].member == "client_secret"


async def test_a_rotation_replaces_a_short_secret_by_one_of_ours(house: House) -> None:
    admin = await program(house)
    await bring(house, secret="hush")

    made = await admin.made("/clients/old-shop/rotate-secret", overlap_seconds=0)

    assert await status_of(house, "old-shop", "hush") == 401
    assert await status_of(house, "old-shop", made["client_secret"]) == 200

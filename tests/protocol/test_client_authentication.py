"""Who the calling client is (PROTOCOL §2; RFC 6749 §2.3, RFC 7617)."""

from base64 import b64encode
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import quote_plus

import httpx2
import pytest

from identity_service.domain.entities.client import ClientSecret
from identity_service.domain.value_objects.secret import digest
from identity_service.infrastructure.container import new_id
from tests.api_caller import on_sqlite
from tests.house import NOW, House, Registered

PATHS = ("/oauth2/token", "/oauth2/introspect", "/oauth2/revoke")
FORM = {"grant_type": "client_credentials", "token": "x"}
ODD = "a+b c%:é&=ü/~"


def basic(client_id: str, secret: str, *, scheme: str = "Basic") -> str:
    """RFC 6749 §2.3.1: both halves form-encoded, then joined and put into base64."""
    pair = f"{quote_plus(client_id)}:{quote_plus(secret)}"
    return f"{scheme} {b64encode(pair.encode()).decode()}"


def raw_basic(pair: bytes) -> str:
    return f"Basic {b64encode(pair).decode()}"


async def ask(
    house: House, *authorizations: str, path: str = "/oauth2/token", **form: str | None
) -> httpx2.Response:
    """A request with these Authorization headers; a member None is left out of the form."""
    members = {name: value for name, value in (FORM | form).items() if value is not None}
    headers = [("Authorization", value) for value in authorizations]
    return await house.http.post(path, data=members, headers=headers)


def refusal(answer: httpx2.Response) -> Any:
    """All that a caller can see of a refusal, but for the id of the request."""
    headers = {name: value for name, value in answer.headers.items() if name != "x-request-id"}
    return answer.status_code, headers, answer.content


def is_invalid_client(answer: httpx2.Response) -> bool:
    return (answer.status_code, answer.json().get("error")) == (401, "invalid_client")


def is_invalid_request(answer: httpx2.Response) -> bool:
    return (answer.status_code, answer.json().get("error")) == (400, "invalid_request")


def secret(text: str, *, lives: timedelta | None = None, number: int = 0) -> ClientSecret:
    """A secret of the usual scheme that lives so long from now."""
    return ClientSecret(
        id=new_id(),
        scheme="sha256",
        stored=digest(text).hex(),
        expires_at=None if lives is None else datetime.now(UTC) + lives,
        created_at=NOW + timedelta(seconds=number),
    )


@pytest.fixture
async def client(house: House) -> Registered:
    return await house.add_client()


@on_sqlite
async def test_s2_basic_and_post_are_both_open_to_a_client_made_without_a_method(
    house: House, client: Registered
) -> None:
    for path in PATHS:
        by_header = await ask(house, basic(client.id, client.secret), path=path)
        by_form = await ask(house, path=path, client_id=client.id, client_secret=client.secret)
        assert by_header.status_code == by_form.status_code == 200


@pytest.mark.parametrize("scheme", ["basic", "BASIC", "bAsIc"])
async def test_rfc9110_s11_1_the_scheme_may_have_any_case(small_house: House, scheme: str) -> None:
    client = await small_house.add_client()

    assert (await ask(small_house, basic(client.id, client.secret, scheme=scheme))).status_code == 200


@pytest.mark.parametrize("scheme", ["Bearer", "Digest", "Basics", "Negotiate", ""])
async def test_s2_another_scheme_is_no_client_authentication(small_house: House, scheme: str) -> None:
    client = await small_house.add_client()

    assert is_invalid_client(await ask(small_house, basic(client.id, client.secret, scheme=scheme)))


@on_sqlite
async def test_rfc6749_s2_3_1_user_and_password_are_form_decoded(house: House) -> None:
    odd = await house.add_client(client_id=ODD, secrets=(secret(ODD),))

    for pair in (
        basic(odd.id, ODD),
        raw_basic(b"a%2Bb+c%25%3A%C3%A9%26%3D%C3%BC%2F%7E:a%2bb%20c%25%3a%c3%a9%26%3d%c3%bc/~"),
    ):
        answer = await ask(house, pair)
        assert answer.status_code == 200, answer.text


@pytest.mark.parametrize(
    "pair",
    [
        pytest.param(f"{ODD}:{ODD}".encode(), id="not encoded at all"),
        pytest.param(
            b"a%2Bb+c%25%3A%C3%A9%26%3D%C3%BC%2F~:a+b+c%25%3A%C3%A9%26%3D%C3%BC%2F~", id="a bare plus"
        ),
        pytest.param(b"a%2Bb+c%25%3A%E9%26%3D%FC%2F~:x", id="Latin-1"),
        pytest.param(b"a%2Bb+c%2:x", id="half an escape"),
        pytest.param(b"%00:%00", id="NUL"),
    ],
)
async def test_rfc6749_s2_3_1_other_encodings_are_another_client(small_house: House, pair: bytes) -> None:
    await small_house.add_client(client_id=ODD, secrets=(secret(ODD),))

    assert is_invalid_client(await ask(small_house, raw_basic(pair)))


@pytest.mark.parametrize(
    "authorization",
    [
        "Basic",
        "Basic ",
        "Basic !!!!",
        "Basic YTpi YTpi",
        "Basic YTpiY",
        "Basic YTpj=",
        raw_basic(b"no colon"),
        raw_basic(b":no user"),
        raw_basic(b"no password:"),
        raw_basic(b""),
    ],
)
async def test_rfc7617_s2_broken_credentials_are_a_failed_authentication(
    small_house: House, authorization: str
) -> None:
    assert is_invalid_client(await ask(small_house, authorization))


@on_sqlite
async def test_s2_two_methods_or_two_headers_are_a_malformed_request(
    house: House, client: Registered
) -> None:
    good = basic(client.id, client.secret)
    for path in PATHS:
        for answer in (
            await ask(house, good, good, path=path),
            await ask(house, good, "Bearer x", path=path),
            await ask(house, good, path=path, client_id=client.id, client_secret=client.secret),
            await ask(house, good, path=path, client_secret=client.secret),
            await ask(house, good, path=path, client_assertion="x", client_assertion_type="y"),
            await ask(
                house, path=path, client_id=client.id, client_secret=client.secret, client_assertion="x"
            ),
        ):
            assert is_invalid_request(answer)


@on_sqlite
async def test_s2_a_client_id_beside_basic_must_match_and_is_no_second_method(
    house: House, client: Registered
) -> None:
    other = await house.add_client()
    good = basic(client.id, client.secret)

    assert (await ask(house, good, client_id=client.id)).status_code == 200
    assert (await ask(house, good, client_id="")).status_code == 200
    assert is_invalid_request(await ask(house, good, client_id=other.id))
    assert is_invalid_request(await ask(house, good, client_id="nobody"))


@pytest.mark.parametrize(
    ("method", "accepted"),
    [
        ("client_secret_basic", (True, False)),
        ("client_secret_post", (False, True)),
        (None, (True, True)),
        ("private_key_jwt", (False, False)),
    ],
)
async def test_s2_a_named_method_is_pinned(
    small_house: House, method: str | None, accepted: tuple[bool, bool]
) -> None:
    client = await small_house.add_client(token_endpoint_auth_method=method)
    wrong = await ask(small_house, basic(client.id, "wrong"))

    for answer, good in zip(
        (
            await ask(small_house, basic(client.id, client.secret)),
            await ask(small_house, client_id=client.id, client_secret=client.secret),
        ),
        accepted,
        strict=True,
    ):
        assert answer.status_code == 200 if good else refusal(answer) == refusal(wrong)


@on_sqlite
async def test_attack_18_an_unsigned_assertion_is_none(house: House, client: Registered) -> None:
    answer = await ask(
        house,
        client_id=client.id,
        client_assertion="e30.e30.e30",
        client_assertion_type="urn:ietf:params:oauth:client-assertion-type:jwt-bearer",
    )

    assert is_invalid_client(answer)


@on_sqlite
async def test_s2_a_public_client_names_itself(house: House) -> None:
    await house.add_user()
    public = await house.add_client(public=True, grants=("password", "refresh_token"))
    tokens = await house.sign_in(public)

    assert (await house.post("/oauth2/revoke", public, token=tokens["refresh_token"])).json() == {}
    refreshed = await house.token(public, grant_type="refresh_token", refresh_token=tokens["refresh_token"])
    assert refreshed.json()["error"] == "invalid_grant"


async def test_s2_a_public_client_has_no_secret_and_no_credentials_of_its_own(house: House) -> None:
    public = await house.add_client(public=True)

    for answer in (
        await ask(house, client_id=public.id, client_secret="x"),
        await ask(house, basic(public.id, "x")),
        await ask(house, client_id=public.id, path="/oauth2/introspect"),
    ):
        assert is_invalid_client(answer)
    assert (await ask(house, client_id=public.id)).json()["error"] == "unauthorized_client"


async def test_s2_a_public_client_that_still_has_a_secret_does_not_get_in_by_it(house: House) -> None:
    changed = await house.add_client(token_endpoint_auth_method="none", secrets=(secret("left over"),))

    assert is_invalid_client(await ask(house, basic(changed.id, "left over")))


@on_sqlite
async def test_s2_a_confidential_client_does_not_get_in_by_its_name(house: House, client: Registered) -> None:
    for path in PATHS:
        assert is_invalid_client(await ask(house, path=path, client_id=client.id))
        assert is_invalid_client(await ask(house, path=path, client_id=client.id, client_secret=""))
        assert is_invalid_client(await ask(house, path=path))


async def test_s2_unknown_client_and_wrong_secret_look_the_same(house: House, client: Registered) -> None:
    inactive = await house.add_client(active=False)
    public = await house.add_client(public=True)
    for path in PATHS:
        refusals = [
            refusal(await ask(house, basic(client.id, "wrong"), path=path)),
            refusal(await ask(house, basic(client.id, client.secret[:-1]), path=path)),
            refusal(await ask(house, basic("nobody", "wrong"), path=path)),
            refusal(await ask(house, basic("é" * 1000, "x"), path=path)),
            refusal(await ask(house, basic(inactive.id, inactive.secret), path=path)),
            refusal(await ask(house, basic(public.id, "x"), path=path)),
            refusal(await ask(house, path=path, client_id="nobody")),
            refusal(await ask(house, path=path, client_id=client.id)),
        ]
        assert refusals[0][0] == 401
        assert all(one == refusals[0] for one in refusals)


async def test_s2_the_secret_is_compared_whole_and_as_it_is(house: House, client: Registered) -> None:
    for close in (
        client.secret.lower(),
        client.secret.upper(),
        client.secret + " ",
        " " + client.secret,
        client.secret + "x",
        digest(client.secret).hex(),
    ):
        assert is_invalid_client(await ask(house, basic(client.id, close)))


@on_sqlite
async def test_s2_a_user_is_no_client(house: House) -> None:
    user = await house.add_user()

    assert is_invalid_client(await ask(house, basic(user.id, "correct horse battery staple")))


async def test_s2_two_secrets_overlap_during_a_rotation_each_with_its_own_end(house: House) -> None:
    hour = timedelta(hours=1)
    client = await house.add_client(
        secrets=(
            secret("the old one", lives=hour, number=0),
            secret("the new one", number=1),
            secret("run out", lives=-hour, number=2),
        )
    )

    for good in ("the old one", "the new one"):
        assert (await ask(house, basic(client.id, good))).status_code == 200
    for bad in ("run out", "neither", "the old onethe new one"):
        assert is_invalid_client(await ask(house, basic(client.id, bad)))


async def test_s2_a_client_whose_secrets_have_all_run_out_cannot_get_in(house: House) -> None:
    client = await house.add_client(secrets=(secret("run out", lives=timedelta(seconds=-1)),))

    assert is_invalid_client(await ask(house, basic(client.id, "run out")))
    assert is_invalid_client(await ask(house, client_id=client.id))


async def brought_along(house: House, text: str) -> Registered:
    stored = await house.container.hasher().hash(text, address=None)
    kept = ClientSecret(id=new_id(), scheme="password", stored=stored, expires_at=None, created_at=NOW)
    return await house.add_client(secrets=(kept,))


async def test_s2_a_secret_that_was_brought_along_works(house: House) -> None:
    client = await brought_along(house, "hunter2")

    assert (await ask(house, basic(client.id, "hunter2"))).status_code == 200
    assert is_invalid_client(await ask(house, basic(client.id, "hunter3")))


async def test_s2_attempts_at_a_secret_that_was_brought_along_are_limited(house: House) -> None:
    client, other = await brought_along(house, "hunter2"), await house.add_client()
    tries = [await ask(house, basic(client.id, f"guess {number}")) for number in range(10)]

    locked = [await ask(house, basic(client.id, guess)) for guess in ("guess 10", "hunter2")]

    assert all(map(is_invalid_client, tries))
    for answer in locked:
        assert answer.status_code == 429
        assert answer.json()["error"] == "temporarily_unavailable"
        assert 1 <= int(answer.headers["retry-after"]) <= 900
    assert (await ask(house, basic(other.id, other.secret))).status_code == 200


@on_sqlite
async def test_s2_a_secret_of_ours_is_not_limited_nobody_guesses_256_bits(house: House) -> None:
    client = await house.add_client()
    for _ in range(12):
        assert is_invalid_client(await ask(house, basic(client.id, "wrong")))

    assert (await ask(house, basic(client.id, client.secret))).status_code == 200


async def test_attack_14_introspection_and_revocation_want_an_authenticated_caller(
    house: House, client: Registered
) -> None:
    await house.add_user()
    tokens = await house.sign_in(client)
    for path in PATHS[1:]:
        for token in tokens["access_token"], tokens["refresh_token"]:
            for answer in (
                await ask(house, path=path, token=token),
                await ask(house, path=path, token=token, client_id=client.id),
                await ask(house, basic(client.id, "wrong"), path=path, token=token),
                await ask(house, f"Bearer {tokens['access_token']}", path=path, token=token),
                await ask(house, basic("nobody", "x"), path=path, token=token),
            ):
                assert is_invalid_client(answer)
    assert await house.is_active(client, tokens["access_token"])
    assert await house.is_active(client, tokens["refresh_token"])


async def test_attack_14_nobody_learns_of_the_tokens_of_others(house: House, client: Registered) -> None:
    await house.add_user()
    tokens, stranger = await house.sign_in(client), await house.add_client()
    never = await house.post("/oauth2/introspect", stranger, token="no token at all")

    for token in tokens["access_token"], tokens["refresh_token"]:
        for hint in ({}, {"token_type_hint": "access_token"}, {"token_type_hint": "refresh_token"}):
            answer = await house.post("/oauth2/introspect", stranger, token=token, **hint)
            assert refusal(answer) == refusal(never)
        assert (await house.post("/oauth2/revoke", stranger, token=token)).json() == {}
        assert await house.is_active(client, token)

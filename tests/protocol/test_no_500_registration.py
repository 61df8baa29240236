"""No body that says something of a client makes a 500 (PROTOCOL §6): machines that make up bodies try it."""

import asyncio
import json
from typing import Any

import httpx2
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from identity_service.domain.oauth.client_registration import REGISTERED
from tests.house import House
from tests.registrant import APP, REGISTER, Registrant

pytestmark = pytest.mark.asyncio(loop_scope="module")
TEXTS = st.one_of(
    st.text(st.characters(), max_size=20),  # with half surrogate pairs
    st.sampled_from(
        [
            "\0",
            "https://localhost/cb",
            "https://localhost:99999",
            "http://[::1",
            "//x",
            "javascript:alert(1)",
            "com.example.app:/cb",
            "none",
            "private_key_jwt",
            "pairwise",
            "native",
            "authorization_code",
            "code",
            "openid admin",
            "RS256",
            "a" * 3000,
        ]
    ),
)
KEYS = st.fixed_dictionaries(
    {"kty": st.sampled_from(["RSA", "EC", "OKP", "oct", "\ud800"])},
    optional={
        "crv": TEXTS,
        "x": TEXTS,
        "y": TEXTS,
        "n": TEXTS,
        "e": TEXTS,
        "kid": TEXTS,
        "x5c": st.lists(TEXTS),
    },
)
VALUES = st.recursive(
    st.one_of(st.none(), st.booleans(), st.integers(), st.floats(allow_nan=False), TEXTS),
    lambda inner: st.one_of(st.lists(inner, max_size=3), st.dictionaries(TEXTS, inner, max_size=3)),
    max_leaves=6,
)
NAMES = (*REGISTERED, "software_statement", "client_id", "client_secret", "first_party", "client_name#de")
DOCUMENTS = st.one_of(
    st.dictionaries(st.sampled_from(NAMES), st.one_of(VALUES, st.lists(TEXTS, max_size=3)), max_size=6),
    st.fixed_dictionaries({"jwks": st.fixed_dictionaries({"keys": st.lists(KEYS, max_size=2)})}),
)


def is_sound(answer: httpx2.Response) -> bool:
    members = answer.json()
    refused = answer.status_code in (400, 401) and set(members) == {"error", "error_description"}
    return (refused or answer.status_code in (200, 201)) and answer.headers["cache-control"] == "no-store"


async def try_documents(house: House, number: int) -> None:
    """Hypothesis is synchronous: it runs in a thread and hands each request to this loop."""
    made = await Registrant.new(house)
    loop = asyncio.get_running_loop()

    async def send(method: str, document: Any) -> httpx2.Response:
        body = json.dumps(document).encode()
        path = REGISTER if method == "POST" else made.path
        bearer = (
            {} if method == "POST" else {"Authorization": f"Bearer {made.told['registration_access_token']}"}
        )
        headers = {"Content-Type": "application/json"} | bearer
        answer = await house.http.request(method, path, content=body, headers=headers)
        if method == "PUT" and answer.status_code == 200:
            made.told = answer.json()
        return answer

    @settings(max_examples=number, deadline=None, suppress_health_check=list(HealthCheck))
    @given(document=DOCUMENTS, whole=st.booleans(), method=st.sampled_from(["POST", "PUT"]))
    def attempt(document: dict[str, Any], whole: bool, method: str) -> None:
        usual = (APP if whole else {}) | ({"client_id": made.told["client_id"]} if method == "PUT" else {})
        sent = asyncio.run_coroutine_threadsafe(send(method, usual | document), loop)
        answer = sent.result(timeout=60)
        assert is_sound(answer), (answer.status_code, answer.text)

    await asyncio.to_thread(attempt)


async def test_s6_no_document_makes_a_500(open_registration: House) -> None:
    await try_documents(open_registration, 150)


@pytest.mark.all
async def test_s6_no_document_makes_a_500_however_long_one_tries(open_registration: House) -> None:
    await try_documents(open_registration, 5_000)

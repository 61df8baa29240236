"""Bodies whose headers say that their bytes mean something else: nothing is unpacked, and JSON is UTF-8."""

import httpx2
import pytest

from tests.api_caller import on_shared_house, on_sqlite, program
from tests.house import House
from tests.html import text_of

FORM = {"Content-Type": "application/x-www-form-urlencoded"}
JSON = {"Content-Type": "application/json"}
GZIP = {"Content-Encoding": "gzip"}
NEW = b'{"username":"bob"}'


def is_415(answer: httpx2.Response) -> bool:
    return (answer.status_code, answer.headers["accept-encoding"]) == (415, "identity")


@on_sqlite
@pytest.mark.parametrize("path", ["token", "introspect", "revoke", "userinfo"])
async def test_rfc9110_s15_5_16_a_compressed_form_is_415(house: House, path: str) -> None:
    answer = await house.http.post(f"/oauth2/{path}", content=b"token=x", headers=FORM | GZIP)

    assert is_415(answer)
    assert (answer.headers["content-type"], answer.json()["error"]) == ("application/json", "invalid_request")
    plain = await house.http.post(
        f"/oauth2/{path}", content=b"token=x", headers=FORM | {"Content-Encoding": "identity"}
    )
    assert plain.status_code in (400, 401)


@on_sqlite
@pytest.mark.parametrize("path", ["authorize", "logout"])
async def test_rfc9110_s15_5_16_a_compressed_form_of_a_browser_is_415(house: House, path: str) -> None:
    answer = await house.http.post(f"/oauth2/{path}", content=b"state=x", headers=FORM | GZIP)

    assert is_415(answer)
    assert text_of(answer.text, "error-code") == "invalid_request"
    assert (await house.http.post(f"/oauth2/{path}", content=b"state=x", headers=FORM)).status_code == 303


@on_sqlite
async def test_rfc9110_s15_5_16_compressed_json_is_415(house: House) -> None:
    admin, user = await program(house), await house.add_user()

    for method, path in (
        ("POST", "/users"),
        ("PATCH", f"/users/{user.id}"),
        ("POST", f"/users/{user.id}/activate"),
    ):
        answer = await admin(method, path, content=b"{}", headers=JSON | GZIP)
        assert is_415(answer)
        assert answer.headers["content-type"] == "application/problem+json"


@on_shared_house
async def test_rfc9110_s15_5_16_a_compressed_registration_is_415(open_registration: House) -> None:
    answer = await open_registration.http.post("/oauth2/register", content=b"{}", headers=JSON | GZIP)

    assert is_415(answer)
    assert answer.json()["error"] == "invalid_request"


@on_sqlite
@pytest.mark.parametrize(
    ("charset", "status"), [("utf-16", 415), ("iso-8859-1", 415), ("utf-8", 201), ('"UTF-8"', 201)]
)
async def test_rfc8259_s8_1_json_is_in_utf8(house: House, charset: str, status: int) -> None:
    admin = await program(house)
    content_type = {"Content-Type": f"application/json; charset={charset}"}

    answer = await admin("POST", "/users", content=NEW, headers=content_type)

    assert answer.status_code == status
    if status == 415:
        assert (answer.json()["detail"], answer.headers["accept-post"]) == (
            "the charset must be utf-8",
            "application/json",
        )

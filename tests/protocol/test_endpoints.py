"""What holds at every endpoint (PROTOCOL §1)."""

from typing import Any

import httpx2
import pytest

from tests.api_caller import on_sqlite
from tests.house import House

FORMS = ("/oauth2/token", "/oauth2/introspect", "/oauth2/revoke")
OPEN = (
    "/",
    "/health/live",
    "/.well-known/jwks.json",
    "/.well-known/oauth-authorization-server",
    "/openapi.json",
)
FORM = "application/x-www-form-urlencoded"
MOST = 64 * 1024


def is_refusal(answer: httpx2.Response, status: int, error: str = "invalid_request") -> bool:
    members = answer.json()
    return (
        answer.status_code == status
        and answer.headers["content-type"] == "application/json"
        and set(members) == {"error", "error_description"}
        and members["error"] == error
    )


async def good_and_bad_answers(house: House) -> list[httpx2.Response]:
    client = await house.add_client()
    await house.add_user()
    tokens = await house.sign_in(client)
    return [
        await house.token(client, grant_type="client_credentials"),
        await house.token(client, grant_type="nothing"),
        await house.token(client, grant_type="password", username="alice", password="wrong"),
        await house.post("/oauth2/introspect", client, token=tokens["access_token"]),
        await house.post("/oauth2/introspect", client, token="nothing"),
        await house.post("/oauth2/introspect"),
        await house.post("/oauth2/revoke", client, token=tokens["refresh_token"]),
        await house.post("/oauth2/revoke", client),
        await house.http.get("/oauth2/token"),
        await house.http.options("/oauth2/token"),
        await house.http.get("/oauth2/nothing"),
        await house.http.get("/oauth2"),
        await house.http.post("/oauth2/token", content=b"a" * (MOST + 1), headers={"Content-Type": FORM}),
    ]


@on_sqlite
async def test_s1_no_oauth_answer_may_be_stored(house: House) -> None:
    for answer in await good_and_bad_answers(house):
        assert answer.headers["cache-control"] == "no-store"
        assert answer.headers["pragma"] == "no-cache"


@on_sqlite
async def test_s1_everything_carries_nosniff_and_a_request_id(house: House) -> None:
    others = [await house.http.get(path) for path in (*OPEN, "/docs", "/redoc", "/nothing")]
    for answer in (*await good_and_bad_answers(house), *others):
        assert answer.headers["x-content-type-options"] == "nosniff"
        assert answer.headers["x-frame-options"] == "DENY"
        assert answer.headers["x-request-id"]


async def test_s1_what_may_be_stored_says_so_and_problems_may_not(small_house: House) -> None:
    for path in ("/nothing", "/health/live"):
        assert (await small_house.http.get(path)).headers["cache-control"] == "no-store"
    assert (await small_house.http.get("/")).headers["cache-control"].startswith("public")


@pytest.mark.parametrize("method", ["GET", "HEAD", "PUT", "PATCH", "DELETE", "TRACE", "BREW"])
async def test_s1_a_wrong_method_is_405_with_allow(small_house: House, method: str) -> None:
    for path in FORMS:
        answer = await small_house.http.request(method, path)
        assert answer.status_code == 405
        assert answer.headers["allow"] == "POST, OPTIONS"
        assert method == "HEAD" or is_refusal(answer, 405)


@pytest.mark.parametrize("method", ["POST", "PUT", "PATCH", "DELETE", "TRACE", "BREW"])
async def test_s1_a_document_is_read_only(small_house: House, method: str) -> None:
    for path in OPEN:
        answer = await small_house.http.request(method, path)
        assert answer.status_code == 405
        assert answer.headers["allow"] == "GET, HEAD, OPTIONS"
        assert answer.headers["content-type"] == "application/problem+json"


async def test_rfc9110_s9_3_7_options_names_the_methods(small_house: House) -> None:
    for path, methods in (("/oauth2/token", "POST, OPTIONS"), ("/", "GET, HEAD, OPTIONS")):
        answer = await small_house.http.options(path)
        assert (answer.status_code, answer.content, answer.headers["allow"]) == (204, b"", methods)
    assert (await small_house.http.options("/nothing")).status_code == 404


async def test_rfc9110_s10_2_1_allow_is_the_union_over_the_routes_of_a_path(small_house: House) -> None:
    async def answer() -> dict[str, str]:
        return {}

    for method in ("GET", "PATCH", "DELETE"):
        small_house.app.add_api_route("/things/{thing}", answer, methods=[method])

    refused = await small_house.http.put("/things/1")

    assert refused.status_code == 405
    assert refused.headers["allow"] == "GET, PATCH, DELETE, HEAD, OPTIONS"


async def test_rfc9110_s10_2_1_allow_names_no_methods_of_a_pattern_that_comes_later(
    small_house: House,
) -> None:
    for path, methods in (("/users/me", "GET, PATCH, HEAD, OPTIONS"), ("/users", "GET, POST, HEAD, OPTIONS")):
        refused = await small_house.http.put(path)
        assert (refused.status_code, refused.headers["allow"]) == (405, methods)


async def test_s1_no_redirect_is_made_for_a_trailing_slash(any_host: House) -> None:
    for path in (*FORMS, *OPEN[1:], "/docs", "/redoc"):
        for method in ("GET", "POST"):
            answer = await any_host.http.request(method, f"{path}/", headers={"Host": "evil.example"})
            assert answer.status_code == 404
            assert "location" not in answer.headers


async def test_s1_an_unknown_path_answers_in_the_manner_of_its_neighbours(small_house: House) -> None:
    for path in ("/oauth2", "/oauth2/", "/oauth2/nothing", "/oauth2/token/more"):
        assert is_refusal(await small_house.http.post(path), 404)
    for path in ("/oauth2nothing", "/nothing", "/docs/assets/nothing.js", "/docs/assets/..%2f..%2fcore.py"):
        answer = await small_house.http.get(path)
        assert answer.status_code == 404
        assert answer.headers["content-type"] == "application/problem+json"


async def post_raw(
    house: House, path: str, body: Any, content_type: str | None = FORM, **headers: str
) -> httpx2.Response:
    given = {} if content_type is None else {"Content-Type": content_type}
    return await house.http.post(path, content=body, headers=given | headers)


@pytest.mark.parametrize("path", FORMS)
async def test_s1_a_body_over_64_kib_is_413_announced_or_not(small_house: House, path: str) -> None:
    async def chunks(total: int) -> Any:
        for _ in range(total // 1024):
            yield b"a" * 1024
        yield b"a" * (total % 1024)

    refused = [
        await post_raw(small_house, path, b"a" * (MOST + 1)),
        await post_raw(small_house, path, chunks(MOST + 1)),
        await post_raw(small_house, path, b"", **{"Content-Length": "9" * 30}),
    ]
    assert all(is_refusal(answer, 413) for answer in refused)
    assert {answer.json()["error_description"] for answer in refused} == {"the request body is too large"}
    for body in (b"a" * MOST, chunks(MOST)):
        assert (await post_raw(small_house, path, body)).status_code in (400, 401)


async def test_s1_a_body_over_64_kib_is_413_at_every_other_reader_too(small_house: House) -> None:
    async def read(body: dict[str, str]) -> dict[str, int]:
        return {"length": len(body["a"])}

    small_house.app.add_api_route("/read", read, methods=["POST"])
    rest = len(b'{"a":""}')

    async def chunks(total: int) -> Any:
        yield b'{"a":"'
        for _ in range(total // 1024):
            yield b"a" * 1024
        yield b'"}'

    fits = await small_house.http.post("/read", json={"a": "a" * (MOST - rest - 10)})
    unannounced = await post_raw(small_house, "/read", chunks(MOST - 1024), "application/json")
    refused = await small_house.http.post("/read", json={"a": "a" * MOST})
    lying = await post_raw(small_house, "/read", b"{}", "application/json", **{"Content-Length": "70000"})
    endless = await post_raw(small_house, "/read", chunks(MOST), "application/json")

    assert fits.status_code == unannounced.status_code == 200
    for answer in (refused, lying, endless):
        assert answer.status_code == answer.json()["status"] == 413
        assert answer.headers["content-type"] == "application/problem+json"


@pytest.mark.parametrize(
    "content_type",
    [
        None,
        "",
        "application/json",
        "text/plain",
        "multipart/form-data; boundary=x",
        "application/x-www-form-urlencoded; charset=utf-16",
        "application/x-www-form-urlencoded, application/json",
        "application/x-www-form-urlencodedx",
    ],
)
async def test_s1_a_wrong_content_type_is_400(small_house: House, content_type: str | None) -> None:
    for path in FORMS:
        assert is_refusal(await post_raw(small_house, path, b"grant_type=x&token=x", content_type), 400)


@pytest.mark.parametrize(
    "content_type", [FORM, FORM.upper(), f"{FORM}; charset=UTF-8", f'{FORM};charset="utf-8"']
)
async def test_s1_a_form_may_say_that_it_is_utf8(small_house: House, content_type: str) -> None:
    answer = await post_raw(small_house, "/oauth2/token", b"grant_type=x", content_type)

    assert is_refusal(answer, 401, "invalid_client")


async def test_s1_parameters_in_the_query_are_not_looked_at(small_house: House) -> None:
    client = await small_house.add_client()
    auth = client.basic

    for query, form in (
        ({"grant_type": "client_credentials"}, {}),
        ({"client_id": client.id, "client_secret": client.secret}, {"grant_type": "client_credentials"}),
    ):
        answer = await small_house.http.post(
            "/oauth2/token", params=query, data=form, auth=None if form else auth
        )
        assert answer.status_code in (400, 401)
        assert "access_token" not in answer.text
    unmoved = await small_house.http.post(
        "/oauth2/token",
        params={"grant_type": "password", "scope": "nothing"},
        data={"grant_type": "client_credentials"},
        auth=auth,
    )
    assert unmoved.json()["scope"] == "read write"


@on_sqlite
async def test_s1_every_401_carries_www_authenticate(house: House) -> None:
    client = await house.add_client()
    public = await house.add_client(public=True)
    for answer in [
        *[await house.http.post(path, data={"token": "x", "grant_type": "x"}) for path in FORMS],
        *[await house.http.post(path, data={"token": "x"}, auth=(client.id, "wrong")) for path in FORMS],
        *[await house.http.post(path, data={"token": "x", "client_id": "nobody"}) for path in FORMS],
        await house.post("/oauth2/introspect", public, token="x"),
    ]:
        assert is_refusal(answer, 401, "invalid_client")
        assert answer.headers["www-authenticate"] == 'Basic realm="identity-service", charset="UTF-8"'


@pytest.mark.parametrize("given", ["abc-123", "01J.x:y/z=+_", "a" * 128])
async def test_a_request_id_of_the_caller_comes_back(small_house: House, given: str) -> None:
    answer = await small_house.http.get("/nothing", headers={"X-Request-ID": given})

    assert answer.headers["x-request-id"] == answer.json()["request_id"] == given


@pytest.mark.parametrize("given", ["", "a b", 'a"b', "a" * 129, "<script>", "{jndi:ldap}"])
async def test_attack_40_a_request_id_that_could_write_into_logs_is_replaced(
    small_house: House, given: str
) -> None:
    answer = await small_house.http.get("/nothing", headers={"X-Request-ID": given})

    assert answer.headers["x-request-id"] == answer.json()["request_id"] != given

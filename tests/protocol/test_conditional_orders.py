"""Orders that are neither PATCH nor DELETE make versions, too: `If-Match` counts for each (RFC 9110 §13.1.1)."""

from typing import Any

import pytest

from tests.api_caller import Caller, on_sqlite, program
from tests.house import PASSWORD, House

ORDERS: list[tuple[str, str, dict[str, Any]]] = [
    ("clients", "deactivate", {}),
    ("clients", "activate", {}),
    ("clients", "rotate-secret", {}),
    ("users", "deactivate", {}),
    ("users", "activate", {}),
    ("users", "set-password", {"password": PASSWORD + " too"}),
]
each_order = pytest.mark.parametrize(
    ("kind", "order", "body"), ORDERS, ids=[f"{a} {b}" for a, b, _ in ORDERS]
)


async def seen(house: House, admin: Caller, kind: str, order: str) -> tuple[str, str]:
    """The path of one that the order would change, and its tag now, which is not the one it had first."""
    made = (await house.add_user()) if kind == "users" else (await house.add_client())
    path = f"/{kind}/{made.id}"
    for verb in (
        ("deactivate", "activate", "deactivate") if order == "activate" else ("deactivate", "activate")
    ):
        assert (await admin("POST", f"{path}/{verb}")).status_code == 200
    tag = (await admin("GET", path)).headers["etag"]
    assert tag != '"1"'
    return path, tag


@each_order
@pytest.mark.parametrize(("sent", "status"), [('"1"', 412), ('W/"1"', 412), ("1", 400)])
async def test_rfc9110_s13_1_1_an_order_for_another_version_does_nothing(
    house: House, kind: str, order: str, body: dict[str, Any], sent: str, status: int
) -> None:
    admin = await program(house)
    path, tag = await seen(house, admin, kind, order)

    answer = await admin("POST", f"{path}/{order}", json=body, headers={"If-Match": sent})

    assert (answer.status_code, answer.headers["content-type"]) == (status, "application/problem+json")
    assert (await admin("GET", path)).headers["etag"] == tag


@on_sqlite
@each_order
@pytest.mark.parametrize("sent", ["its tag", "*", None])
async def test_rfc9110_s13_1_1_an_order_for_this_version_or_any_is_done(
    house: House, kind: str, order: str, body: dict[str, Any], sent: str | None
) -> None:
    admin = await program(house)
    path, tag = await seen(house, admin, kind, order)
    condition = {} if sent is None else {"If-Match": tag if sent == "its tag" else sent}

    answer = await admin("POST", f"{path}/{order}", json=body, headers=condition)

    assert answer.status_code == 200
    assert answer.headers["etag"] != tag


@on_sqlite
async def test_every_order_that_makes_a_version_describes_its_condition(house: House) -> None:
    paths = (await house.http.get("/openapi.json")).json()["paths"]
    conditional = set()

    for path, methods in paths.items():
        for method, operation in methods.items():
            takes = "If-Match" in [one["name"] for one in operation.get("parameters", ())]
            tagged = any("ETag" in answer.get("headers", {}) for answer in operation["responses"].values())
            order = method == "post" and "{" in path and tagged
            assert takes == ("412" in operation["responses"]), (method, path)
            assert takes or not order, (method, path)
            if takes and order:
                conditional.add(path)
    assert conditional >= {f"/{kind}/{{{kind[:-1]}_id}}/{order}" for kind, order, _ in ORDERS}

"""How signing in is measured: pages compared byte by byte, bodies that are good once. No load is run."""

import json
from dataclasses import asdict

import pytest
from starlette.testclient import TestClient

from benchmarks.bare_pages import Shown, app_of, differences, read
from benchmarks.bench import Findings
from benchmarks.browser import Page, path_of
from benchmarks.load.wrk import MOST_A_SECOND, Plan, bodies_needed
from benchmarks.processes import Void
from benchmarks.rows import Absent, besides, times
from benchmarks.series import Series, Turn
from benchmarks.wire import request
from identity_service.web.pages import Pages
from identity_service.web.static import read_assets
from identity_service.web.views import ClientShown, ConsentPage, LoginPage

CLIENT = ClientShown(name="App", logo=None, client_uri=None, policy_uri=None, tos_uri=None)
LOGIN = LoginPage(action="/login/1", csrf="a-b_c", username="", client=CLIENT, problem=None, cancel=True)
CONSENT = ConsentPage(
    action="/consent/2",
    csrf="d",
    client=CLIENT,
    account="alice",
    scopes=("openid",),
    claims=(),
    goes_to="https://app.example",
    home="/account",
)
SHOWN = [
    Shown(path=page.action, page=page, form_action=("https://app.example",), headers={"X-Request-ID": "0"})
    for page in (LOGIN, CONSENT)
]


def found(**cpu: list[float]) -> Findings:
    return Findings(
        series={
            name: Series(name, [Turn(cpu=one, backend=0, rate=1, p50=1, p99=2, others=0) for one in each])
            for name, each in cpu.items()
        }
    )


def test_a_page_beside_a_bare_one_is_told_as_how_often_it_costs_that() -> None:
    value = times("page", "bare")(found(page=[300, 900], bare=[200, 600]))
    assert (value.value, value.ours, value.theirs) == (1.5, "600 µs", "400 µs")


def test_beside_two_signatures_is_what_is_left_of_each_round_without_them() -> None:
    value = besides("exchange", "signature", count=2)(found(exchange=[700, 1500], signature=[200, 500]))
    assert (value.value, value.ours, value.theirs) == (400, "1,100 µs", "2 × 350 µs")


@pytest.mark.parametrize("compute", [times("page", "bare"), besides("page", "bare", count=2)])
def test_what_was_not_measured_gives_no_figure(compute: object) -> None:
    with pytest.raises(Absent, match="bare"):
        compute(found(page=[1]))  # type: ignore[operator]  # a Compute


def test_the_bare_server_reads_the_values_that_were_written_for_it() -> None:
    written = json.dumps([{"kind": type(one.page).__name__, **asdict(one)} for one in SHOWN])
    assert read(written) == SHOWN


def test_the_bare_pages_are_those_of_the_server() -> None:
    pages = Pages(site_name="Site", static_url="/static", assets=read_assets())
    with TestClient(app_of(SHOWN, pages)) as http:
        login, consent = (http.get(one.path) for one in SHOWN)
    assert 'name="csrf" value="a-b_c"' in login.text
    assert "<title>Sign in – Site</title>" in login.text
    assert "alice" in consent.text
    assert login.headers["x-request-id"] == "0"
    assert "form-action 'self' https://app.example" in consent.headers["content-security-policy"]


def test_a_page_that_is_not_the_same_byte_by_byte_is_told_with_what_differs() -> None:
    seen = Page("/login/1", {"vary": "Cookie", "x-one": "1"}, b"same")
    assert differences(seen, seen) == []
    assert differences(seen, Page("/login/1", {"vary": "Accept"}, b"other")) == ["vary", "x-one", "the body"]


def test_the_hidden_token_of_a_form_is_read_and_a_page_without_one_is_void() -> None:
    assert Page("/", {}, b'<input type="hidden" name="csrf" value="a-b_c">').csrf == "a-b_c"
    with pytest.raises(Void, match="no form"):
        _ = Page("/", {}, b"nothing").csrf


def test_a_redirect_is_followed_on_this_host_whatever_it_names() -> None:
    assert path_of("http://127.0.0.1:8000/login/1?a=b") == path_of("/login/1") == "/login/1"


def test_there_are_bodies_for_every_turn_and_for_what_is_checked_before_and_after() -> None:
    plan = Plan(rounds=3, seconds=2, connections=16, server_core=1, load_core=0, repeats=1)
    assert bodies_needed(plan) == (2 + 4 * 2) * MOST_A_SECOND + 2 * 5


@pytest.mark.parametrize(("cookie", "line"), [("a=b; c=d", b"\r\nCookie: a=b; c=d\r\n"), ("", b"")])
def test_a_request_is_a_browsers_where_it_has_a_cookie(cookie: str, line: bytes) -> None:
    data = request("GET", "/", port=80, cookie=cookie)
    assert line in data
    assert (b"Cookie" in data) is bool(cookie)

"""The cookies of a browser: their names and attributes over https, and over plain http on loopback (RFC 6265bis)."""

from http.cookies import SimpleCookie

import pytest
from starlette.responses import Response

from identity_service.domain.value_objects.secret import Secret
from identity_service.http.site import Site
from identity_service.web.cookies import BROWSER, SESSION, STATE, forget_session, keep, name_of

OVER_HTTPS = "https://id.example"
ON_LOOPBACK = "http://127.0.0.1:8000"


def site_at(issuer: str) -> Site:
    return Site(issuer=issuer, docs=False, jwks_max_age=1, grants=())


def set_by(response: Response) -> dict[str, dict[str, str]]:
    """The attributes that are there of each cookie, with its value."""
    found: dict[str, dict[str, str]] = {}
    for header in response.headers.getlist("set-cookie"):
        for name, morsel in SimpleCookie(header).items():
            given = {key: str(value) for key, value in morsel.items() if value}
            found[name] = given | {"value": morsel.value}
    return found


@pytest.mark.parametrize(
    ("issuer", "prefix", "secure"),
    [(OVER_HTTPS, "__Host-", {"secure": "True"}), (ON_LOOPBACK, "", {})],
    ids=["over https", "on loopback"],
)
def test_cookies_are_for_this_host_alone_and_for_no_script(
    issuer: str, prefix: str, secure: dict[str, str]
) -> None:
    response = Response()
    keep(response, site_at(issuer), session=Secret("s"), key=Secret("k"))
    common = {"path": "/", "httponly": "True", "samesite": "lax"} | secure

    assert set_by(response) == {
        f"{prefix}{SESSION}": common | {"value": "s"},
        f"{prefix}{BROWSER}": common | {"value": "k"},
    }
    assert "domain" not in str(response.headers).lower()
    assert name_of(SESSION, site_at(issuer)) == f"{prefix}{SESSION}"


@pytest.mark.parametrize(
    ("issuer", "prefix", "attributes"),
    [
        (OVER_HTTPS, "__Host-", {"secure": "True", "samesite": "none"}),
        (ON_LOOPBACK, "", {"samesite": "lax"}),
    ],
    ids=["over https", "on loopback"],
)
def test_session_management_s3_2_a_script_in_a_frame_reads_the_state_and_nothing_else(
    issuer: str, prefix: str, attributes: dict[str, str]
) -> None:
    response = Response()
    keep(response, site_at(issuer), state="b")

    assert set_by(response) == {f"{prefix}{STATE}": {"path": "/", "value": "b"} | attributes}


def test_nothing_is_set_that_is_not_new() -> None:
    response = Response()
    keep(response, site_at(OVER_HTTPS))

    assert set_by(response) == {}


@pytest.mark.parametrize("issuer", [OVER_HTTPS, ON_LOOPBACK])
def test_a_session_is_forgotten_under_the_name_it_had(issuer: str) -> None:
    response = Response()
    forget_session(response, site_at(issuer))
    [(name, attributes)] = set_by(response).items()

    assert name == name_of(SESSION, site_at(issuer))
    assert attributes["max-age"] == "0"
    assert attributes["value"] == ""
    assert ("secure" in attributes) == (issuer == OVER_HTTPS)

"""`session_state` (OIDC Session Management 1.0 §2, §3.2)."""

from hashlib import sha256

import pytest

from identity_service.domain.oauth.session_management import browser_state, session_state
from identity_service.domain.value_objects.ids import ClientId
from identity_service.domain.value_objects.secret import Secret

APP = ClientId("app")


def test_the_browser_state_changes_with_the_session_and_does_not_show_it() -> None:
    one, other = browser_state(Secret("cookie-1")), browser_state(Secret("cookie-2"))
    assert one == browser_state(Secret("cookie-1"))
    assert one != other
    assert "cookie" not in one


def test_s3_2_it_is_what_the_script_works_out_from_client_origin_state_and_salt() -> None:
    found = session_state(APP, redirect_uri="https://App.example:443/cb?x=y", state="b", salt="00ff")
    assert found == f"{sha256(b'app https://app.example b 00ff').hexdigest()}.00ff"


@pytest.mark.parametrize(
    ("client_id", "uri", "state", "salt"),
    [
        ("other", "https://app.example/cb", "b", "00"),
        ("app", "https://app.example:8443/cb", "b", "00"),
        ("app", "http://127.0.0.1/cb", "b", "00"),
        ("app", "https://app.example/cb", "c", "00"),
        ("app", "https://app.example/cb", "b", "01"),
    ],
    ids=["client", "port", "scheme and host", "state", "salt"],
)
def test_s2_another_of_these_has_another_state(client_id: str, uri: str, state: str, salt: str) -> None:
    known = session_state(APP, redirect_uri="https://app.example/cb", state="b", salt="00")
    assert session_state(ClientId(client_id), redirect_uri=uri, state=state, salt=salt) != known


def test_an_app_without_pages_has_none() -> None:
    assert session_state(APP, redirect_uri="com.example.app:/cb", state="b", salt="00") is None

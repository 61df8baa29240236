"""RFC 7523 §3: which claims a client's assertion has to have."""

from typing import Any

import pytest

from identity_service.domain.oauth.client_assertion import (
    Assertion,
    judge,
)
from identity_service.domain.oauth.errors import InvalidClient
from identity_service.domain.oauth.signed_elsewhere import LEEWAY_SECONDS, LONGEST_JTI, LONGEST_LIFE_SECONDS

NOW = 1_800_000_000.5
ISSUER, TOKEN_ENDPOINT = "https://id.example", "https://id.example/oauth2/token"
CLAIMS: dict[str, Any] = {"iss": "c", "sub": "c", "aud": ISSUER, "exp": int(NOW) + 60, "jti": "once"}
GONE = object()


def judged(typ: str | None = None, **changes: Any) -> Assertion:
    claims = {name: value for name, value in (CLAIMS | changes).items() if value is not GONE}
    return judge(claims, typ=typ, client_id="c", audiences={ISSUER, TOKEN_ENDPOINT}, now=NOW)


@pytest.mark.parametrize(
    "changes",
    [
        pytest.param({}, id="as little as will do"),
        pytest.param({"aud": TOKEN_ENDPOINT}, id="meant for the token endpoint"),
        pytest.param({"aud": [ISSUER]}, id="aud as a list"),
        pytest.param({"aud": [ISSUER, TOKEN_ENDPOINT]}, id="both names of ours"),
        pytest.param({"exp": NOW - LEEWAY_SECONDS + 0.5}, id="its end within the leeway"),
        pytest.param({"exp": NOW + LONGEST_LIFE_SECONDS}, id="as long as may be"),
        pytest.param({"iat": NOW + LEEWAY_SECONDS, "nbf": NOW + LEEWAY_SECONDS}, id="a clock ahead of ours"),
        pytest.param({"iat": NOW - LONGEST_LIFE_SECONDS, "nbf": 0}, id="made a while ago"),
        pytest.param({"typ": "jwt"}, id="typ JWT"),
        pytest.param({"typ": "client-authentication+jwt"}, id="typ of its own"),
        pytest.param({"jti": "x" * LONGEST_JTI}, id="a long jti"),
        pytest.param({"more": {"claims": True}}, id="other claims"),
    ],
)
def test_rfc7523_s3_an_assertion_for_this_server_will_do(changes: dict[str, Any]) -> None:
    assert judged(**changes).jti == (CLAIMS | changes)["jti"]


@pytest.mark.parametrize(
    "changes",
    [
        pytest.param({"iss": "d"}, id="1: another iss"),
        pytest.param({"iss": GONE}, id="1: no iss"),
        pytest.param({"sub": "d"}, id="2: another sub"),
        pytest.param({"iss": "d", "sub": "d"}, id="2: another client"),
        pytest.param({"aud": GONE}, id="3: no aud"),
        pytest.param({"aud": "https://other.example"}, id="3: another server"),
        pytest.param({"aud": [ISSUER, "https://other.example"]}, id="3: another server, too"),
        pytest.param({"aud": ISSUER + "/"}, id="3: nearly this server"),
        pytest.param({"aud": []}, id="3: nobody"),
        pytest.param({"aud": [1]}, id="3: a number"),
        pytest.param({"aud": {ISSUER: 1}}, id="3: an object"),
        pytest.param({"exp": GONE}, id="4: no exp"),
        pytest.param({"exp": NOW - LEEWAY_SECONDS}, id="4: run out"),
        pytest.param({"exp": NOW + LONGEST_LIFE_SECONDS + LEEWAY_SECONDS + 1}, id="4: too far away"),
        pytest.param({"exp": str(int(NOW) + 60)}, id="a38: exp as text"),
        pytest.param({"exp": True}, id="a38: exp as truth"),
        pytest.param({"exp": -1}, id="a38: a negative exp"),
        pytest.param({"exp": 10**30}, id="a38: a huge exp"),
        pytest.param({"exp": None}, id="a38: a null exp"),
        pytest.param({"nbf": NOW + LEEWAY_SECONDS + 1}, id="5: not yet"),
        pytest.param({"nbf": "0"}, id="a38: nbf as text"),
        pytest.param({"iat": NOW + LEEWAY_SECONDS + 1}, id="6: made later"),
        pytest.param({"iat": NOW - LONGEST_LIFE_SECONDS - LEEWAY_SECONDS - 1}, id="6: made long ago"),
        pytest.param({"iat": [NOW]}, id="a38: iat as a list"),
        pytest.param({"iat": None}, id="a38: a null iat"),
        pytest.param({"jti": GONE}, id="7: no jti"),
        pytest.param({"jti": ""}, id="7: an empty jti"),
        pytest.param({"jti": 1}, id="7: a number for a jti"),
        pytest.param({"jti": "x" * (LONGEST_JTI + 1)}, id="7: too long a jti"),
        pytest.param({"typ": "at+jwt"}, id="a19: an access token"),
        pytest.param({"typ": "dpop+jwt"}, id="a19: a DPoP proof"),
        pytest.param({"typ": "oauth-authz-req+jwt"}, id="a19: a request object"),
        pytest.param({"typ": "logout+jwt"}, id="a19: a logout token"),
    ],
)
def test_rfc7523_s3_any_other_is_refused_with_one_text(changes: dict[str, Any]) -> None:
    with pytest.raises(InvalidClient) as refused:
        judged(**changes)

    assert refused.value.description == InvalidClient.default


def test_a20_it_is_remembered_for_as_long_as_it_would_be_accepted() -> None:
    until = judged(exp=NOW + 10).until

    assert judged(exp=until - LEEWAY_SECONDS).jti
    with pytest.raises(InvalidClient):
        judge(CLAIMS | {"exp": NOW + 10}, typ=None, client_id="c", audiences={ISSUER}, now=until)

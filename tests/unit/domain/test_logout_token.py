"""What a logout token says (OIDC Back-Channel Logout 1.0 §2.4)."""

from identity_service.domain.oauth import id_token
from identity_service.domain.oauth.logout_token import TYP, LogoutToken, to_claims

TOKEN = LogoutToken(iss="https://id.example", sub="alice", client_id="app", sid="s-1", iat=1000, jti="j-1")


def test_s2_4_it_says_whose_session_is_over_and_nothing_else() -> None:
    assert to_claims(TOKEN) == {
        "iss": "https://id.example",
        "sub": "alice",
        "aud": "app",
        "iat": 1000,
        "exp": 1120,
        "jti": "j-1",
        "sid": "s-1",
        "events": {"http://schemas.openid.net/event/backchannel-logout": {}},
    }


def test_s2_4_its_type_is_its_own_and_it_has_no_nonce() -> None:
    assert TYP == "logout+jwt"
    assert TYP != id_token.TYP
    assert "nonce" not in to_claims(TOKEN)

"""Sets Glewlwyd up over its own administration interface: a scope, the OIDC plugin, a client, a user."""

import http.cookiejar
import json
import secrets
import subprocess
import urllib.error
import urllib.request
from typing import Any

from benchmarks.processes import Void

CLIENT, SECRET = "bench", secrets.token_hex(16)
USER, PASSWORD = "bench", secrets.token_hex(8)
FIRST_ADMINISTRATOR = {"username": "admin", "password": "password"}
"""What its initial database has."""


def set_up(port: int) -> None:
    """Raises Void."""
    base = f"http://127.0.0.1:{port}"
    browser = urllib.request.build_opener(urllib.request.HTTPCookieProcessor(http.cookiejar.CookieJar()))

    def post(path: str, document: dict[str, Any]) -> None:
        data, headers = json.dumps(document).encode(), {"Content-Type": "application/json"}
        try:
            browser.open(urllib.request.Request(base + path, data, headers), timeout=20).close()
        except urllib.error.HTTPError as error:
            raise Void(f"glewlwyd refuses {path}: {error.code} {error.read()[:300]!r}") from None

    post("/api/auth/", FIRST_ADMINISTRATOR)
    post("/api/scope/", {"name": "api", "display_name": "api", "password_required": False, "scheme": {}})
    post("/api/mod/plugin/", _plugin(base))
    post("/api/client/", _client())
    post("/api/user/", {"username": USER, "password": PASSWORD, "enabled": True, "scope": ["api"]})


def _plugin(issuer: str) -> dict[str, Any]:
    private, public = _new_key()
    return {
        "module": "oidc",
        "name": "oidc",
        "display_name": "oidc",
        "order_rank": 0,
        "readonly": False,
        "parameters": {
            "iss": issuer,
            "jwt-type": "rsa",
            "jwt-key-size": "256",
            "key": private,
            "cert": public,
            "access-token-duration": 3600,
            "refresh-token-duration": 86400,
            "code-duration": 600,
            "refresh-token-rolling": True,
            "refresh-token-one-use": "always",
            "allow-non-oidc": True,
            "auth-type-password-enabled": True,
            "auth-type-client-enabled": True,
            "auth-type-refresh-enabled": True,
            "introspection-revocation-allowed": True,
            "introspection-revocation-allow-target-client": True,
            "subject-type": "public",
            "scope": [{"name": "api", "refresh-token-rolling": True}],
            "jwks-show": True,
        },
    }


def _client() -> dict[str, Any]:
    return {
        "client_id": CLIENT,
        "name": CLIENT,
        "enabled": True,
        "confidential": True,
        "client_secret": SECRET,
        "password": SECRET,
        "scope": ["api"],
        "authorization_type": ["client_credentials", "password", "refresh_token"],
        "redirect_uri": ["https://client.example/back"],
        "token_endpoint_auth_method": ["client_secret_basic"],
    }


def _new_key() -> tuple[str, str]:
    private = subprocess.run(["openssl", "genrsa", "2048"], capture_output=True, text=True, check=True).stdout
    public = subprocess.run(
        ["openssl", "rsa", "-pubout"], input=private, capture_output=True, text=True, check=True
    ).stdout
    return private, public

"""Somebody else asks the demo to sign a person in (OIDC Core §4): what of that it believes."""

from collections.abc import Mapping
from urllib.parse import urlencode

import httpx2

from identity_service.demo.party import Party
from identity_service.demo.problem import Problem

LONGEST_HINT = 512


def login_hint(asked: Mapping[str, str], party: Party) -> str | None:
    """Who should sign in, which is for the provider to judge. Raises Problem for another provider than the demo's own.

    `target_link_uri` is not looked at: there is one page here to come back to, and whoever asks is a stranger.
    """
    if asked.get("iss") != party.issuer:
        raise Problem("unknown_issuer", "You were asked to sign in with a provider that is not known here.")
    hint = asked.get("login_hint", "")
    return hint if 0 < len(hint) <= LONGEST_HINT else None


def with_hint(url: str, hint: str | None) -> str:
    """The address of the provider, with the hint in its query."""
    return url if hint is None else str(httpx2.URL(url).copy_add_param("login_hint", hint))


def asked_by_get(asked: Mapping[str, str]) -> str:
    """The same for a form from another site, which comes without our cookie: the browser asks once more."""
    known = {name: asked[name] for name in ("iss", "login_hint") if name in asked}
    return f"/initiate?{urlencode(known)}"

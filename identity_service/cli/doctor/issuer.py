"""Is the server that answers under the issuer's URL the one that calls itself so?"""

import asyncio
import json
from http.client import HTTPException
from typing import Any
from urllib.error import HTTPError, URLError
from urllib.parse import urlsplit
from urllib.request import HTTPRedirectHandler, ProxyHandler, build_opener

from identity_service.cli.doctor.finding import Finding, fail, ok, warn

WELL_KNOWN = "/.well-known/oauth-authorization-server"
TIMEOUT_SECONDS = 3.0
LONGEST = 1_000_000


class _NoRedirect(HTTPRedirectHandler):
    def redirect_request(self, *args: Any) -> None:
        """RFC 8414 §3: the document is at that place."""


def metadata_url(issuer: str, url: str | None) -> str:
    """Where the metadata is (RFC 8414 §3.1: the issuer's path follows the well-known one), or at another address."""
    if url is not None:
        return url.rstrip("/") + WELL_KNOWN
    parts = urlsplit(issuer)
    return f"{parts.scheme}://{parts.netloc}{WELL_KNOWN}{parts.path}"


async def check_issuer(issuer: str, url: str | None) -> Finding:
    """RFC 8414 §3.3: what is served has to name exactly the issuer that others were told."""
    place = metadata_url(issuer, url)
    if urlsplit(place).scheme not in ("http", "https"):
        return fail("issuer", f"--url {url} is no http(s) URL", "give the URL of the running server")
    try:
        document = await asyncio.to_thread(_fetched, place)
    except HTTPError as error:
        return fail("issuer", f"{place} answers {error.code}", _mend(url))
    except (URLError, OSError, HTTPException) as error:
        reason = getattr(error, "reason", None) or error
        return warn(
            "issuer",
            f"{place} cannot be reached: {reason}",
            "start the server, or give its address with --url",
        )
    except ValueError:
        return fail("issuer", f"{place} is no metadata: something else is served there", _mend(url))
    served = document.get("issuer") if isinstance(document, dict) else None
    if served != issuer:
        return fail("issuer", f"{place} says its issuer is {served!r}, but ISSUER is {issuer}", _mend(url))
    return ok("issuer", f"{issuer} is what {place} says")


def _mend(url: str | None) -> str:
    if url is not None:
        return "set ISSUER to the URL under which clients reach the server, and restart it"
    return "set ISSUER to the URL under which clients reach this server, and restart it; check what listens there"


def _fetched(place: str) -> Any:
    opener = build_opener(ProxyHandler({}), _NoRedirect)
    with opener.open(place, timeout=TIMEOUT_SECONDS) as answer:
        return json.loads(answer.read(LONGEST))

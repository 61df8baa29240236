"""Which headers every page has, and what a browser may do with it."""

import re
from collections.abc import Iterable
from urllib.parse import urlsplit

from identity_service.http.security_headers import PERMISSIONS_POLICY

_SOURCE = re.compile(r"[a-z][a-z0-9+.-]*:(?://[A-Za-z0-9._-]+(?::[0-9]{1,5})?)?")
_POLICY = (
    "default-src 'none'; style-src 'self'; img-src 'self' data:; script-src 'self'; form-action {}; "
    "{}frame-ancestors 'none'; base-uri 'none'"
)

# Pages of clients are on https, or on loopback while they are developed.
_FRAMED_POLICY = (
    "default-src 'none'; script-src 'self'; form-action 'none'; base-uri 'none'; "
    "frame-ancestors https: http://127.0.0.1:* http://localhost:*"
)


def form_target(uri: str) -> str:
    """What `form-action` names so that a form, or the redirect after it, may lead to this URI, and `frame-src` so that
    a frame may show it.

    The origin of a web URI, else the scheme. A source has no way to write an IPv6 address (CSP3 §2.3.1): for one of
    those the scheme has to do.
    """
    parts = urlsplit(uri)
    origin = f"{parts.scheme}://{parts.netloc}"
    return origin if parts.netloc and _SOURCE.fullmatch(origin) else f"{parts.scheme}:"


def page_headers(
    *, language: str, form_action: Iterable[str], opener: str, frame_src: Iterable[str] = ()
) -> dict[str, str]:
    """The headers of a page. Raises ValueError for a source that would say something else to a browser."""
    targets, framed = list(form_action), list(frame_src)
    if strange := [each for each in (*targets, *framed) if not _SOURCE.fullmatch(each)]:
        raise ValueError(f"not a source of a policy: {strange}")
    frames = f"frame-src {' '.join(framed)}; " if framed else ""
    return {
        "Content-Security-Policy": _POLICY.format(" ".join(("'self'", *targets)), frames),
        "Content-Language": language,
        "Cache-Control": "no-store",
        "Referrer-Policy": "no-referrer",
        "X-Frame-Options": "DENY",
        "X-Content-Type-Options": "nosniff",
        "Cross-Origin-Opener-Policy": opener,
        "Cross-Origin-Resource-Policy": "same-origin",
        "Permissions-Policy": PERMISSIONS_POLICY,
        "Vary": "Accept-Language, Cookie",
    }


def framed_headers() -> dict[str, str]:
    """The headers of the one page that others may frame, which shows nothing and takes nothing."""
    return {
        "Content-Security-Policy": _FRAMED_POLICY,
        "Cache-Control": "no-store",
        "Referrer-Policy": "no-referrer",
        "X-Content-Type-Options": "nosniff",
        "Cross-Origin-Resource-Policy": "cross-origin",
        "Permissions-Policy": PERMISSIONS_POLICY,
    }

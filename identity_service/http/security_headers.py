"""Which headers every answer has, so that browsers take it for what it is (OWASP Secure Headers Project)."""

from collections.abc import Mapping
from typing import Final

A_YEAR: Final = 31_536_000

SECURITY_HEADERS: Final[Mapping[str, str]] = {
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
    "X-Frame-Options": "DENY",
    "Content-Security-Policy": "default-src 'none'; frame-ancestors 'none'",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Cache-Control": "no-store",
}
"""Of an answer that says nothing else itself: it is data, shown nowhere, kept nowhere (OWASP REST Security)."""

PERMISSIONS_POLICY: Final = ", ".join(
    f"{feature}=()"
    for feature in (
        "accelerometer",
        "autoplay",
        "camera",
        "display-capture",
        "encrypted-media",
        "fullscreen",
        "geolocation",
        "gyroscope",
        "magnetometer",
        "microphone",
        "midi",
        "payment",
        "picture-in-picture",
        "screen-wake-lock",
        "usb",
        "xr-spatial-tracking",
    )
)
"""What a page of ours never asks a browser for, nor may anything that got into it (Permissions Policy §4)."""

STRICT_TRANSPORT_SECURITY: Final = "Strict-Transport-Security"


def security_headers(*, https_for_seconds: int) -> Mapping[str, str]:
    """Those above; where browsers shall insist on https for so long, that too (RFC 6797 §6.1), for hosts below this
    one as well. 0: not."""
    if not https_for_seconds:
        return SECURITY_HEADERS
    insist = f"max-age={https_for_seconds}; includeSubDomains"
    return {**SECURITY_HEADERS, STRICT_TRANSPORT_SECURITY: insist}

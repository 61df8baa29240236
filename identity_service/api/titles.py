"""What a problem is called (RFC 9457 §3.1.4), in the language of whoever is told of it."""

from collections.abc import Mapping
from functools import cache
from gettext import NullTranslations

from starlette.requests import Request

from identity_service.i18n.catalogues import SOURCE, catalogues, later
from identity_service.i18n.languages import accepted, chosen

TITLES = {
    400: later("Bad request"),
    401: later("Authentication needed"),
    403: later("Not allowed"),
    404: later("Not found"),
    405: later("Method not allowed"),
    408: later("Body did not arrive"),
    409: later("Conflict"),
    412: later("Changed meanwhile"),
    413: later("Body too large"),
    415: later("Wrong content type"),
    421: later("Wrong host"),
    422: later("Request not acceptable"),
    428: later("Condition needed"),
    429: later("Too many requests"),
    500: later("Server error"),
    503: later("Temporarily unavailable"),
}
OTHER = later("Error")


def title(status: int) -> str:
    """In English, as programs and the log know it."""
    return TITLES.get(status, OTHER)


def title_for(request: Request, status: int) -> tuple[str, str]:
    """In the first language of Accept-Language that there is, else in English; and the tag of that language."""
    wanted = accepted(",".join(request.headers.getlist("accept-language")))
    language = chosen(wanted, _catalogues(), otherwise=SOURCE)
    return _catalogues()[language].gettext(title(status)), language


@cache
def _catalogues() -> Mapping[str, NullTranslations]:
    return catalogues()

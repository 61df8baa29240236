"""Which access token a request presents."""

import re

from starlette.datastructures import Headers

from identity_service.domain.oauth.errors import InvalidBearerRequest, MissingToken

_SCHEME = re.compile(r"bearer(?: |$)", re.IGNORECASE)
_CREDENTIALS = re.compile(r"bearer +([A-Za-z0-9\-._~+/]+=*)", re.IGNORECASE)


def bearer_token(headers: Headers) -> str:
    """The b64token of the one Authorization header (RFC 6750 §2.1).

    Tokens in a body or a query are not looked for (RFC 9700 §4.3.2).

    Raises:
        MissingToken: no Authorization header, or one of another scheme; its challenge names no error.
        InvalidBearerRequest: two Authorization headers, or a Bearer credential that is no b64token.
    """
    given = headers.getlist("authorization")
    if len(given) > 1:
        raise InvalidBearerRequest("there is more than one Authorization header")
    if not given or _SCHEME.match(given[0]) is None:
        raise MissingToken
    credentials = _CREDENTIALS.fullmatch(given[0])
    if credentials is None:
        raise InvalidBearerRequest
    return credentials[1]

"""What the protocol may answer when it refuses, and which facts each refusal carries.

    OAuthError
    ├── InvalidRequest            400  invalid_request          RFC 6749 §5.2
    │   ├── PayloadTooLarge       413  invalid_request          RFC 9110 §15.5.14
    │   ├── UnsupportedCoding     415  invalid_request          RFC 9110 §15.5.16
    │   └── InvalidBearerRequest  400  invalid_request          RFC 6750 §3.1
    ├── InvalidClient             401  invalid_client           RFC 6749 §5.2
    ├── InvalidGrant              400  invalid_grant            RFC 6749 §5.2
    ├── UnauthorizedClient        400  unauthorized_client      RFC 6749 §5.2
    ├── UnsupportedGrantType      400  unsupported_grant_type   RFC 6749 §5.2
    ├── InvalidScope              400  invalid_scope            RFC 6749 §5.2
    ├── InvalidTarget             400  invalid_target           RFC 8707 §2
    ├── UnsupportedTokenType      400  unsupported_token_type   RFC 7009 §2.2.1
    ├── InvalidRedirectUri        400  invalid_redirect_uri     RFC 7591 §3.2.2
    ├── AccessDenied              403  access_denied            RFC 6749 §4.1.2.1
    ├── InvalidToken              401  invalid_token            RFC 6750 §3.1
    │   └── MissingToken          401  (no code in the challenge)
    ├── InsufficientScope         403  insufficient_scope       RFC 6750 §3.1
    └── TemporarilyUnavailable    503  temporarily_unavailable  RFC 6749 §4.1.2.1
        └── TooManyRequests       429  temporarily_unavailable  RFC 6585 §4

An error has three readers: `code` for the program, a fixed `description` for the developer, `detail` for the
log. Caller input may stand in `detail` alone: a description with input in it carries it into other people's
pages and headers. `status`, `redirectable` and `challenge` belong to the class, so that no raise can differ.
"""

from typing import ClassVar, Literal, LiteralString


class OAuthError(Exception):
    """A refusal that RFC 6749 and its relatives have a code for.

    Args:
        description: one of our own texts, in the characters RFC 6749 §5.2 allows (no quote, no backslash);
            None takes the text of the class.
        detail: for the log only; may quote what the caller sent.
        retry_after_seconds: whole seconds for `Retry-After`; None sends no such header.

    Attributes:
        code: value of `error`.
        status: HTTP status where the answer is not a redirect.
        redirectable: may travel to a validated redirect_uri (RFC 6749 §4.1.2.1).
        challenge: scheme of the `WWW-Authenticate` header, None for no header.
        names_code: the challenge carries `error` and `error_description` (RFC 6750 §3).
    """

    code: ClassVar[str]
    status: ClassVar[int]
    redirectable: ClassVar[bool] = False
    challenge: ClassVar[Literal["Basic", "Bearer"] | None] = None
    names_code: ClassVar[bool] = True
    default: ClassVar[LiteralString]

    def __init__(
        self,
        description: LiteralString | None = None,
        *,
        detail: str | None = None,
        retry_after_seconds: int | None = None,
    ) -> None:
        self.description: str = self.default if description is None else description
        self.detail = detail
        self.retry_after_seconds = retry_after_seconds
        super().__init__(self.description)

    def __str__(self) -> str:
        """Code and description; never `detail`, since somebody will render str(error) to a caller."""
        return f"{self.code}: {self.description}"


class InvalidRequest(OAuthError):
    """A parameter is missing, repeated or malformed, or two client authentication methods were used."""

    code = "invalid_request"
    status = 400
    redirectable = True
    default = "the request is malformed"


class PayloadTooLarge(InvalidRequest):
    """The body is longer than any request of the protocol needs to be."""

    status = 413
    redirectable = False
    default = "the request body is too large"


class UnsupportedCoding(InvalidRequest):
    """The body is compressed, or coded in another way; no body of the protocol is long enough to gain by that."""

    status = 415
    redirectable = False
    default = "the body must come without a content coding"


class InvalidBearerRequest(InvalidRequest):
    """The bearer token was sent twice or is no token68; nobody looked at what it stands for."""

    redirectable = False
    challenge = "Bearer"
    default = "the access token is not sent as RFC 6750 section 2.1 asks"


class InvalidClient(OAuthError):
    """Client authentication failed. Unknown client and wrong secret share one text on purpose."""

    code = "invalid_client"
    status = 401
    challenge = "Basic"
    default = "client authentication failed"


class InvalidGrant(OAuthError):
    """The password, code or refresh token is wrong, spent, ended, or another client's."""

    code = "invalid_grant"
    status = 400
    default = "the grant is invalid, expired, revoked or belongs to another client"


class UnauthorizedClient(OAuthError):
    """The client is known but not registered for this grant or response type."""

    code = "unauthorized_client"
    status = 400
    redirectable = True
    default = "the client is not registered for this"


class UnsupportedGrantType(OAuthError):
    """The server has no such grant."""

    code = "unsupported_grant_type"
    status = 400
    default = "the grant type is not supported"


class InvalidScope(OAuthError):
    """A scope is malformed, unknown, or more than the caller may have."""

    code = "invalid_scope"
    status = 400
    redirectable = True
    default = "the scope is malformed, unknown or not allowed"


class InvalidTarget(OAuthError):
    """A `resource` or `audience` is malformed, unknown, or not open to the client."""

    code = "invalid_target"
    status = 400
    redirectable = True
    default = "the resource is malformed, unknown or not allowed"


class UnsupportedTokenType(OAuthError):
    """Tokens of this kind cannot be revoked."""

    code = "unsupported_token_type"
    status = 400
    default = "tokens of this type cannot be revoked"


class InvalidRedirectUri(OAuthError):
    """A redirect URI that may not be registered."""

    code = "invalid_redirect_uri"
    status = 400
    default = "the redirect URI is not acceptable"


class AccessDenied(OAuthError):
    """The resource owner or the policy said no."""

    code = "access_denied"
    status = 403
    redirectable = True
    default = "access was denied"


class InvalidToken(OAuthError):
    """The bearer token is malformed, expired, ended, or meant for somebody else."""

    code = "invalid_token"
    status = 401
    challenge = "Bearer"
    default = "the access token is invalid, expired or revoked"


class MissingToken(InvalidToken):
    """No bearer token at all: the challenge then names no error (RFC 6750 §3.1, last paragraph)."""

    names_code = False
    default = "an access token is needed"


class InsufficientScope(OAuthError):
    """The token is good and allows less than this asks for.

    Args:
        required_scope: what would have been enough, for the `scope` attribute of the challenge.
    """

    code = "insufficient_scope"
    status = 403
    challenge = "Bearer"
    default = "the access token does not have the scope this needs"

    def __init__(
        self,
        description: LiteralString | None = None,
        *,
        detail: str | None = None,
        retry_after_seconds: int | None = None,
        required_scope: LiteralString | None = None,
    ) -> None:
        super().__init__(description, detail=detail, retry_after_seconds=retry_after_seconds)
        self.required_scope = required_scope


class TemporarilyUnavailable(OAuthError):
    """The server, not the caller, is the reason; trying again makes sense."""

    code = "temporarily_unavailable"
    status = 503
    redirectable = True
    default = "the server cannot answer right now, try again later"


class TooManyRequests(TemporarilyUnavailable):
    """This caller asks more often than it may."""

    status = 429
    default = "too many requests, try again later"

"""What only the authorization endpoint refuses with: each of these travels to the client by redirect.

OAuthError
├── UnsupportedResponseType        unsupported_response_type           RFC 6749 §4.1.2.1
├── InvalidRequestObject           invalid_request_object              OIDC Core §3.1.2.6, RFC 9101 §7
├── InvalidRequestUri              invalid_request_uri                 OIDC Core §3.1.2.6, RFC 9101 §7
├── RequestUriNotSupported         request_uri_not_supported           OIDC Core §3.1.2.6
├── RegistrationNotSupported       registration_not_supported          OIDC Core §3.1.2.6
├── InteractionRequired            interaction_required                OIDC Core §3.1.2.6
│   ├── LoginRequired              login_required
│   ├── AccountSelectionRequired   account_selection_required
│   └── ConsentRequired            consent_required
└── UnmetAuthenticationRequirements  unmet_authentication_requirements  OIDC Unmet Authentication Requirements §2
"""

from identity_service.domain.oauth.errors import OAuthError


class UnsupportedResponseType(OAuthError):
    """This server gives codes, and nothing else, at its front door."""

    code = "unsupported_response_type"
    status = 400
    redirectable = True
    default = "the response type is not supported"


class InvalidRequestObject(OAuthError):
    """What was sent as a request object is none that the client signed for this server (RFC 9101 §6)."""

    code = "invalid_request_object"
    status = 400
    redirectable = True
    default = "the request object is not signed by a key of the client"


class InvalidRequestUri(OAuthError):
    """There is no request object to be had where the client says, or it may not say so (OIDC Core §6.2)."""

    code = "invalid_request_uri"
    status = 400
    redirectable = True
    default = "the request object at request_uri could not be fetched"


class RequestUriNotSupported(OAuthError):
    """A request object was sent by reference (RFC 9101), and the operator has not turned that on."""

    code = "request_uri_not_supported"
    status = 400
    redirectable = True
    default = "request objects by reference are not supported"


class RegistrationNotSupported(OAuthError):
    """Client metadata was sent with the request (OIDC Core §7)."""

    code = "registration_not_supported"
    status = 400
    redirectable = True
    default = "registration within a request is not supported"


class InteractionRequired(OAuthError):
    """The client asked for no page to be shown (`prompt=none`), and one would be needed."""

    code = "interaction_required"
    status = 400
    redirectable = True
    default = "the person would have to be asked something"


class LoginRequired(InteractionRequired):
    """Nobody is signed in, not recently enough, or not the one that was meant."""

    code = "login_required"
    default = "the person has to sign in"


class AccountSelectionRequired(InteractionRequired):
    """It is not clear which account is meant."""

    code = "account_selection_required"
    default = "the person has to choose an account"


class ConsentRequired(InteractionRequired):
    """The person has not agreed to this yet."""

    code = "consent_required"
    default = "the person has to agree"


class UnmetAuthenticationRequirements(OAuthError):
    """An `acr` was demanded as essential, and no way of signing in here gives it."""

    code = "unmet_authentication_requirements"
    status = 400
    redirectable = True
    default = "the authentication that was asked for is not possible here"

"""What the outside may ask of the house: bundles of use cases, without methods of their own."""

from dataclasses import dataclass

from identity_service.application.authentication.client import AuthenticateClient
from identity_service.application.use_cases.oauth2.introspect_token import IntrospectToken
from identity_service.application.use_cases.oauth2.issue_token import IssueToken
from identity_service.application.use_cases.oauth2.revoke_token import RevokeToken


@dataclass(frozen=True, slots=True, kw_only=True)
class OAuth2Service:
    """The token endpoint and its companions."""

    authenticate_client: AuthenticateClient
    issue_token: IssueToken
    introspect_token: IntrospectToken
    revoke_token: RevokeToken


@dataclass(frozen=True, slots=True, kw_only=True)
class Services:
    """Everything that an application instance serves."""

    oauth2: OAuth2Service

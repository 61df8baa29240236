"""What of a client leaves the system; its secret is handed over apart, once."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Self

from pydantic import BaseModel, ConfigDict, Field

from identity_service.domain.entities.client import Client
from identity_service.domain.value_objects.secret import Secret


class ClientView(BaseModel):
    """A registered client; members are named as RFC 7591 §2 and OpenID Connect Registration §2 name them. `version` is
    what its ETag names."""

    model_config = ConfigDict(frozen=True, title="Client")

    client_id: str = Field(examples=["01997d5e-7c1a-7cc3-9d6f-0b5a3a0b8c66"])
    client_name: str = Field(examples=["Shop"])
    grant_types: tuple[str, ...] = Field(examples=[["client_credentials"]])
    response_types: tuple[str, ...] = Field(examples=[[]])
    redirect_uris: tuple[str, ...] = Field(examples=[["https://shop.example/callback"]])
    scope: str = Field(examples=["read write"])
    token_endpoint_auth_method: str | None = Field(examples=["client_secret_basic"])
    client_uri: str | None = None
    logo_uri: str | None = None
    tos_uri: str | None = None
    policy_uri: str | None = None
    initiate_login_uri: str | None = None
    contacts: tuple[str, ...] | None = None
    software_id: str | None = None
    software_version: str | None = None
    resource_server: bool
    audiences: tuple[str, ...]
    access_token_ttl: int | None
    refresh_token_ttl: int | None
    refresh_reuse_grace: int | None
    access_token_signed_response_alg: str | None
    post_logout_redirect_uris: tuple[str, ...] = Field(examples=[["https://shop.example/signed-out"]])
    backchannel_logout_uri: str | None = Field(examples=["https://shop.example/backchannel-logout"])
    backchannel_logout_session_required: bool
    frontchannel_logout_uri: str | None
    frontchannel_logout_session_required: bool
    application_type: str = Field(examples=["web"])
    subject_type: str = Field(examples=["public"])
    sector_identifier_uri: str | None
    id_token_signed_response_alg: str | None
    userinfo_signed_response_alg: str | None
    default_max_age: int | None
    require_auth_time: bool
    default_acr_values: tuple[str, ...]
    first_party: bool
    require_pkce: bool
    jwks: Mapping[str, Any] | None = Field(description="Its public keys (RFC 7517).")
    jwks_uri: str | None
    token_endpoint_auth_signing_alg: str | None
    request_uris: tuple[str, ...]
    request_object_signing_alg: str | None
    require_signed_request_object: bool
    rate_limit_tier: str | None
    active: bool
    registered_by: str | None = Field(
        description="Null: an administrator registered it. Else it registered itself: the id of the initial access "
        "token that it came with, or `open`."
    )
    created_at: datetime
    updated_at: datetime
    version: int = Field(exclude=True, repr=False)

    @classmethod
    def of(cls, client: Client) -> Self:
        """The view of this client."""
        return cls(
            client_id=client.client_id,
            client_name=client.client_name,
            grant_types=tuple(sorted(client.grant_types)),
            response_types=client.response_types,
            redirect_uris=client.redirect_uris,
            scope=str(client.scope),
            token_endpoint_auth_method=client.token_endpoint_auth_method,
            **client.metadata,
            resource_server=client.resource_server,
            audiences=tuple(sorted(client.audiences)),
            access_token_ttl=client.access_token_ttl,
            refresh_token_ttl=client.refresh_token_ttl,
            refresh_reuse_grace=client.refresh_reuse_grace,
            access_token_signed_response_alg=client.access_token_signed_response_alg,
            post_logout_redirect_uris=client.post_logout_redirect_uris,
            backchannel_logout_uri=client.backchannel_logout_uri,
            backchannel_logout_session_required=client.backchannel_logout_session_required,
            frontchannel_logout_uri=client.frontchannel_logout_uri,
            frontchannel_logout_session_required=client.frontchannel_logout_session_required,
            application_type=client.application_type,
            subject_type=client.subject_type,
            sector_identifier_uri=client.sector_identifier_uri,
            id_token_signed_response_alg=client.id_token_signed_response_alg,
            userinfo_signed_response_alg=client.userinfo_signed_response_alg,
            default_max_age=client.default_max_age,
            require_auth_time=client.require_auth_time,
            default_acr_values=client.default_acr_values,
            first_party=client.first_party,
            require_pkce=client.require_pkce,
            jwks=client.jwks,
            jwks_uri=client.jwks_uri,
            token_endpoint_auth_signing_alg=client.token_endpoint_auth_signing_alg,
            request_uris=client.request_uris,
            request_object_signing_alg=client.request_object_signing_alg,
            require_signed_request_object=client.require_signed_request_object,
            rate_limit_tier=client.rate_limit_tier,
            active=client.active,
            registered_by=client.registered_by,
            created_at=client.created_at,
            updated_at=client.updated_at,
            version=client.version,
        )


@dataclass(frozen=True, slots=True)
class ClientWithSecret:
    """A client and the secret just made for it, which is shown this once; None where it was brought along or the
    client is public."""

    client: ClientView
    secret: Secret | None

"""A client as rows, and rows as a client."""

from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy import Row

from identity_service.adapters.sql.schema.clients import clients
from identity_service.domain.entities.client import Client, ClientSecret
from identity_service.domain.value_objects.ids import ClientId
from identity_service.domain.value_objects.scope import Scope

# Kept in tables of their own, or set by the database.
ELSEWHERE = {"secrets", "audiences", "created_at", "updated_at"}


def client_columns(members: Mapping[str, Any]) -> dict[str, Any]:
    """The columns of the client's own row for the given members."""
    return {
        member: _stored(value)
        for member, value in members.items()
        if member not in ELSEWHERE and member in clients.c
    }


def _stored(value: Any) -> Any:
    if isinstance(value, Scope):
        return str(value)
    if isinstance(value, frozenset):
        return sorted(value)
    return list(value) if isinstance(value, tuple) else value


def to_client(rows: Sequence[Row[Any]]) -> Client:
    """The client that these rows describe: the same client, joined with each secret and each audience."""
    row = rows[0]
    secrets = {part.secret_id: _secret(part) for part in rows if part.secret_id is not None}
    return Client(
        client_id=ClientId(row.client_id),
        client_name=row.client_name,
        grant_types=frozenset(row.grant_types),
        response_types=tuple(row.response_types),
        redirect_uris=tuple(row.redirect_uris),
        scope=Scope.parse(row.scope),
        token_endpoint_auth_method=row.token_endpoint_auth_method,
        resource_server=row.resource_server,
        audiences=frozenset(part.audience_uri for part in rows if part.audience_uri is not None),
        access_token_ttl=row.access_token_ttl,
        refresh_token_ttl=row.refresh_token_ttl,
        refresh_reuse_grace=row.refresh_reuse_grace,
        access_token_signed_response_alg=row.access_token_signed_response_alg,
        post_logout_redirect_uris=tuple(row.post_logout_redirect_uris),
        backchannel_logout_uri=row.backchannel_logout_uri,
        backchannel_logout_session_required=row.backchannel_logout_session_required,
        frontchannel_logout_uri=row.frontchannel_logout_uri,
        frontchannel_logout_session_required=row.frontchannel_logout_session_required,
        application_type=row.application_type,
        subject_type=row.subject_type,
        sector_identifier_uri=row.sector_identifier_uri,
        id_token_signed_response_alg=row.id_token_signed_response_alg,
        userinfo_signed_response_alg=row.userinfo_signed_response_alg,
        default_max_age=row.default_max_age,
        require_auth_time=row.require_auth_time,
        default_acr_values=tuple(row.default_acr_values),
        first_party=row.first_party,
        require_pkce=row.require_pkce,
        jwks=row.jwks,
        jwks_uri=row.jwks_uri,
        token_endpoint_auth_signing_alg=row.token_endpoint_auth_signing_alg,
        request_uris=tuple(row.request_uris),
        request_object_signing_alg=row.request_object_signing_alg,
        require_signed_request_object=row.require_signed_request_object,
        rate_limit_tier=row.rate_limit_tier,
        logo_digest=row.logo_digest,
        registered_by=row.registered_by,
        metadata=dict(row.metadata),
        secrets=tuple(secrets.values()),
        active=row.active,
        epoch=row.epoch,
        server_epoch=row.server_epoch,
        version=row.version,
        created_at=row.created_at,
        updated_at=row.updated_at,
    )


def _secret(row: Row[Any]) -> ClientSecret:
    return ClientSecret(
        id=row.secret_id,
        scheme=row.secret_scheme,
        stored=row.secret_stored,
        expires_at=row.secret_expires_at,
        created_at=row.secret_created_at,
    )

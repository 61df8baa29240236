"""Puts the demo user and the demo client into an embedded database."""

import os
from datetime import UTC, datetime
from typing import Any

from identity_service.cli.demo import CLIENT_NAME, SCOPE, USERNAME, Demo
from identity_service.domain.entities.client import Client, ClientSecret
from identity_service.domain.entities.event import ClientCreated, PasswordChanged, UserCreated
from identity_service.domain.entities.user import User
from identity_service.domain.value_objects.ids import ClientId, UserId
from identity_service.domain.value_objects.scope import Scope
from identity_service.domain.value_objects.secret import OpaqueKind, digest, opaque_token

BY = "cli"
UNSET = datetime.min.replace(tzinfo=UTC)


async def make_demo(container: Any, new_id: Any) -> Demo:
    """A new demo client, and the demo user with a new password. Raises StorageUnavailable."""
    password = os.urandom(9).hex()
    secret = opaque_token(OpaqueKind.CLIENT_SECRET, os.urandom(32))
    client = _client(ClientId(new_id()), secret.reveal(), new_id())
    password_hash = await container.hasher().hash(password, address=None)
    names = container.names()
    username = names.username(USERNAME)
    async with container.begin() as uow:
        user = await uow.users.by_username(username.key)
        if user is None:
            user = await uow.users.add(
                _user(UserId(new_id()), username, names.email("demo@example.org"), password_hash)
            )
            uow.events.add(UserCreated(by=BY, user_id=user.id, username=USERNAME))
        else:
            await uow.users.change(
                user.id, {"password_hash": password_hash, "active": True}, version=None, raise_epoch=True
            )
            uow.events.add(PasswordChanged(by=BY, user_id=user.id))
        await uow.clients.add(client)
        uow.events.add(ClientCreated(by=BY, client_id=client.client_id))
        await uow.commit()
    return Demo(
        username=USERNAME, password=password, client_id=client.client_id, client_secret=secret.reveal()
    )


def _user(id_: UserId, username: Any, email: Any, password_hash: str) -> User:
    return User(
        id=id_,
        username=username,
        email=email,
        email_verified=False,
        name="Demo",
        password_hash=password_hash,
        admin=False,
        active=True,
        epoch=1,
        version=1,
        created_at=UNSET,
        updated_at=UNSET,
    )


def _client(client_id: ClientId, secret: str, secret_id: str) -> Client:
    kept = ClientSecret(
        id=secret_id, scheme="sha256", stored=digest(secret).hex(), expires_at=None, created_at=UNSET
    )
    return Client(
        client_id=client_id,
        client_name=CLIENT_NAME,
        grant_types=frozenset({"password", "refresh_token", "client_credentials"}),
        response_types=(),
        redirect_uris=(),
        scope=Scope.parse(SCOPE),
        token_endpoint_auth_method=None,
        resource_server=False,
        audiences=frozenset(),
        access_token_ttl=None,
        refresh_token_ttl=None,
        refresh_reuse_grace=None,
        metadata={},
        secrets=(kept,),
        active=True,
        epoch=1,
        server_epoch=1,
        version=1,
        created_at=UNSET,
        updated_at=UNSET,
    )

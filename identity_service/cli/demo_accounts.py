"""Puts the demo user and the demo clients into an embedded database."""

import os
from dataclasses import replace
from typing import Any

from identity_service.application.use_cases.clients.create_client import NewClient
from identity_service.application.use_cases.clients.update_client import ClientUpdate
from identity_service.application.use_cases.users.create_user import NewUser
from identity_service.application.use_cases.users.set_password import NewPassword
from identity_service.cli.demo import (
    CLIENT_NAME,
    EMAIL,
    GRANT_TYPES,
    PARTY_GRANT_TYPES,
    PARTY_NAME,
    PARTY_SCOPE,
    SCOPE,
    USERNAME,
    Demo,
)
from identity_service.demo.party import redirect_uri, signed_out_uri
from identity_service.domain.refusals import NotFound
from identity_service.domain.services.access_policy import OPERATOR
from identity_service.domain.value_objects.secret import Secret
from identity_service.ports.unit_of_work import Conflict

MOST_PLACES = 20


async def make_demo(services: Any) -> Demo:
    """A new demo client, and the demo user with a new password. Raises StorageUnavailable."""
    password = Secret(os.urandom(9).hex())
    try:
        username = await _make_user(services.users, USERNAME, password)
    except Conflict:  # somebody deleted the demo user, whose name stays taken for a while
        username = await _make_user(services.users, f"{USERNAME}-{os.urandom(3).hex()}", password)
    made = await services.clients.create_client(
        NewClient(by=OPERATOR, client_name=CLIENT_NAME, grant_types=GRANT_TYPES, scope=SCOPE)
    )
    return Demo(
        username=username,
        password=password.reveal(),
        client_id=made.client.client_id,
        client_secret=made.secret.reveal(),
    )


async def with_party(demo: Demo, services: Any, url: str) -> Demo:
    """The demo with a relying party that browsers reach at this URL: the one that it has, or else a new one.

    The port of its redirect URI may be any (RFC 8252 §7.3); where people come back to after signing out is compared
    exactly, so the places of former runs stay beside the one of this run. Raises StorageUnavailable.
    """
    if demo.party_id is None:
        return replace(demo, party_id=await _make_party(services.clients, url))
    try:
        known = await services.clients.get_client(demo.party_id)
    except NotFound:
        return replace(demo, party_id=await _make_party(services.clients, url))
    if not known.active:
        return replace(demo, party_id=await _make_party(services.clients, url))
    if signed_out_uri(url) not in known.post_logout_redirect_uris:
        places = [*known.post_logout_redirect_uris[-MOST_PLACES + 1 :], signed_out_uri(url)]
        members = {"post_logout_redirect_uris": places}
        await services.clients.update_client(
            ClientUpdate(by=OPERATOR, client_id=demo.party_id, members=members)
        )
    return demo


async def _make_party(clients: Any, url: str) -> str:
    order = NewClient(
        by=OPERATOR,
        client_name=PARTY_NAME,
        grant_types=PARTY_GRANT_TYPES,
        redirect_uris=(redirect_uri(url),),
        post_logout_redirect_uris=(signed_out_uri(url),),
        scope=PARTY_SCOPE,
        token_endpoint_auth_method="none",
        application_type="native",
    )
    made = await clients.create_client(order)
    client_id: str = made.client.client_id
    return client_id


async def _make_user(users: Any, username: str, password: Secret) -> str:
    try:
        user = await users.get_user.named(username)
    except NotFound:
        order = NewUser(by=OPERATOR, username=username, email=EMAIL, name="Demo", password=password)
        await users.create_user(order)
        return username
    await users.set_password(NewPassword(by=OPERATOR, user_id=user.id, password=password))
    await users.activate_user(user.id, by=OPERATOR)
    return username

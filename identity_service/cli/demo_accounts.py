"""Puts the demo user and the demo clients into an embedded database."""

import os
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import replace
from typing import Any

from identity_service.application.use_cases.clients.create_client import NewClient
from identity_service.application.use_cases.clients.update_client import ClientUpdate
from identity_service.application.use_cases.registration.initial_access_tokens import InitialAccessTokenOrder
from identity_service.application.use_cases.users.create_user import NewUser
from identity_service.application.use_cases.users.set_password import NewPassword
from identity_service.cli.demo import (
    CLIENT_NAME,
    EMAIL,
    GRANT_TYPES,
    SCOPE,
    USERNAME,
    Demo,
)
from identity_service.domain.refusals import NotFound
from identity_service.domain.services.access_policy import OPERATOR
from identity_service.domain.value_objects.secret import Secret
from identity_service.ports.unit_of_work import Conflict

Register = Callable[[Mapping[str, Any]], Awaitable[str]]
"""Registers what wants to be this, and answers its client id."""

TOKEN_SECONDS = 600
MOST_PLACES = 20
PLACES = "post_logout_redirect_uris"
OF_THIS_RUN = (
    PLACES,
    "token_endpoint_auth_method",
    "token_endpoint_auth_signing_alg",
    "jwks",
    "backchannel_logout_uri",
    "backchannel_logout_session_required",
)
"""Where the demo is in this run, and with which key it speaks; the rest is an operator's to change."""


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


async def with_party(demo: Demo, services: Any, wanted: Mapping[str, Any], register: Register) -> Demo:
    """The demo with a relying party that is registered as it wants to be: the one that it has, or else the one that
    `register` makes.

    The port of its redirect URI may be any (RFC 8252 §7.3). Where people come back to after signing out is compared
    exactly, so the places of former runs stay beside the one of this run. One of an earlier version, which had no key,
    gets it by this. Raises StorageUnavailable.
    """
    known = await _party(demo, services.clients)
    if known is None:
        return replace(demo, party_id=await register(wanted))
    members = {member: wanted[member] for member in OF_THIS_RUN}
    if members[PLACES][0] in known.post_logout_redirect_uris:
        del members[PLACES]
    else:
        members[PLACES] = [*known.post_logout_redirect_uris[-MOST_PLACES + 1 :], *members[PLACES]]
    if any(value != getattr(known, member) for member, value in members.items()):
        order = ClientUpdate(by=OPERATOR, client_id=known.client_id, members=members)
        await services.clients.update_client(order)
    return demo


async def _party(demo: Demo, clients: Any) -> Any:
    """The relying party as it is registered, None where it is not, or may not be used."""
    try:
        known = None if demo.party_id is None else await clients.get_client(demo.party_id)
    except NotFound:
        return None
    return known if known is not None and known.active else None


async def initial_access_token(services: Any) -> str:
    """What lets the demo register itself, once, within the next minutes. Raises StorageUnavailable."""
    order = InitialAccessTokenOrder(
        by=OPERATOR.id, life_seconds=TOKEN_SECONDS, note=f"{CLIENT_NAME} of quickstart"
    )
    made = await services.registration.create_initial_access_token(order)
    token: str = made.token.reveal()
    return token


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

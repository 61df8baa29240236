"""Puts the demo user and the demo client into an embedded database."""

import os
from typing import Any

from identity_service.application.use_cases.clients.create_client import NewClient
from identity_service.application.use_cases.users.create_user import NewUser
from identity_service.application.use_cases.users.set_password import NewPassword
from identity_service.cli.demo import CLIENT_NAME, EMAIL, GRANT_TYPES, SCOPE, USERNAME, Demo
from identity_service.domain.refusals import NotFound
from identity_service.domain.services.access_policy import OPERATOR
from identity_service.domain.value_objects.secret import Secret
from identity_service.ports.unit_of_work import Conflict


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

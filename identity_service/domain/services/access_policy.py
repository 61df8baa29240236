"""Who may change what: the object-level rules of administration."""

from collections.abc import Collection
from dataclasses import dataclass

from identity_service.domain.entities.client import Client
from identity_service.domain.entities.user import User
from identity_service.domain.oauth.errors import InsufficientScope
from identity_service.domain.value_objects.scope import Scope


@dataclass(frozen=True, slots=True)
class Actor:
    """Who gives an order: a user id, a client id, or `cli`. `administers`: with the rights of `admin`."""

    id: str
    administers: bool


OPERATOR = Actor("cli", administers=True)
"""Whoever can run the command line on the server has its database and its keys anyway."""


def owns(caller: Client | Actor, client_id: str) -> bool:
    """Whether the tokens of this client are the caller's to see and to end: its own, or everybody's."""
    return caller.administers if isinstance(caller, Actor) else caller.client_id == client_id


def name_of(caller: Client | Actor) -> str:
    """How events name the caller."""
    return caller.id if isinstance(caller, Actor) else caller.client_id


def check_may_change_user(by: Actor, user: User) -> None:
    """With `users:write` alone nobody touches an administrator: a new password would be a way to become one.

    Raises InsufficientScope.
    """
    if user.admin:
        _needs_admin(by)


def check_may_end_for(by: Actor, user: User) -> None:
    """People end their own sign-ins and take back what they agreed to; for others the rule of `check_may_change_user`
    holds.

    Raises InsufficientScope.
    """
    if by.id != user.id:
        check_may_change_user(by, user)


def check_may_end_any(by: Actor) -> None:
    """Only administrators end a session or families whoever's they are. Raises InsufficientScope."""
    _needs_admin(by)


def check_may_set_admin(by: Actor) -> None:
    """Only administrators make and unmake administrators. Raises InsufficientScope."""
    _needs_admin(by)


def check_may_give(by: Actor, scope: Scope) -> None:
    """Reserved scopes are registered by administrators: a client that has them can use them on its own.

    Raises InsufficientScope.
    """
    if scope.reserved():
        _needs_admin(by)


def check_may_introspect_for(by: Actor, gained: Collection[str]) -> None:
    """Only administrators let a client read other clients' tokens (RFC 7662 §4). `gained` are its new audiences.

    Raises InsufficientScope.
    """
    if gained:
        _needs_admin(by)


def check_may_mark_first_party(by: Actor, first_party: bool) -> None:
    """Only administrators decide that people are not asked whether a client may act for them.

    Raises InsufficientScope.
    """
    if first_party:
        _needs_admin(by)


def check_may_change_client(by: Actor, client: Client) -> None:
    """With `clients:write` alone nobody touches a client with reserved scopes, or one that reads other clients' tokens:
    its secret would give that away. Nor a first-party one: another redirect URI would get codes without consent.

    Raises InsufficientScope.
    """
    check_may_give(by, client.scope)
    check_may_introspect_for(by, client.audiences)
    check_may_mark_first_party(by, client.first_party)


def _needs_admin(by: Actor) -> None:
    if not by.administers:
        raise InsufficientScope(required_scope="admin")

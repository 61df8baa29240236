"""The grants there are, and which of them a request means."""

from collections.abc import Iterable
from typing import Final

from identity_service.application.authentication.subjects import Subjects
from identity_service.application.authentication.user import AuthenticateUser
from identity_service.application.grants.authorization_code import AuthorizationCodeGrant
from identity_service.application.grants.base import DecidesUnasked, Grant
from identity_service.application.grants.client_credentials import ClientCredentials
from identity_service.application.grants.password import Password
from identity_service.application.grants.refresh_token import RefreshToken
from identity_service.domain.entities.client import Client
from identity_service.domain.oauth.errors import UnauthorizedClient, UnsupportedGrantType
from identity_service.ports.token_changes import TokenChanges
from identity_service.ports.unit_of_work import Begin, Read

REMEMBERING: Final = frozenset({ClientCredentials.name, RefreshToken.name, AuthorizationCodeGrant.name})
"""Grants to which a client may be known from memory (docs/decisions/0041): their tokens carry the client's epoch, or
are made by a statement that compares it. A sign-in by password begins its family under the epochs that it reads."""


def all_grants(
    *,
    authenticate_user: AuthenticateUser,
    subjects: Subjects,
    changes: TokenChanges,
    begin: Begin,
    read: Read,
) -> tuple[Grant, ...]:
    """The one list of grants: a new one is a line here."""
    return (
        AuthorizationCodeGrant(changes=changes, begin=begin),
        Password(authenticate_user, subjects=subjects),
        RefreshToken(read),
        ClientCredentials(),
    )


class Grants:
    """The grants by name."""

    def __init__(self, grants: Iterable[Grant]) -> None:
        self._by_name = {grant.name: grant for grant in grants}

    @property
    def all(self) -> tuple[Grant, ...]:
        """Every grant, in the order of the list; the API description follows it."""
        return tuple(self._by_name.values())

    @property
    def names(self) -> tuple[str, ...]:
        """Every `grant_type` a client can be registered for; metadata and validation follow it."""
        return tuple(self._by_name)

    def remembering(self, grant_type: str | None) -> bool:
        """Whether a client that asks for this may be known from memory."""
        return grant_type in REMEMBERING

    def deciding_unasked(self, grant_type: str | None, client: Client) -> DecidesUnasked | None:
        """The grant, if the client may have it and nobody has to be asked about it."""
        grant = None if grant_type is None else self._by_name.get(grant_type)
        if grant is None or grant_type not in client.grant_types or not self.remembering(grant_type):
            return None
        return grant if isinstance(grant, DecidesUnasked) else None

    def choose(self, grant_type: str, client: Client) -> Grant:
        """The grant a client asked for.

        Raises:
            UnsupportedGrantType: there is none of this name.
            UnauthorizedClient: the client is not registered for it.
        """
        grant = self._by_name.get(grant_type)
        if grant is None:
            raise UnsupportedGrantType
        if grant_type not in client.grant_types:
            raise UnauthorizedClient("the client is not registered for this grant type")
        return grant

"""What is due to be purged, and how a batch of it is deleted."""

from dataclasses import dataclass
from typing import Any

from sqlalchemy import Column, Select, Table, delete, func, null, select, update
from sqlalchemy.sql.elements import ColumnElement

from identity_service.adapters.sql.dialect import database_now, seconds_from_now, uuid_text
from identity_service.adapters.sql.schema.accounts import users
from identity_service.adapters.sql.schema.audit import audit_statements, subject_salts
from identity_service.adapters.sql.schema.clients import client_secrets, clients
from identity_service.adapters.sql.schema.history import endings, event_personal_data, events
from identity_service.adapters.sql.schema.keys import signing_keys
from identity_service.adapters.sql.schema.outbox import outbox
from identity_service.adapters.sql.schema.registration import initial_access_tokens
from identity_service.adapters.sql.schema.sign_in import authorization_codes, interactions, sessions
from identity_service.adapters.sql.schema.tokens import families, refresh_tokens, revoked_tokens, spent_jtis
from identity_service.adapters.sql.session import Session
from identity_service.domain.entities.message import MessageStatus
from identity_service.ports.repositories.expired import Expired


@dataclass(frozen=True, slots=True)
class Rule:
    """Rows of one table, named by `key`, whose `moment` has passed. Every moment and every join has an index."""

    key: Column[Any]
    moment: Column[Any]
    joins: tuple[tuple[Table, ColumnElement[bool]], ...] = ()
    also: ColumnElement[bool] | None = None

    def due(self, *, older_than: int, limit: int) -> Select[Any]:
        """The keys of a batch, oldest first. Rows that another transaction has in hand are passed over."""
        statement = select(self.key).select_from(self.key.table)
        for table, on in self.joins:
            statement = statement.join(table, on)
        statement = statement.where(self.moment <= seconds_from_now(-older_than)).order_by(self.moment)
        if self.also is not None:
            statement = statement.where(self.also)
        return statement.limit(limit).with_for_update(skip_locked=True, of=self.key.table)

    def delete(self, keys: list[Any]) -> Any:
        """The statement that deletes these rows."""
        return delete(self.key.table).where(self.key.in_(keys))


_FAMILY = (families, families.c.id == refresh_tokens.c.family_id)
_USER = (users, users.c.id == families.c.user_id)
_CLIENT = (clients, clients.c.client_id == families.c.client_id)
_SUBJECT = (users, uuid_text(users.c.id) == subject_salts.c.subject)
# Entries of the chain go only once a signed statement says so.
_REMOVED = (
    select(func.max(audit_statements.c.size)).where(audit_statements.c.kind == "removal").scalar_subquery()
)
_PERSON = (users, uuid_text(users.c.id) == event_personal_data.c.subject)

# Tokens before their family, families before their owner: a foreign key then finds next to nothing to delete along.
RULES = {
    Expired.REFRESH_TOKENS: Rule(refresh_tokens.c.digest, families.c.expires_at, (_FAMILY,)),
    Expired.FAMILIES: Rule(families.c.id, families.c.expires_at),
    Expired.REVOKED_TOKENS: Rule(revoked_tokens.c.jti, revoked_tokens.c.expires_at),
    Expired.SPENT_JTIS: Rule(spent_jtis.c.digest, spent_jtis.c.expires_at),
    Expired.AUTHORIZATION_CODES: Rule(authorization_codes.c.digest, authorization_codes.c.expires_at),
    Expired.INTERACTIONS: Rule(interactions.c.id, interactions.c.expires_at),
    Expired.SESSIONS: Rule(sessions.c.id, sessions.c.expires_at),
    Expired.ENDINGS: Rule(endings.c.sequence, endings.c.created_at),
    Expired.DELIVERED_MESSAGES: Rule(
        outbox.c.id, outbox.c.settled_at, also=outbox.c.status == MessageStatus.DELIVERED.value
    ),
    Expired.UNDELIVERED_MESSAGES: Rule(
        outbox.c.id, outbox.c.give_up_at, also=outbox.c.status != MessageStatus.DELIVERED.value
    ),
    Expired.CLIENT_SECRETS: Rule(client_secrets.c.id, client_secrets.c.expires_at),
    Expired.INITIAL_ACCESS_TOKENS: Rule(initial_access_tokens.c.id, initial_access_tokens.c.expires_at),
    Expired.SIGNING_KEYS: Rule(
        signing_keys.c.kid, signing_keys.c.verify_until, also=signing_keys.c.status == "retired"
    ),
    Expired.EVENTS: Rule(events.c.id, events.c.occurred_at, also=events.c.chain_position <= _REMOVED),
    Expired.USERS_REFRESH_TOKENS: Rule(refresh_tokens.c.digest, users.c.deleted_at, (_FAMILY, _USER)),
    Expired.USERS_FAMILIES: Rule(families.c.id, users.c.deleted_at, (_USER,)),
    Expired.USERS_PERSONAL_DATA: Rule(event_personal_data.c.event_id, users.c.deleted_at, (_PERSON,)),
    Expired.USERS_SALTS: Rule(subject_salts.c.subject, users.c.deleted_at, (_SUBJECT,)),
    Expired.USERS: Rule(users.c.id, users.c.deleted_at),
    Expired.CLIENTS_REFRESH_TOKENS: Rule(refresh_tokens.c.digest, clients.c.deleted_at, (_FAMILY, _CLIENT)),
    Expired.CLIENTS_FAMILIES: Rule(families.c.id, clients.c.deleted_at, (_CLIENT,)),
    Expired.CLIENTS: Rule(clients.c.client_id, clients.c.deleted_at),
}


class SqlExpiredRows:
    """`ports.ExpiredRows`."""

    def __init__(self, session: Session) -> None:
        self._session = session

    async def delete(self, kind: Expired, *, older_than: int, limit: int) -> int:
        rule = RULES[kind]
        rows = await self._session.execute(rule.due(older_than=older_than, limit=limit))
        keys = list(rows.scalars())
        return (await self._session.execute(rule.delete(keys))).rowcount if keys else 0

    async def erase_nonces(self, *, limit: int) -> int:
        rows = await self._session.execute(nonces_due(limit))
        digests = list(rows.scalars())
        return (await self._session.execute(erasure(digests))).rowcount if digests else 0


def nonces_due(limit: int) -> Select[Any]:
    """Tokens whose nonce has outlived their grace; the table has an index of just these."""
    return (
        select(refresh_tokens.c.digest)
        .where(refresh_tokens.c.nonce.is_not(None), refresh_tokens.c.grace_until <= database_now())
        .order_by(refresh_tokens.c.grace_until)
        .limit(limit)
        .with_for_update(skip_locked=True)
    )


def erasure(digests: list[bytes]) -> Any:
    """The statement that erases these tokens' nonces."""
    return update(refresh_tokens).where(refresh_tokens.c.digest.in_(digests)).values(nonce=null())

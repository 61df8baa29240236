"""How much of the scope that was asked for a token gets (token endpoint)."""

from functools import reduce
from operator import and_

from identity_service.domain.oauth.errors import InvalidScope
from identity_service.domain.value_objects.scope import Scope, is_reserved

LEFT_OUT_QUIETLY = Scope(("openid", "offline_access"))
"""Some programs always add these two, so where they cannot be honoured they are dropped and not refused."""


def narrow(
    asked: Scope | None,
    *,
    ceiling: Scope,
    client: Scope,
    audience: Scope | None = None,
    subject: Scope | None = None,
    may_hold_reserved: bool = False,
    default: Scope | None = None,
) -> Scope:
    """Decide the scope of one token: asked ∩ ceiling ∩ client ∩ audience ∩ subject (RFC 6749 §3.3).

    A scope that was asked for and is not within every ceiling refuses the request; there is no partial grant.
    Only `openid` and `offline_access` are left out instead, and a request for nothing else then yields the
    empty scope, not the default: who asks for less is not given more.

    Nothing asked for means `default`, cut down to the ceilings without complaint. A reserved scope is never
    part of the client's default, and passes only when `may_hold_reserved`.

    Args:
        asked: the `scope` parameter; None or empty for absent.
        ceiling: the most this grant can give. A grant that issues no ID token leaves `openid` out of it, one
            without a refresh token `offline_access`; on a refresh it is the family's scope.
        client: what the client is registered for.
        audience: what the audience knows; None when it does not limit.
        subject: what the subject may have; None when nothing limits it.
        may_hold_reserved: the subject is a client acting for itself, or a user marked administrator.
        default: what an absent scope means; None for all non-reserved ones of the client. A refresh passes
            the family's scope (RFC 6749 §6).

    Raises:
        InvalidScope: something asked for is unknown or not allowed.
    """
    limits = [limit for limit in (client, audience, subject) if limit is not None]
    allowed = reduce(and_, limits, ceiling)
    if not may_hold_reserved:
        allowed = allowed.without_reserved()
    if not asked:
        return (client.without_reserved() if default is None else default) & allowed
    refused = asked - allowed - LEFT_OUT_QUIETLY
    if refused:
        raise InvalidScope("a scope is unknown or not allowed", detail=str(refused))
    return asked & allowed


def is_plain(asked: Scope, *, client: Scope) -> bool:
    """Whether nothing but the ceiling of the grant can refuse what was asked for at this server."""
    return asked <= client and not any(map(is_reserved, asked))


def may_hold_reserved(*, acts_for_itself: bool, user_is_administrator: bool) -> bool:
    """Reserved scopes go to client_credentials of a client that has them registered, or to an administrator.

    Registering them takes an administrator, and a user's token is limited by its client's registration too.

    Args:
        acts_for_itself: the grant is client_credentials, no user takes part.
        user_is_administrator: the user the token stands for is marked administrator.
    """
    return acts_for_itself or user_is_administrator

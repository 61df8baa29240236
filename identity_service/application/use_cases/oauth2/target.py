"""Which resources a token is meant for (RFC 8707)."""

from collections.abc import Sequence
from dataclasses import dataclass

from identity_service.domain.entities.audience import Audience
from identity_service.domain.oauth.errors import InvalidTarget
from identity_service.domain.value_objects.scope import Scope
from identity_service.ports.unit_of_work import Read


@dataclass(frozen=True, slots=True, kw_only=True)
class Target:
    """The `aud` of a token, and the scope its audiences know (None: no limit)."""

    audience: tuple[str, ...]
    scope: Scope | None


class TargetPolicy:
    """Turns the `resource` parameters into an audience.

    Without one it is what the grant was given for, else the server's default. Each must be registered here or be this
    server itself, and lie within what the grant was given for; else `invalid_target` (RFC 8707 §2). `own` are the names
    of this server.
    """

    def __init__(self, *, read: Read, issuer: str, default_audience: str) -> None:
        self._read = read
        self.own = frozenset((issuer, default_audience))
        self._default = (default_audience,)

    async def __call__(self, asked: Sequence[str], *, allowed: tuple[str, ...] | None) -> Target:
        """Raises InvalidTarget."""
        wanted = self._wanted(asked, allowed)
        foreign = [uri for uri in wanted if uri not in self.own]
        known = await self._known(foreign)
        if asked and len(known) != len(foreign):
            raise InvalidTarget
        return Target(audience=wanted, scope=_common_scope(known))

    def unasked(self, asked: Sequence[str], *, allowed: tuple[str, ...] | None) -> Target | None:
        """The same where it is this server alone; else None. Raises InvalidTarget."""
        wanted = self._wanted(asked, allowed)
        return Target(audience=wanted, scope=None) if self.own.issuperset(wanted) else None

    def _wanted(self, asked: Sequence[str], allowed: tuple[str, ...] | None) -> tuple[str, ...]:
        wanted = tuple(dict.fromkeys(asked)) or allowed or self._default
        if allowed is not None and not set(wanted) <= set(allowed):
            raise InvalidTarget("the grant was not given for this resource")
        return wanted

    async def _known(self, uris: Sequence[str]) -> dict[str, Audience]:
        if not uris:
            return {}
        async with self._read() as uow:
            return await uow.audiences.by_uris(uris)


def _common_scope(known: dict[str, Audience]) -> Scope | None:
    limits = [audience.scope for audience in known.values() if audience.scope is not None]
    if not limits:
        return None
    common = limits[0]
    for limit in limits[1:]:
        common = common & limit
    return common

"""What the file of quotas says, and what holds where there is none."""

import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Final, get_args

from identity_service.domain.services.quota import AlgorithmName, Level, Quota

ALL: Final = "all"
ENDPOINTS: Final[Mapping[str, frozenset[Level]]] = {
    "token": frozenset({"global", "client", "address"}),
    "authorize": frozenset({"global", "address"}),
    "sign_in": frozenset({"global", "address"}),
    "introspect": frozenset({"global", "client", "address"}),
    "revoke": frozenset({"global", "client", "address"}),
    "userinfo": frozenset({"global", "user", "address"}),
    "register": frozenset({"global", "address"}),
    "logout": frozenset({"global", "address"}),
    "account": frozenset({"global", "address"}),
    "api": frozenset({"global", "user", "address"}),
}
"""Where requests are counted, and at which levels: nobody is counted under a name that is not proven there."""
PERIODS: Final = {"second": 1, "minute": 60, "hour": 3600, "day": 86_400}
MOST_SECONDS: Final = 31 * 86_400
MOST_REQUESTS: Final = 1_000_000_000
LONGEST_TIER: Final = 32
WITHOUT_REDIS: Final = 0.25
_MEMBERS: Final = {"limit", "per", "algorithm", "burst"}
_LEVELS: Final[tuple[Level, ...]] = get_args(Level)

BUILT_IN: Final = """\
# What a process may count for itself of each quota while Redis is away.
without_redis = 0.25

# Whoever is known by no better name: one address, or one /64 of IPv6.
[address]
token = { limit = 120_000, per = "minute", algorithm = "token_bucket", burst = 30_000 }
authorize = { limit = 120_000, per = "minute", algorithm = "token_bucket", burst = 30_000 }
sign_in = { limit = 120_000, per = "minute", algorithm = "token_bucket", burst = 30_000 }
introspect = { limit = 120_000, per = "minute", algorithm = "token_bucket", burst = 30_000 }
revoke = { limit = 120_000, per = "minute", algorithm = "token_bucket", burst = 30_000 }
userinfo = { limit = 120_000, per = "minute", algorithm = "token_bucket", burst = 30_000 }
logout = { limit = 120_000, per = "minute", algorithm = "token_bucket", burst = 30_000 }
account = { limit = 120_000, per = "minute", algorithm = "token_bucket", burst = 30_000 }
api = { limit = 120_000, per = "minute", algorithm = "token_bucket", burst = 30_000 }
register = { limit = 600, per = "minute" }

# A client that has proven who it is.
[client]
token = { limit = 20_000, per = "second", algorithm = "token_bucket", burst = 40_000 }
introspect = { limit = 200_000, per = "second", algorithm = "token_bucket", burst = 400_000 }
revoke = { limit = 20_000, per = "second", algorithm = "token_bucket", burst = 40_000 }
"""


class InvalidPolicy(ValueError):
    """The text is no policy; the message is one line, and says where."""


@dataclass(frozen=True, slots=True, kw_only=True)
class QuotaPolicy:
    """Every quota there is. `without_redis` is the part of each that a process has while Redis is away."""

    quotas: tuple[Quota, ...]
    without_redis: float = WITHOUT_REDIS

    def of(self, level: Level, endpoint: str, *, tier: str | None = None) -> tuple[Quota, ...]:
        """What a request of this level is counted in at this endpoint: the quota of the endpoint, and the one of all
        together. A tier's own quota stands in the place of the one for clients of no tier."""
        found = (self._one(level, name, tier) for name in (endpoint, ALL))
        return tuple(quota for quota in found if quota is not None)

    def _one(self, level: Level, name: str, tier: str | None) -> Quota | None:
        fitting = [
            quota
            for quota in self.quotas
            if (quota.level, quota.endpoint) == (level, name) and quota.tier in (None, tier)
        ]
        return max(fitting, key=lambda quota: quota.tier is not None, default=None)

    @property
    def tiers(self) -> tuple[str, ...]:
        """The tiers that have quotas of their own."""
        return tuple(dict.fromkeys(quota.tier for quota in self.quotas if quota.tier is not None))


def is_tier(text: str) -> bool:
    """Whether this can be the name of a tier: letters, digits, `-` and `_`, at most 32 of them."""
    plain = text.isascii() and text.replace("-", "").replace("_", "").isalnum()
    return plain and len(text) <= LONGEST_TIER


def parse_policy(text: str) -> QuotaPolicy:
    """The policy that a TOML text states. Raises InvalidPolicy."""
    try:
        members = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise InvalidPolicy(f"it is no TOML: {error}") from None
    unknown = members.keys() - {"without_redis", "tier", *_LEVELS}
    if unknown:
        raise InvalidPolicy(f"{min(unknown)}: there are without_redis, tier, {', '.join(_LEVELS)}")
    return QuotaPolicy(
        quotas=tuple(_quotas(members)),
        without_redis=_share(members.get("without_redis", WITHOUT_REDIS)),
    )


def built_in_policy() -> QuotaPolicy:
    """What holds where there is no file: far above ordinary use, below a flood."""
    return parse_policy(BUILT_IN)


def _share(value: Any) -> float:
    if isinstance(value, bool) or not isinstance(value, (int, float)) or not 0 < value <= 1:
        raise InvalidPolicy("without_redis: wants a number above 0, and 1 at most")
    return float(value)


def _quotas(members: Mapping[str, Any]) -> Iterator[Quota]:
    for level in _LEVELS:
        for name, value in _table(level, members.get(level, {})).items():
            yield _quota(level, name, value, where=f"{level}.{name}", tier=None)
    for tier, table in _table("tier", members.get("tier", {})).items():
        if not is_tier(tier):
            raise InvalidPolicy(f"tier.{tier}: wants a name of letters, digits, - and _, of at most 32")
        for name, value in _table(f"tier.{tier}", table).items():
            yield _quota("client", name, value, where=f"tier.{tier}.{name}", tier=tier)


def _table(where: str, value: Any) -> Mapping[str, Any]:
    if not isinstance(value, dict):
        raise InvalidPolicy(f"{where}: wants a table, such as [{where}]")
    return value


def _quota(level: Level, endpoint: str, value: Any, *, where: str, tier: str | None) -> Quota:
    here = [name for name, levels in ENDPOINTS.items() if level in levels]
    if endpoint != ALL and endpoint not in here:
        raise InvalidPolicy(f"{where}: at the level {level} there are {', '.join((ALL, *here))}")
    members = _table(where, value)
    unknown = members.keys() - _MEMBERS
    if unknown:
        raise InvalidPolicy(f"{where}.{min(unknown)}: a quota has limit, per, algorithm and burst")
    limit = _number(f"{where}.limit", members.get("limit"), most=MOST_REQUESTS)
    algorithm = _algorithm(where, members.get("algorithm", "sliding_window"))
    return Quota(
        level=level,
        endpoint=endpoint,
        limit=limit,
        per_seconds=_seconds(f"{where}.per", members.get("per")),
        algorithm=algorithm,
        burst=_burst(f"{where}.burst", members, algorithm, limit),
        tier=tier,
    )


def _number(where: str, value: Any, *, most: int) -> int:
    if isinstance(value, bool) or not isinstance(value, int) or not 1 <= value <= most:
        raise InvalidPolicy(f"{where}: wants a whole number from 1 to {most}")
    return value


def _seconds(where: str, value: Any) -> int:
    if isinstance(value, str) and value in PERIODS:
        return PERIODS[value]
    if isinstance(value, str) or value is None:
        raise InvalidPolicy(f"{where}: wants {', '.join(PERIODS)}, or a number of seconds")
    return _number(where, value, most=MOST_SECONDS)


def _algorithm(where: str, value: Any) -> AlgorithmName:
    names: tuple[AlgorithmName, ...] = get_args(AlgorithmName)
    for name in names:
        if value == name:
            return name
    raise InvalidPolicy(f"{where}.algorithm: wants {', '.join(names)}")


def _burst(where: str, members: Mapping[str, Any], algorithm: AlgorithmName, limit: int) -> int:
    if algorithm != "token_bucket":
        if "burst" in members:
            raise InvalidPolicy(f"{where}: only a token_bucket has one")
        return 0
    return _number(where, members.get("burst", limit), most=MOST_REQUESTS)

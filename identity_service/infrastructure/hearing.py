"""How an application instance hears of endings: the parts of `application/liveness` that run by themselves."""

import time
from typing import Any

from dependency_injector import containers, providers

from identity_service.adapters.sql.endings_feed import endings_feed
from identity_service.application.liveness.ended_tokens import EndedTokens
from identity_service.application.liveness.ended_window import EndedWindow
from identity_service.application.liveness.endings import Endings
from identity_service.application.liveness.follower import FeedFollower
from identity_service.application.liveness.keys_in_use import KeysInUse
from identity_service.application.liveness.lease import Lease
from identity_service.application.liveness.liveness import Liveness
from identity_service.application.liveness.read_ended_tokens import ReadEndedTokens
from identity_service.infrastructure import with_redis

_CLOCK = getattr(time, "CLOCK_BOOTTIME", time.CLOCK_MONOTONIC)


def boottime() -> float:
    """Seconds that go on while the machine sleeps; where there is no such clock, the monotonic one."""
    return time.clock_gettime(_CLOCK)


class Hearing(containers.DeclarativeContainer):
    """Window, lease, feed and carrier of one application instance."""

    settings: Any = providers.Dependency()
    redis: Any = providers.Dependency()
    keyed_digest: Any = providers.Dependency()
    database_options: Any = providers.Dependency()
    on_silence: Any = providers.Dependency()
    load_keys: Any = providers.Dependency()
    read: Any = providers.Dependency()

    window = providers.Singleton(EndedWindow, most_tags=settings.provided.ended_window_tags)
    ended_tokens = providers.Singleton(EndedTokens, most=settings.provided.ended_window_tags)
    lease = providers.Singleton(
        Lease,
        providers.Object(boottime),
        tolerance_seconds=settings.provided.stale_while_database_away_seconds,
    )
    carrier = providers.Singleton(with_redis.endings_carrier, settings, redis, keyed_digest)
    endings = providers.Singleton(Endings, window=window, tokens=ended_tokens, carrier=carrier)
    feed = providers.Singleton(endings_feed, database_options, on_silence=on_silence)
    keys = providers.Singleton(KeysInUse, endings=endings, lease=lease, load_keys=load_keys)
    liveness = providers.Singleton(
        Liveness,
        follower=providers.Singleton(
            FeedFollower,
            feed=feed,
            endings=endings,
            lease=lease,
            clock=providers.Object(boottime),
            interval_seconds=settings.provided.feed_interval_seconds,
        ),
        feed=feed,
        carrier=carrier,
        endings=endings,
        lease=lease,
        keys=keys,
        ended_tokens=providers.Singleton(ReadEndedTokens, read=read, tokens=ended_tokens, endings=endings),
    )

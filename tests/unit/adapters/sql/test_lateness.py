"""The loop's lateness is the time by which its beats came too late."""

import asyncio

from identity_service.adapters.sql.lateness import BEAT_SECONDS, Lateness


async def test_a_beat_in_time_is_not_late_and_one_that_is_still_to_come_counts() -> None:
    now = [100.0]
    async with Lateness(lambda: now[0]) as late:
        now[0] += BEAT_SECONDS
        assert late.seconds == 0
        now[0] += 2
        assert round(late.seconds, 6) == 2


async def test_beats_that_came_late_add_up() -> None:
    moments = iter([0.0, 1.0, 3.0, 3.0])
    beats = asyncio.Event()

    def clock() -> float:
        moment = next(moments, None)
        if moment is None:
            beats.set()
            return 3.0
        return moment

    async with Lateness(clock) as late:
        async with asyncio.timeout(60):
            await beats.wait()
        assert round(late.seconds, 6) == round(3.0 - 2 * BEAT_SECONDS, 6)

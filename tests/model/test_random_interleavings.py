"""Three servers under random interleavings and faults keep the promise about ended tokens (PROTOCOL.md §§2 to 5).

A run is drawn from one seed, which it prints. When it fails it tells the shortest story that breaks the promise, and
where the whole history was kept. To see it again:

    MODEL_SEED=4711 sh scripts/test -n 0 tests/model -k short     # the same decisions; MODEL_OPERATIONS for more
    python -m tests.model /tmp/…/history.json                     # the same history, judged again

The timing is the machine's, so a seed that failed once may have to be tried a few times.
"""

import os
import secrets
from pathlib import Path

import pytest

from tests.model.judge import violations
from tests.model.run import Size, run
from tests.model.story import report
from tests.model.town import a_town
from tests.servers.databases import Databases
from tests.servers.redis import RedisServer

SHORT = Size(operations=1500, callers=5, every=0.2, everything_revoked=0, keys_rotated=0)
LONG = Size(operations=25_000, callers=8, every=0.4, at_once=2, everything_revoked=2, keys_rotated=2)


async def holds(
    folder: Path, database_url: str, redis: RedisServer, size: Size, *, workers: tuple[int, ...]
) -> None:
    seed = int(os.environ.get("MODEL_SEED") or secrets.randbits(32))
    size = size.resized(int(os.environ.get("MODEL_OPERATIONS") or size.operations))
    print(f"{seed=} {size}")
    async with a_town(folder, database_url, redis, workers=workers) as town:
        history = await run(town, seed, size)
    kept = folder / "history.json"
    history.write(kept)
    print(history.summary())
    found = violations(history)
    if found:
        pytest.fail(f"MODEL_SEED={seed}, {kept}\n{report(history, found)}", pytrace=False)
    assert len(history.calls) >= size.operations


async def test_s5_the_promise_holds_in_a_short_history(
    postgres: Databases, redis_server: RedisServer, tmp_path: Path
) -> None:
    await holds(tmp_path, await postgres.database(), redis_server, SHORT, workers=(1, 1, 1))


@pytest.mark.all
@pytest.mark.parametrize("quarter", range(4))
async def test_s5_the_promise_holds_in_a_hundred_thousand_calls(
    postgres: Databases, redis_server: RedisServer, tmp_path: Path, quarter: int
) -> None:
    """Four histories of their own, so that processes share them out and each is done within pytest's five minutes."""
    await holds(tmp_path, await postgres.database(), redis_server, LONG, workers=(1, 1, 2))

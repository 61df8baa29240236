"""The hashing pool: off the loop, fair, bounded, shared, cancellable, cleanly closed (PROTOCOL §7)."""

import asyncio
import os
import sys
import threading

import pytest

from identity_service.adapters.crypto.hashing_pool import ALWAYS_ADMITTED, HashingPool
from identity_service.ports.security import HashingBusy, Standing


class Gate:
    """A job that holds its thread until the gate is opened."""

    def __init__(self):
        self.entered = threading.Event()
        self.opened = threading.Event()

    def __call__(self):
        self.entered.set()
        assert self.opened.wait(30)
        return "passed"


@pytest.fixture
def gate():
    made = Gate()
    yield made
    made.opened.set()


@pytest.fixture
async def pool(gate):
    """One thread; a job is taken to last 0.3 s, so the 64 that are always admitted are the bound."""
    made = HashingPool(threads=1, first_estimate_seconds=0.3)
    yield made
    gate.opened.set()
    await made.close()


async def turns(count=5):
    for _ in range(count):
        await asyncio.sleep(0)


async def enter(pool, job, address):
    """Starts a call and lets it get as far as it gets without waiting for threads."""
    task = asyncio.ensure_future(pool.run(job, address=address))
    await turns(3)
    return task


async def occupy(pool, gate):
    task = await enter(pool, gate, "holder")
    assert pool.running == 1
    return task


async def fill(pool, addresses):
    return [await enter(pool, lambda: None, address) for address in addresses]


async def test_a_result_and_an_exception_come_back_from_another_thread(pool):
    loop_thread = threading.get_ident()
    assert await pool.run(threading.get_ident, address="a") != loop_thread
    with pytest.raises(ZeroDivisionError):
        await pool.run(lambda: 1 / 0, address="a")
    assert (pool.queued, pool.running, pool.refused) == (0, 0, 0)


async def test_s7_the_event_loop_goes_on_while_a_job_holds_its_thread(pool, gate):
    held = asyncio.ensure_future(pool.run(gate, address="a"))
    assert await asyncio.to_thread(gate.entered.wait, 30)
    await turns(1_000)
    assert not held.done()
    gate.opened.set()
    assert await held == "passed"


async def test_s7_addresses_take_turns_however_many_entries_one_has(pool, gate):
    order = []
    tasks = [await occupy(pool, gate)]
    for name in ("a1", "a2", "a3", "a4", "b1", "c1", "b2"):
        tasks.append(await enter(pool, lambda name=name: order.append(name), name[0]))
    assert (pool.queued, pool.running) == (7, 1)
    gate.opened.set()
    await asyncio.gather(*tasks)
    assert order == ["a1", "b1", "c1", "a2", "b2", "a3", "a4"]


async def test_no_more_jobs_run_at_once_than_there_are_threads():
    gates = [Gate() for _ in range(3)]
    pool = HashingPool(threads=2)
    tasks = [await enter(pool, gate, str(number)) for number, gate in enumerate(gates)]
    assert (pool.queued, pool.running) == (1, 2)
    assert not gates[2].entered.is_set()
    gates[0].opened.set()
    await tasks[0]
    await turns()
    assert (pool.queued, pool.running) == (0, 2)
    for gate in gates:
        gate.opened.set()
    await asyncio.gather(*tasks)
    await pool.close()


async def test_s7_64_entries_are_always_admitted_and_the_65th_is_refused_with_a_time(pool, gate):
    tasks = [await occupy(pool, gate), *await fill(pool, map(str, range(ALWAYS_ADMITTED)))]
    assert (pool.queued, pool.refused) == (64, 0)
    with pytest.raises(HashingBusy) as busy:
        await pool.run(lambda: None, address="late")
    assert busy.value.retry_after_seconds == 20  # 65 pending × 0.3 s, rounded up
    assert (pool.queued, pool.refused) == (64, 1)
    gate.opened.set()
    await asyncio.gather(*tasks)
    assert await pool.run(lambda: "later there is room", address="late") == "later there is room"


async def test_s7_beyond_64_the_predicted_wait_is_the_bound():
    gate = Gate()
    pool = HashingPool(threads=1, max_wait_seconds=10, first_estimate_seconds=0.1)
    tasks = [await occupy(pool, gate), *await fill(pool, map(str, range(99)))]  # 100 pending × 0.1 s
    assert (pool.queued, pool.refused) == (99, 0)
    with pytest.raises(HashingBusy):
        await pool.run(lambda: None, address="late")
    gate.opened.set()
    await asyncio.gather(*tasks)
    await pool.close()


async def test_s7_the_prediction_follows_what_jobs_really_take():
    gate, ticks = Gate(), iter(range(0, 10_000, 5))  # the clock moves 5 s between any two looks
    pool = HashingPool(threads=1, max_wait_seconds=10, first_estimate_seconds=0.1, clock=lambda: next(ticks))
    for _ in range(20):
        await pool.run(lambda: None, address="a")
    tasks = [await occupy(pool, gate), *await fill(pool, map(str, range(64)))]
    with pytest.raises(HashingBusy) as busy:
        await pool.run(lambda: None, address="late")
    assert busy.value.retry_after_seconds == 60
    gate.opened.set()
    await asyncio.gather(*tasks)
    await pool.close()


async def test_s7_alone_an_address_may_fill_the_queue(pool, gate):
    tasks = [await occupy(pool, gate), *await fill(pool, ["only"] * 64)]
    assert (pool.queued, pool.refused) == (64, 0)
    gate.opened.set()
    await asyncio.gather(*tasks)


async def test_s7_while_others_wait_an_address_holds_at_most_half(pool, gate):
    tasks = [await occupy(pool, gate), *await fill(pool, ["other", *["greedy"] * 32])]
    with pytest.raises(HashingBusy):
        await pool.run(lambda: None, address="greedy")
    tasks += await fill(pool, ["other"])
    assert (pool.queued, pool.refused) == (34, 1)
    gate.opened.set()
    await asyncio.gather(*tasks)


async def test_s7_callers_without_an_address_share_one_place(pool, gate):
    tasks = [await occupy(pool, gate), *await fill(pool, ["other", *[None] * 32])]
    with pytest.raises(HashingBusy):
        await pool.run(lambda: None, address=None)
    gate.opened.set()
    await asyncio.gather(*tasks)


async def test_s35_a_full_queue_makes_room_by_sending_away_the_newest_of_the_greediest(pool, gate):
    tasks = [await occupy(pool, gate), *await fill(pool, ["greedy"] * 64)]
    modest = await enter(pool, lambda: "modest was served", "modest")
    assert (pool.queued, pool.refused) == (64, 1)
    with pytest.raises(HashingBusy):
        await tasks[-1]
    assert not any(task.done() for task in tasks[:-1])
    with pytest.raises(HashingBusy):
        await pool.run(lambda: None, address="greedy")
    gate.opened.set()
    assert await modest == "modest was served"
    await asyncio.gather(*tasks[:-1])


async def test_s35_nobody_is_sent_away_for_an_address_that_holds_as_much(pool, gate):
    tasks = [await occupy(pool, gate), *await fill(pool, ["a", "b"] * 32)]
    for address in ("a", "b"):
        with pytest.raises(HashingBusy):
            await pool.run(lambda: None, address=address)
    assert pool.queued == 64
    gate.opened.set()
    await asyncio.gather(*tasks)


async def test_s35_who_is_known_or_new_is_let_in_while_suspects_fill_the_queue(pool, gate):
    holder = await occupy(pool, gate)
    suspects = [
        asyncio.ensure_future(pool.run(int, address=f"s{n}", standing=Standing.SUSPECT)) for n in range(64)
    ]
    await turns()
    with pytest.raises(HashingBusy):
        await pool.run(int, address="late", standing=Standing.SUSPECT)
    with pytest.raises(HashingBusy):
        pool.expect_room("late", Standing.SUSPECT)
    order = []
    others = [
        asyncio.ensure_future(
            pool.run(lambda n=standing.name: order.append(n), address="x", standing=standing)
        )
        for standing in (Standing.FRESH, Standing.KNOWN)
    ]
    await turns()
    gate.opened.set()
    await asyncio.gather(holder, *others)
    left = await asyncio.gather(*suspects, return_exceptions=True)
    assert sorted(order) == ["FRESH", "KNOWN"]
    assert [isinstance(each, HashingBusy) for each in left].count(True) == 2


async def test_threads_that_hash_give_way_to_the_loop(pool):
    nicer = 5 if sys.platform == "linux" else 0  # elsewhere threads have no niceness of their own
    nice = await pool.run(lambda: os.getpriority(os.PRIO_PROCESS, threading.get_native_id()), address="a")
    assert nice == min(19, os.nice(0) + nicer)
    assert os.getpriority(os.PRIO_PROCESS, threading.get_native_id()) == os.nice(0)


async def test_a_cancelled_caller_frees_its_place_and_its_job_never_runs(pool, gate):
    ran = []
    holder = await occupy(pool, gate)
    cancelled = await enter(pool, lambda: ran.append("cancelled"), "a")
    kept = await enter(pool, lambda: ran.append("kept"), "a")
    cancelled.cancel()
    with pytest.raises(asyncio.CancelledError):
        await cancelled
    assert pool.queued == 1
    gate.opened.set()
    await asyncio.gather(holder, kept)
    assert ran == ["kept"]


async def test_a_caller_cancelled_at_the_moment_of_its_turn_is_passed_over(pool, gate, monkeypatch):
    holder = await occupy(pool, gate)
    ran = []
    waiting = await enter(pool, lambda: ran.append("cancelled"), "a")
    waiting.cancel()  # its coroutine has not run since, so that its entry still stands in the queue
    monkeypatch.setattr(pool, "_threads", 2)
    pool._start_waiting()
    assert (pool.queued, pool.running) == (0, 1)
    gate.opened.set()
    await asyncio.gather(holder, waiting, return_exceptions=True)
    assert ran == []


async def test_a_job_that_runs_keeps_its_thread_when_its_caller_is_cancelled(pool, gate):
    holder = await occupy(pool, gate)
    following = await enter(pool, lambda: "followed", "b")
    holder.cancel()
    with pytest.raises(asyncio.CancelledError):
        await holder
    assert (pool.queued, pool.running) == (1, 1)
    gate.opened.set()
    assert await following == "followed"


async def test_close_sends_the_waiting_away_finishes_the_running_and_refuses_newcomers(pool, gate):
    holder = await occupy(pool, gate)
    waiting = await enter(pool, lambda: None, "a")
    closing = asyncio.ensure_future(pool.close())
    with pytest.raises(HashingBusy):
        await waiting
    assert not closing.done()
    gate.opened.set()
    await closing
    assert await holder == "passed"
    with pytest.raises(HashingBusy):
        await pool.run(lambda: None, address="late")
    assert not [thread for thread in threading.enumerate() if thread.name.startswith("hashing")]


def test_the_default_is_one_thread_a_usable_cpu(monkeypatch):
    monkeypatch.setattr("os.sched_getaffinity", lambda _: {0, 3, 5}, raising=False)
    assert HashingPool()._threads == 3
    monkeypatch.delattr("os.sched_getaffinity")
    monkeypatch.setattr("os.cpu_count", lambda: 7)
    assert HashingPool()._threads == 7


@pytest.mark.parametrize("wrong", [{"threads": 0}, {"threads": -1}, {"max_wait_seconds": 0}])
def test_a_pool_that_could_never_run_is_refused(wrong):
    with pytest.raises(ValueError, match="at least one thread and a positive longest wait"):
        HashingPool(**wrong)


async def test_started_waited_finished_and_busy_are_counted(gate):
    now = [10.0]
    pool = HashingPool(threads=1, clock=lambda: now[0])
    holder = await enter(pool, gate, "a")
    assert await asyncio.to_thread(gate.entered.wait, 30)
    second = await enter(pool, lambda: None, "b")
    assert (pool.started, pool.finished, pool.waited_seconds) == (1, 0, 0)
    now[0] = 15.0
    gate.opened.set()
    await asyncio.gather(holder, second)
    await pool.close()
    assert (pool.started, pool.finished) == (2, 2)
    assert pool.busy_seconds == pool.waited_seconds == 5

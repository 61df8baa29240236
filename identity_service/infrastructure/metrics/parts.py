"""What the parts of an application instance have counted, and how they stand."""

from collections.abc import Mapping
from typing import Any

from identity_service.adapters.crypto.hashing_pool import HashingPool
from identity_service.adapters.prometheus.families import Family, counter, gauge
from identity_service.adapters.sql.database import Database
from identity_service.application.admission.admission import Tally
from identity_service.application.admission.policy_in_use import PolicyInUse
from identity_service.application.liveness.answers import Answers
from identity_service.application.liveness.ended_window import EndedWindow
from identity_service.application.liveness.liveness import LivenessState
from identity_service.application.liveness.ready_answers import ReadyAnswers
from identity_service.application.run_state import RunState


def of_run(state: RunState) -> list[Family]:
    """Whether the process may be sent requests, apart from what its database says."""
    prepared = gauge("identity_prepared", "Processes that hold the keys they need.")
    prepared.add(int(state.prepared))
    draining = gauge("identity_draining", "Processes that were told to stop and are finishing.")
    draining.add(int(state.draining))
    return [prepared, draining]


def of_tokens(issued: Mapping[str, int]) -> list[Family]:
    """Access tokens by the grant that they were asked for with."""
    tokens = counter("identity_access_tokens_issued_total", "Access tokens issued, by grant type.")
    for grant_type, number in issued.items():
        tokens.add(number, grant_type=grant_type)
    return [tokens]


def of_refreshes(found: Mapping[str, int], ended: int) -> list[Family]:
    """What was suspicious about refreshes, and what came of it (docs/decisions/0091)."""
    findings = counter("identity_refresh_findings_total", "Rules that refreshes broke, by rule.")
    for rule, number in found.items():
        findings.add(number, rule=rule)
    families = counter("identity_families_ended_for_risk_total", "Token families that ended for it.")
    families.add(ended)
    return [findings, families]


def of_hashing(pool: HashingPool) -> list[Family]:
    """The pool in which passwords are hashed (PROTOCOL §7)."""
    queued = gauge("identity_hashing_queued", "Sign-ins that wait for a thread to hash in.")
    queued.add(pool.queued)
    running = gauge("identity_hashing_running", "Hashes being made.")
    running.add(pool.running)
    threads = gauge("identity_hashing_threads", "Hashes that can be made at the same time.")
    threads.add(pool.threads)
    refused = counter("identity_hashing_refused_total", "Callers sent away because the queue was full.")
    refused.add(pool.refused)
    hashing = Family("identity_hashing_duration_seconds", "summary", "Time that hashes took.")
    hashing.add(pool.busy_seconds, suffix="_sum")
    hashing.add(pool.finished, suffix="_count")
    waiting = Family("identity_hashing_wait_seconds", "summary", "Time that sign-ins waited for a thread.")
    waiting.add(pool.waited_seconds, suffix="_sum")
    waiting.add(pool.started, suffix="_count")
    return [queued, running, threads, refused, hashing, waiting]


def of_limits(tally: Tally, policy: PolicyInUse) -> list[Family]:
    """Requests that were held against quotas. Of introspection, what was drawn for callers is allowed."""
    requests = counter("identity_rate_limit_requests_total", "Requests that quotas allowed or limited.")
    for (endpoint, level, result), number in tally.counts.items():
        requests.add(number, endpoint=endpoint, level=level, result=result)
    broken = gauge("identity_rate_limit_policy_broken", "1 where the file cannot be used.", whole="max")
    broken.add(int(policy.broken))
    return [requests, broken]


def of_spoofing(counts: Mapping[str, int]) -> list[Family]:
    """Attempts to pass for another address by a proxy's header."""
    attempts = counter("identity_forwarding_spoofed_total", "Proxy headers that were not believed.")
    for kind, number in counts.items():
        attempts.add(number, kind=kind)
    return [attempts]


def of_caches(bodies: Mapping[str, ReadyAnswers], others: Mapping[str, Answers[Any]]) -> list[Family]:
    """Remembered answers. What a door does not find is looked for once more by the route, and then in the database."""
    lookups = counter("identity_cache_lookups_total", "Questions that a cache could answer, or could not.")
    entries = gauge("identity_cache_entries", "Answers that are remembered.")
    size = gauge("identity_cache_bytes", "Memory of the answers that are remembered.")
    caches: dict[str, ReadyAnswers | Answers[Any]] = {**bodies, **others}
    for name, cache in caches.items():
        lookups.add(cache.hits, cache=name, result="hit")
        lookups.add(cache.misses, cache=name, result="miss")
        entries.add(len(cache), cache=name)
    for name, ready in bodies.items():
        size.add(ready.bytes, cache=name)
    return [lookups, entries, size]


def of_feed(state: LivenessState, window: EndedWindow) -> list[Family]:
    """What the promise about ended tokens rests on."""
    age = gauge(
        "identity_feed_age_seconds", "Since the feed of endings was last read: the worst.", whole="max"
    )
    if state.feed_age is not None:
        age.add(state.feed_age)
    lease = gauge("identity_feed_lease_held", "1 where every process may trust its caches.", whole="min")
    lease.add(int(state.in_sight))
    carrier = gauge("identity_feed_carrier_connected", "1 where Redis carries endings.", whole="min")
    if state.carrier != "none":
        carrier.add(int(state.carrier == "connected"))
    tags = gauge("identity_ended_window_tags", "Endings remembered: of the process with most.", whole="max")
    tags.add(len(window))
    return [age, lease, carrier, tags]


def of_database(database: Database) -> list[Family]:
    """The pools of connections."""
    connections = gauge("identity_database_connections", "Open connections of each pool.")
    most = gauge("identity_database_connections_max", "Connections that each pool may open.")
    for pool, found in database.connections.items():
        connections.add(found.used, pool=pool, state="in_use")
        connections.add(found.idle, pool=pool, state="idle")
        most.add(found.most, pool=pool)
    return [connections, most]

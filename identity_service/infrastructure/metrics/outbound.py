"""What leaves the server because of its clients: messages that wait for them, and requests to their servers."""

from collections.abc import Mapping

from identity_service.adapters.http_client.look_ups import LookUps
from identity_service.adapters.http_client.outcomes import Asked
from identity_service.adapters.prometheus.families import Family, counter, gauge
from identity_service.application.workers.delivery import Attempt
from identity_service.ports.repositories.outbox import Backlog


def of_backlog(backlog: Backlog | None) -> list[Family]:
    """How far behind the outbox is, as every process sees it: the whole is what one of them says."""
    due = gauge("identity_outbox_due", "Messages that wait for an attempt.", whole="max")
    oldest = gauge(
        "identity_outbox_oldest_due_seconds", "How long the longest of them has waited.", whole="max"
    )
    if backlog is not None:
        due.add(backlog.due)
        oldest.add(backlog.oldest_due_seconds)
    return [due, oldest]


def of_delivery(attempts: Mapping[tuple[str, Attempt], int]) -> list[Family]:
    """What came of the attempts of this process."""
    family = counter(
        "identity_outbox_attempts_total",
        "Attempts to deliver a message, by kind: delivered, failed (and tried again), dead (the last one).",
    )
    for (kind, outcome), number in attempts.items():
        family.add(number, kind=kind, outcome=outcome)
    return [family]


def of_asking(asked: Asked, look_ups: LookUps) -> list[Family]:
    """Requests to clients' servers (docs/decisions/0051), and the look-ups of their names."""
    requests = counter("identity_client_requests_total", "Requests to clients' servers, by kind and outcome.")
    for (kind, outcome), number in asked.counts.items():
        requests.add(number, kind=kind, outcome=outcome)
    under_way = gauge(
        "identity_name_look_ups_in_flight", "Look-ups of names of clients' hosts that have not ended."
    )
    under_way.add(look_ups.under_way)
    refused = counter("identity_name_look_ups_refused_total", "Those that found too many others under way.")
    refused.add(look_ups.refused)
    return [requests, under_way, refused]

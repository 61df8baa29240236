"""What `posture --attack` does and shows."""

from collections import Counter
from collections.abc import Collection
from typing import Any

import click

from identity_service.cli.output import cell, print_json, print_rows, progress
from identity_service.probes.probe import Verdict
from identity_service.probes.run import NOT_FROM_OUTSIDE, Tried, attacks
from identity_service.probes.target import Credentials, Target

COLUMNS = ("verdict", "attack", "probe", "sent", "seen")
OURS = "--yes-this-server-is-mine"


def checked(url: str, *, credentials: Credentials | None, ours: bool) -> Target:
    """Raises UsageError for what is no address, and for somebody else's server."""
    if not url.startswith(("http://", "https://")):
        raise click.UsageError(f"'--attack' wants the URL of a running server; {url!r} is none.")
    try:
        target = Target(url, credentials=credentials)
    except ValueError as error:
        raise click.UsageError(f"'--attack' wants the URL of a running server: {error}.") from None
    if not target.is_loopback and not ours:
        raise click.UsageError(
            f"{target.host} is not this machine. Attack nobody's server but your own, and say so with '{OURS}'."
        )
    return target


async def attack(target: Target, *, ignored: Collection[str], as_json: bool) -> bool:
    """Whether nothing was found to be weak. Raises OSError where the server cannot be reached."""
    tried: list[Tried] = []
    with progress(f"Attacking {target.url} …") as show:
        async for each in attacks(target, ignored=ignored):
            tried.append(each)
            show(f"Attacking {target.url} … {len(tried)}: {each.probe.name}")
    rows = [_row(each) for each in tried]
    counts = Counter(each.outcome.verdict for each in tried)
    if as_json:
        elsewhere = [{"attack": number, "why": why} for number, why in NOT_FROM_OUTSIDE.items()]
        summary = {verdict.value: counts[verdict] for verdict in Verdict}
        print_json({"url": target.url, "probes": rows, "not_from_outside": elsewhere, "summary": summary})
    else:
        _show(rows, counts)
    return not counts[Verdict.WEAK]


def _row(each: Tried) -> dict[str, Any]:
    return {
        "verdict": each.outcome.verdict.value,
        "attack": each.probe.number,
        "probe": each.probe.name,
        "what": each.probe.what,
        "sent": each.outcome.sent,
        "seen": each.outcome.seen,
    }


def _show(rows: list[dict[str, Any]], counts: Counter[Verdict]) -> None:
    order = {Verdict.WEAK.value: 0, Verdict.UNTRIED.value: 1, Verdict.OK.value: 2}
    print_rows(COLUMNS, sorted(rows, key=lambda row: order[row["verdict"]]), nothing="Nothing was tried.")
    told = ", ".join(f"{counts[verdict]} {cell(verdict.value)}" for verdict in Verdict)
    click.echo(f"{told}. What only the server's own tests can try: --json names it.", err=True)

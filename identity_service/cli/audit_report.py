"""What people read when the log was verified."""

from datetime import datetime
from typing import Any

import click

HEADLINES = {
    "proven": ("PROVEN", "green", "nothing was altered, removed, reordered or cut off"),
    "consistent": ("CONSISTENT", "yellow", "the log fits itself and what stands beside it in the database"),
    "broken": ("BROKEN", "red", "this is not the log that was written"),
}


def shown(report: Any) -> None:
    """Prints a report: the verdict first, then what it rests on, then what it does not cover."""
    word, colour, meaning = HEADLINES[report.status]
    click.echo(f"{click.style(word, fg=colour, bold=True)}: {meaning}.")
    for finding in report.findings:
        click.echo(f"  - {finding.text}")
    if report.unsaid:
        click.echo(f"  - and {report.unsaid} more")
    for line in (*_covered(report), *_not_covered(report)):
        click.echo(line)


def _covered(report: Any) -> list[str]:
    lines = [f"{report.checked} entries were checked, of {report.entries} that the log has had."]
    if report.covered:
        lines.append(
            f"Entries up to {report.covered} are under the checkpoint of {_moment(report.covered_at)}."
        )
    if report.removed:
        lines.append(
            f"Entries 1 to {report.removed} were removed by retention on {_moment(report.removed_at)}; they were "
            f"from before {_moment(report.removed_until)}. The server signed that after it had checked them."
        )
    if report.erased:
        lines.append(f"{report.erased} entries are without their personal data, which was erased.")
    return lines


def _not_covered(report: Any) -> list[str]:
    lines = []
    if report.uncovered:
        lines.append(f"{report.uncovered} entries came after it and are under no checkpoint yet.")
    if report.waiting:
        lines.append(f"{report.waiting} events are not chained yet.")
    if report.older:
        lines.append(f"{report.older} checkpoints tell of entries that retention has removed since.")
    if not report.pinned:
        lines.append(
            "The audit key was taken from the database: give the one you were handed with --public-key."
        )
    if not report.outside:
        lines.append("No checkpoint from outside was looked at: give the file with --checkpoints.")
    return lines


def _moment(moment: datetime) -> str:
    return moment.isoformat(timespec="seconds")

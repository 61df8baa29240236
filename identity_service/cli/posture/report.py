"""What is shown of a posture: a table by risk on a terminal, a line a finding for pipes, one JSON document."""

import json
import sys
from collections import Counter
from collections.abc import Collection
from types import TracebackType
from typing import Any, Self

import click

from identity_service.cli.output import cell
from identity_service.cli.posture.table import print_by_risk
from identity_service.domain.posture.clauses import Profile
from identity_service.domain.posture.judging import CLIENT, NOT_OFFERED, Examined, counted
from identity_service.domain.posture.rule import Finding, Risk

MOST_NAMED = 20
"""Clients whose ids are told of as an example; there may be thousands."""
NOTHING = -1
LINE = ("risk", "rule", "subject", "label", "found", "mend")


class Report:
    """Takes what was examined, one thing after the other, and keeps no more of it than is shown.

    `worst` is the highest risk that was found, or below every risk.
    """

    def __init__(self, *, profile: Profile | None, ignored: Collection[str], as_json: bool) -> None:
        self._profile = profile
        self._ignored = ignored
        self._json = as_json
        self._table = not as_json and sys.stdout.isatty()
        self._by_rule: dict[str, list[Finding]] = {}
        self._per_rule: Counter[str] = Counter()
        self._per_risk: Counter[Risk] = Counter()
        self._fit: list[str] = []
        self._fitting = 0
        self._others_fit = True
        self.clients = 0

    @property
    def worst(self) -> int:
        """The highest risk of all."""
        return max(self._per_risk, default=NOTHING)

    def __enter__(self) -> Self:
        if self._json:
            click.echo('{"findings": [', nl=False)
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if error is None:
            self._end()

    def add(self, thing: Examined) -> None:
        """Shows what is to be shown at once."""
        self._count_fapi2(thing)
        for found in counted(thing.findings, profile=self._profile, ignored=self._ignored):
            self._add(found)

    def _count_fapi2(self, thing: Examined) -> None:
        if thing.kind != CLIENT:
            self._others_fit &= thing.fits_fapi2
            return
        self.clients += 1
        if thing.fits_fapi2:
            self._fitting += 1
            self._fit += [thing.subject] if len(self._fit) < MOST_NAMED else []

    def _add(self, found: Finding) -> None:
        first = not self._per_risk
        self._per_risk[found.rule.risk] += 1
        self._per_rule[found.rule.name] += 1
        if self._json:
            click.echo(("\n" if first else ",\n") + json.dumps(as_json(found), ensure_ascii=False), nl=False)
        elif self._table:
            some = self._by_rule.setdefault(found.rule.name, [])
            some += [found] if len(some) < MOST_NAMED else []
        else:
            click.echo("\t".join(_line(found)))

    def _end(self) -> None:
        if self._json:
            rest = {"summary": self._summary(), "fapi2": self._fapi2()}
            click.echo(f"\n],\n{json.dumps(rest, indent=1, ensure_ascii=False)[2:-1]}}}")
            return
        if self._table:
            print_by_risk(self._by_rule, self._per_rule)
        counts = ", ".join(f"{number} {risk}" for risk, number in self._summary().items() if number)
        click.echo(
            f"{self.clients} active clients looked at: {counts or 'nothing found'}.", err=not self._table
        )
        if self._profile is Profile.FAPI2:
            _say_fapi2(self._fapi2(), err=not self._table)

    def _summary(self) -> dict[str, int]:
        return {risk.name.lower(): self._per_risk[risk] for risk in sorted(Risk, reverse=True)}

    def _fapi2(self) -> dict[str, Any]:
        """What this server lacks, and which clients would meet the rest today."""
        return {
            "not_offered": [{"clause": str(clause), "what": what} for clause, what in NOT_OFFERED],
            "settings_and_keys_fit": self._others_fit,
            "clients_that_fit": self._fitting,
            "clients": self.clients,
            "examples": self._fit,
        }


def as_json(found: Finding) -> dict[str, Any]:
    """A finding for programs."""
    return {
        "rule": found.rule.name,
        "risk": found.rule.risk.name.lower(),
        "kind": found.kind,
        "subject": found.subject,
        "label": found.label,
        "found": found.found,
        "clauses": [str(clause) for clause in found.rule.clauses],
        "stake": found.rule.stake,
        "mend": found.mend,
    }


def _line(found: Finding) -> tuple[str, ...]:
    shown = as_json(found)
    return (*(cell(shown[name]) for name in LINE), "; ".join(shown["clauses"]))


def _say_fapi2(summary: dict[str, Any], *, err: bool) -> None:
    fit, of = summary["clients_that_fit"], summary["clients"]
    click.echo(f"Nothing stands against FAPI 2.0 in {fit} of {of} active clients themselves.", err=err)
    click.echo("What no setting can give, since this server has not got it:", err=err)
    for lacking in summary["not_offered"]:
        click.echo(f"  {lacking['clause']}: {lacking['what']}", err=err)

"""A posture on a terminal: a table for each risk, the highest first, with a row for each rule."""

from collections.abc import Mapping, Sequence

from rich.box import SIMPLE_HEAD
from rich.console import Console
from rich.table import Table
from rich.text import Text

from identity_service.cli.output import cell
from identity_service.domain.posture.judging import CLIENT
from identity_service.domain.posture.rule import Finding, Risk

STYLES = {Risk.HIGH: "bold red", Risk.MEDIUM: "bold yellow", Risk.LOW: "bold cyan", Risk.INFO: "bold"}
NAMED = 3
"""Clients that a row names; `--json` names all."""


def print_by_risk(by_rule: Mapping[str, Sequence[Finding]], how_many: Mapping[str, int]) -> None:
    """Every rule that found something."""
    console = Console()
    for risk in sorted(Risk, reverse=True):
        rows = [found for found in by_rule.values() if found[0].rule.risk is risk]
        if not rows:
            continue
        console.print(
            Text(f"{risk.name} ({sum(how_many[found[0].rule.name] for found in rows)})", STYLES[risk])
        )
        console.print(_table(rows, how_many))


def _table(rows: Sequence[Sequence[Finding]], how_many: Mapping[str, int]) -> Table:
    table = Table(box=SIMPLE_HEAD, pad_edge=False, show_edge=False, show_lines=True)
    for column in ("finding", "what is at stake", "mend", "clauses"):
        table.add_column(column, overflow="fold")
    for found in rows:
        rule = found[0].rule
        clauses = "\n".join(str(clause) for clause in rule.clauses)
        what = Text.assemble((f"{rule.name}\n", "bold"), _found(found, how_many[rule.name]))
        table.add_row(what, rule.stake, found[0].mend, clauses)
    return table


def _found(found: Sequence[Finding], number: int) -> str:
    shown = [_one(each) for each in found[:NAMED]]
    if number > len(shown):
        shown.append(f"and {number - len(shown)} more (--json names all)")
    return "\n".join(shown)


def _one(found: Finding) -> str:
    who = f"{cell(found.label)} ({found.subject}) " if found.kind == CLIENT else ""
    return who + cell(found.found)

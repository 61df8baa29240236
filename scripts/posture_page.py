"""Writes docs/security/posture.md from the rules of the posture; `--check` only compares."""

import sys
from collections.abc import Iterable, Mapping
from typing import Any

from identity_service.domain.posture.clauses import EDITIONS
from identity_service.domain.posture.judging import NOT_OFFERED
from identity_service.domain.posture.register import (
    CLIENT_MEMBERS_NOT_JUDGED,
    CLIENT_RULES,
    KEY_RULES,
    SETTING_RULES,
    SETTINGS_NOT_JUDGED,
    WHOLE_RULES,
)
from identity_service.domain.posture.rule import Rule
from identity_service.probes.run import NOT_FROM_OUTSIDE, PROBES
from identity_service.probes.target import MOST_REQUESTS, MOST_SECONDS
from scripts.bring_up import bring_up

HEAD = """# Posture

`identity-service posture` holds every setting, every key that signs and every active client against these texts, and
says of each finding how much it matters, by which clause, what is at stake, and how to mend it:

{editions}

It runs with the environment of the server whose settings it is to judge, reads the database, and changes nothing.

```sh
identity-service posture                          # a table by risk; in a pipe, a line for each finding
identity-service posture --profile fapi2          # one text alone, and what no setting can give
identity-service posture --json --fail-on high    # for CI: status 1 if something of high risk is found
identity-service posture --ignore password-grant  # a risk that was accepted
```

| risk | means |
|---|---|
| high | somebody gets in, or reads what is secret, by means that everybody has |
| medium | one other mistake, or one other weakness, is all that is missing |
| low | it is better otherwise, and costs little |
| info | what a profile of high assurance wants, or what should be known |

A rule looks at what is stored and set, not at what is used; `doctor` says whether the server works, `posture` whether
it is safe. Thousands of clients are looked at page by page; the table names three of a kind, `--json` all.

This page is made by `python scripts/posture_page.py` from the rules and the probes.
"""
ATTACKS = """## Attacks on a running server

```sh
identity-service posture --attack http://127.0.0.1:8000
identity-service posture --attack https://id.example.org --yes-this-server-is-mine
```

tries what can be tried from outside, over HTTP and without anything of the server's own: `ok`, `weak`, or
`could not try` and why. It sends at most {requests} requests within {seconds:.0f} seconds, wrong ones all of them,
follows no redirect, and leaves nothing behind; what a weak server lets it register it deletes again. Attempts show in
the log and count against limits, as any stranger's do. The exit status is 1 if anything is weak. With a client of that
server (`--client-id ID --client-secret-stdin`) more can be tried; without one those probes say so.

The numbers are those by which the tests are named (`test_attack_26_…`), which try all of this and the rest with
people and clients of their own ([0084](../decisions/0084-probes-are-a-program-of-their-own.md)).

| attack | probe | what it tries | needs a client |
|---|---|---|---|"""
COLUMNS = "| rule | risk | looks at | what is at stake | mend | clauses |\n|---|---|---|---|---|---|"


def page() -> str:
    """The whole page."""
    editions = "\n".join(f"- {edition}" for edition in EDITIONS.values())
    return "\n".join(
        [
            HEAD.format(editions=editions),
            *_table("Settings", SETTING_RULES, upper=True),
            *_table("Keys that sign", KEY_RULES),
            *_table("Each active client", CLIENT_RULES),
            *_table("All active clients together", WHOLE_RULES),
            *_fapi2(),
            *_attacks(),
            *_not_judged("Settings that no rule judges", SETTINGS_NOT_JUDGED, upper=True),
            *_not_judged("Members of clients that no rule judges", CLIENT_MEMBERS_NOT_JUDGED),
        ]
    )


def _table(title: str, rules: Iterable[Rule[Any]], *, upper: bool = False) -> list[str]:
    return [f"## {title}", "", COLUMNS, *(_row(rule, upper) for rule in rules), ""]


def _row(rule: Rule[Any], upper: bool) -> str:
    looked_at = ", ".join(f"`{name.upper() if upper else name}`" for name in rule.reads)
    clauses = "; ".join(map(str, rule.clauses))
    cells = (f"`{rule.name}`", rule.risk.name.lower(), looked_at, rule.stake, rule.mend, clauses)
    return f"| {' | '.join(cell.replace('|', chr(92) + '|') for cell in cells)} |"


def _fapi2() -> list[str]:
    lines = [f"- {clause}: {what}" for clause, what in NOT_OFFERED]
    return [
        "## FAPI 2.0",
        "",
        "`--profile fapi2` counts the clients that nothing of their own keeps from it. The server as a whole does not",
        "meet the profile, whatever is set; it has not got:",
        "",
        *lines,
        "",
    ]


def _attacks() -> list[str]:
    rows = (
        f"| {each.number} | `{each.name}` | {each.what} | {'yes' if each.needs_client else ''} |"
        for each in sorted(PROBES, key=lambda each: each.number)
    )
    reasons = (f"| {number} | {why} |" for number, why in NOT_FROM_OUTSIDE.items())
    head = ATTACKS.format(requests=MOST_REQUESTS, seconds=MOST_SECONDS)
    return [head, *rows, "", "Not from outside:", "", "| attack | because |", "|---|---|", *reasons, ""]


def _not_judged(title: str, reasons: Mapping[str, str], *, upper: bool = False) -> list[str]:
    rows = (f"| `{name.upper() if upper else name}` | {why} |" for name, why in reasons.items())
    return [f"## {title}", "", "| | because |", "|---|---|", *rows, ""]


def main(arguments: list[str]) -> int:
    """Exit status 1 if `--check` finds that the page is not what the rules say."""
    return bring_up({"docs/security/posture.md": page}, arguments, script="posture_page")


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))

"""Asks whether any package of requirements/app.txt has a known weakness: `python scripts/audit.py [pip-audit options]`.

Exit status 0: every package was checked and none has one. 1: some have, and they are named. 3: not checked, since the
source of what is known did not answer, or not about every package; that is neither good nor bad news, and is said so.
"""

import json
import subprocess
import sys
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any, Final

from scripts.sbom import LOCK, locked

CLEAN, WEAK, NOT_CHECKED = 0, 1, 3
MOST_SECONDS: Final = 300
COMMAND: Final = (
    *(sys.executable, "-m", "pip_audit", "--requirement", str(LOCK), "--require-hashes", "--disable-pip"),
    *("--format", "json", "--progress-spinner", "off"),
)

Ask = Callable[[Sequence[str]], "subprocess.CompletedProcess[str]"]


def audit(ask: Ask, options: Sequence[str] = (), *, lock: Path = LOCK) -> tuple[int, list[str]]:
    """The exit status, and what there is to say."""
    try:
        done = ask((*COMMAND, *options))
        checked: list[dict[str, Any]] = json.loads(done.stdout)["dependencies"]
    except subprocess.TimeoutExpired:
        return NOT_CHECKED, [_not_checked(f"no answer within {MOST_SECONDS} s")]
    except (ValueError, KeyError):
        last = (done.stderr.strip() or "no reason was given").splitlines()[-1]
        return NOT_CHECKED, [_not_checked(last)]
    return _judged(checked, {package.name for package in locked(lock.read_text(encoding="utf-8"))})


def _judged(told: Sequence[dict[str, Any]], wanted: set[str]) -> tuple[int, list[str]]:
    """A lock names packages of other platforms, too, which the tool passes over on this one."""
    weak = [line for each in told for line in _weaknesses(each)]
    if weak:
        return WEAK, weak
    skipped = sorted({each["name"] for each in told if "skip_reason" in each} or (set() if told else wanted))
    if skipped:
        return NOT_CHECKED, [
            _not_checked(f"nothing was said of {len(skipped)} packages, {skipped[0]} among them")
        ]
    others = len(wanted) - len(told)
    return CLEAN, [
        f"{len(told)} packages checked, none has a known weakness; {others} are for other platforms"
    ]


def _weaknesses(package: dict[str, Any]) -> list[str]:
    return [
        f"{package['name']} {package['version']}: {each['id']}, mended in {', '.join(each['fix_versions']) or 'none'}"
        for each in package.get("vulns", ())
    ]


def _not_checked(reason: str) -> str:
    return f"NOT CHECKED: the source of known weaknesses did not answer ({reason})"


def _run(command: Sequence[str]) -> "subprocess.CompletedProcess[str]":
    return subprocess.run(command, capture_output=True, text=True, timeout=MOST_SECONDS)


def main(arguments: list[str]) -> int:
    """Exit status as above."""
    status, lines = audit(_run, arguments)
    print("\n".join(lines), file=sys.stdout if status == CLEAN else sys.stderr)
    return status


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))

"""Judges a history that a run has kept: `python -m tests.model history.json`."""

import sys
from pathlib import Path

from tests.model.history import read_history
from tests.model.judge import violations
from tests.model.story import report

history = read_history(Path(sys.argv[1]))
found = violations(history)
print(history.summary())
print(report(history, found) if found else "no promise was broken")
sys.exit(1 if found else 0)

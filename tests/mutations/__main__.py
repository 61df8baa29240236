"""Takes checks away, one at a time: `python -m tests.mutations [NAME …]`, all of them without a name.

`--serve` reads a JSON list a line, of the name of a mutation or of tests to run without a patch, and answers with a
line each: how tests/mutations/test_mutations.py asks.
"""

import json
import sys
from functools import partial

from tests.mutations.catalogue import mutations
from tests.mutations.trial import CAUGHT, Outcome, without_patch
from tests.mutations.workshop import Workshop


def main(arguments: list[str]) -> int:
    """Exit status 1 where a check can be taken away unnoticed."""
    known = {mutation.name: mutation for mutation in mutations()}
    workshop = Workshop()
    if arguments == ["--serve"]:
        for line in sys.stdin:
            asked = json.loads(line)
            if isinstance(asked, str):
                outcome = workshop.without(known[asked])
            else:
                outcome = workshop.trial(partial(without_patch, asked))
            print(json.dumps(outcome), flush=True)
        return 0
    outcomes = [_told(name, workshop.without(known[name])) for name in arguments or known]
    return int(any(outcome != CAUGHT for outcome in outcomes))


def _told(name: str, found: Outcome) -> str:
    print(
        f"{found.outcome:<13} {name}" + ("" if found.outcome == CAUGHT else f"\n    {found.detail}"),
        flush=True,
    )
    return found.outcome


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))

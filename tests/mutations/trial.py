"""What becomes of tests when one check is taken away: in a process of its own, one module reads differently.

`outcome` is CAUGHT only where each named test failed by an assertion of its own, while the server, which lacks a
check, still serves: a server that does nothing at all would fail every test.
"""

import ast
import importlib.machinery
import shutil
import sys
from collections import defaultdict
from collections.abc import Generator, Sequence
from importlib.util import spec_from_file_location
from pathlib import Path
from types import CodeType, ModuleType
from typing import NamedTuple

import pytest

from tests.mutations.catalogue import CHECKOUT, Mutation

TESTS, OURS = CHECKOUT / "tests", CHECKOUT / "identity_service"
STILL_SERVES = "tests/mutations/test_still_serves.py"
CAUGHT, SURVIVED, WRONG_REASON, NOT_LOADED = "caught", "survived", "wrong reason", "not loaded"
PASSED = "passed"
ARGUMENTS = (
    *("-q", "--no-header", "--rootdir", str(CHECKOUT), "-p", "no:cacheprovider", "-p", "no:xdist"),
    *("-W", "ignore::pytest.PytestAssertRewriteWarning"),  # of what the workshop has loaded
)


class Outcome(NamedTuple):
    """`detail` says of which test, and what it saw."""

    outcome: str
    detail: str


class PatchedModule(importlib.machinery.SourceFileLoader):
    """Finds one module, and loads another text for it."""

    def __init__(self, path: Path, text: str) -> None:
        dotted = ".".join(path.relative_to(CHECKOUT).with_suffix("").parts)
        super().__init__(dotted.removesuffix(".__init__"), str(path))
        self.text = text
        self.loaded = False

    def find_spec(
        self, fullname: str, path: object = None, target: ModuleType | None = None
    ) -> importlib.machinery.ModuleSpec | None:
        """As a finder of `sys.meta_path`."""
        return spec_from_file_location(fullname, self.path, loader=self) if fullname == self.name else None

    def get_code(self, fullname: str) -> CodeType:
        """Of the other text; what was compiled earlier does not count."""
        self.loaded = True
        return compile(self.text, self.path, "exec", dont_inherit=True)


class Witness:
    """Hears of each test how it ended."""

    def __init__(self) -> None:
        self.asserted: defaultdict[str, list[str]] = defaultdict(list)
        self.broke: dict[str, str] = {}
        self.passed: set[str] = set()

    @staticmethod
    def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
        """On SQLite alone: a PostgreSQL of its own would cost each trial more than all else."""
        items[:] = [item for item in items if _storage_of(item) != "postgres"]

    @pytest.hookimpl(wrapper=True)
    def pytest_runtest_makereport(
        self, item: pytest.Item, call: pytest.CallInfo[None]
    ) -> Generator[None, pytest.TestReport, pytest.TestReport]:
        """Sorts failures by whether the test itself said no."""
        report = yield
        if call.excinfo is not None:
            said = f"{item.nodeid}: {call.excinfo.exconly()[:400]}"
            if call.when == "call" and is_an_assertion(call.excinfo):
                self.asserted[_bare(item.nodeid)].append(said)
            else:
                self.broke[item.nodeid] = f"in its {call.when}: {said}"
        elif call.when == "call":
            self.passed.add(_bare(item.nodeid))
        return report

    def pytest_collectreport(self, report: pytest.CollectReport) -> None:
        """A module that cannot be imported says nothing about a check."""
        if report.failed:
            self.broke[report.nodeid] = f"not collected: {report.longreprtext[-400:]}"


def is_an_assertion(raised: "pytest.ExceptionInfo[BaseException]") -> bool:
    """Whether a test came to another result than it wants, and not merely to grief.

    `assert answer.json()["error"] == …` comes to a KeyError where the answer is no error, and that is the same finding:
    an assertion was being made, and nothing of the server has raised.
    """
    if _are_assertions(raised.value):
        return True
    frames = [(Path(entry.path), entry.lineno + 1) for entry in raised.traceback]
    if any(path.is_relative_to(OURS) for path, _ in frames):
        return False
    return any(path.is_relative_to(TESTS) and _stands_in_an_assert(path, line) for path, line in frames)


def _are_assertions(error: BaseException) -> bool:
    if isinstance(error, BaseExceptionGroup):  # several findings of Hypothesis
        return all(map(_are_assertions, error.exceptions))
    return isinstance(error, AssertionError | pytest.fail.Exception)


def _stands_in_an_assert(path: Path, line: int) -> bool:
    tree = ast.parse(path.read_text(encoding="utf-8"))
    return any(
        isinstance(node, ast.Assert) and node.lineno <= line <= (node.end_lineno or node.lineno)
        for node in ast.walk(tree)
    )


def run(tests: Sequence[str]) -> Witness:
    """Runs these tests in this process, which has not imported the application yet."""
    witness = Witness()
    pytest.main([*ARGUMENTS, *tests], plugins=[witness])
    return witness


def without_patch(tests: Sequence[str]) -> Outcome:
    """PASSED where each of them passes, and none fails."""
    witness = run(tests)
    failed = [*witness.broke.values(), *(said for each in witness.asserted.values() for said in each)]
    missing = sorted(set(tests) - witness.passed)
    return Outcome(WRONG_REASON, str(failed or missing)) if failed or missing else Outcome(PASSED, "")


def with_patch(mutation: Mutation, template: Path) -> Outcome:
    """Takes the check away and runs the tests that must notice, on copies of a database that was migrated before."""
    patch = PatchedModule(CHECKOUT / mutation.file, mutation.patched())
    if patch.name in sys.modules:
        raise RuntimeError(f"{patch.name} was imported before its patch")
    sys.meta_path.insert(0, patch)
    _use(template)
    witness = run([STILL_SERVES, *mutation.tests])
    return verdict(mutation.tests, witness, loaded=patch.loaded)


def make_template(path: Path) -> Outcome:
    """Migrates a database once, of which every trial gets a copy."""
    from tests.migrated import migrate_sqlite

    migrate_sqlite(path)
    return Outcome(PASSED, "")


def _use(template: Path) -> None:
    from tests import migrated

    def copied(path: Path) -> None:
        shutil.copy(template, path)

    migrated.migrate_sqlite = copied


def verdict(tests: Sequence[str], witness: Witness, *, loaded: bool) -> Outcome:
    """What was seen, in a word."""
    if not loaded:
        return Outcome(NOT_LOADED, "no test imported the module")
    if broke := [*witness.broke.values(), *_the_server_is_broken(witness)]:
        return Outcome(WRONG_REASON, broke[0])
    if unmoved := [test for test in tests if test not in witness.asserted]:
        return Outcome(SURVIVED, f"passes without the check: {', '.join(unmoved)}")
    return Outcome(CAUGHT, "; ".join(witness.asserted[test][0] for test in tests))


def _the_server_is_broken(witness: Witness) -> list[str]:
    return [
        said
        for test, all_said in witness.asserted.items()
        if test.startswith(STILL_SERVES)
        for said in all_said
    ]


def _storage_of(item: pytest.Item) -> object:
    return getattr(getattr(item, "callspec", None), "params", {}).get("storage")


def _bare(nodeid: str) -> str:
    return nodeid.partition("[")[0]

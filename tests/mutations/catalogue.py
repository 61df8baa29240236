"""Which checks are taken away, one at a time, and which tests have to notice: the entries of the TOML files beside."""

import ast
import re
import tomllib
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

HERE = Path(__file__).parent
CHECKOUT = HERE.parents[1]
_TEST = re.compile(r"^(?:async )?def (test_\w+)", re.MULTILINE)


class Stale(Exception):
    """An entry does not fit the code any more; the text says which, and why."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Mutation:
    """One check that is taken away.

    Attributes:
        name: unique; as the entry's table is called in its file.
        attacks: numbers of docs/security/attacks.toml.
        without: what the server lacks with this patch, in words.
        file: below the checkout.
        old, new: the patch; `old` stands in the file exactly once.
        tests: node ids without parameters. Each must fail with the patch, in one of its parameters at least.
    """

    name: str
    attacks: tuple[int, ...]
    without: str
    file: str
    old: str
    new: str
    tests: tuple[str, ...]

    def patched(self) -> str:
        """The file's text with the patch. Raises Stale."""
        patched = self._fitting().replace(self.old, self.new)
        try:
            ast.parse(patched)
        except SyntaxError as error:
            raise Stale(f"{self.name}: with the patch {self.file} is no Python: {error}") from None
        return patched

    def place(self) -> str:
        """The function, method or class that the patch is in; empty at the level of the module. Raises Stale."""
        text = self._fitting()
        return _innermost(_tree(CHECKOUT / self.file), text[: text.index(self.old)].count("\n") + 1)

    def _fitting(self) -> str:
        text = _text(CHECKOUT / self.file)
        if (found := text.count(self.old)) != 1:
            raise Stale(f"{self.name}: `old` stands {found} times in {self.file}, not once")
        return text


def mutations() -> tuple[Mutation, ...]:
    """All of them. Raises Stale for an entry that is not complete, and for a name that is there twice."""
    found = [_read(name, entry) for path in sorted(HERE.glob("*.toml")) for name, entry in _entries(path)]
    names = [each.name for each in found]
    if doubled := {name for name in names if names.count(name) > 1}:
        raise Stale(f"two entries are called {', '.join(sorted(doubled))}")
    return tuple(found)


def tests_in(path: Path) -> list[str]:
    """The names of the tests of this file, in their order."""
    return _TEST.findall(_text(path))


def check_tests(mutation: Mutation) -> None:
    """Raises Stale where a named test does not exist."""
    for test in mutation.tests:
        file, _, function = test.partition("::")
        if not (CHECKOUT / file).is_file() or function not in tests_in(CHECKOUT / file):
            raise Stale(f"{mutation.name}: there is no test {test}")


def _entries(path: Path) -> list[tuple[str, dict[str, Any]]]:
    return list(tomllib.loads(_text(path)).items())


def _read(name: str, entry: dict[str, Any]) -> Mutation:
    members: dict[str, Any] = {
        key: tuple(value) if isinstance(value, list) else value for key, value in entry.items()
    }
    try:
        mutation = Mutation(name=name, **members)
    except TypeError as error:
        raise Stale(f"{name}: {error}") from None
    if not (mutation.attacks and mutation.tests and mutation.old != mutation.new):
        raise Stale(f"{name}: says no attack, no test, or changes nothing")
    return mutation


@cache
def _tree(path: Path) -> ast.Module:
    return ast.parse(_text(path))


@cache
def _text(path: Path) -> str:
    return path.read_text(encoding="utf-8")


_Named = ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef


def _innermost(tree: ast.AST, line: int, prefix: str = "") -> str:
    for node in ast.iter_child_nodes(tree):
        if isinstance(node, _Named) and node.lineno <= line <= (node.end_lineno or node.lineno):
            name = f"{prefix}.{node.name}" if prefix else node.name
            return _innermost(node, line, name) if isinstance(node, ast.ClassDef) else name
    return prefix

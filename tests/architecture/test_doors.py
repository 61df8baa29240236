"""Whatever is compared with something that can be guessed is behind a door of the table, or has its reason here.

Found are calls of a password hasher's `verify` and of `compare_digest` outside the adapters and the demo. A function is
behind a door if it, or one of its callers in the module, opens `Throttle.attempt` with a member of `Door`.
"""

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

import identity_service
from identity_service.application.authentication.doors import Door

PACKAGE = Path(identity_service.__file__).parent
LEFT_OUT = ("adapters", "demo", "probes")
"""Adapters do as they are told, the demo is another program."""
UNGUESSABLE = {
    "api/routes/metrics.py": "METRICS_TOKEN has 32 characters at least, and is the operator's",
    "application/authentication/registration.py": "tokens of our making, 256 random bits",
    "application/cursors.py": "a keyed digest of 256 bits",
    "application/use_cases/oauth2/rotate_refresh_token.py": "a token of our making, which was found by its digest",
    "application/use_cases/registration/update_registration.py": "its client was proved by a token of our making",
    "application/authentication/devices.py": "a keyed digest of 128 bits, which gives nobody anything but a count",
    "cli/demo.py": "the operator asks about a password that the command has made",
    "domain/oauth/pkce.py": "a verifier of 43 characters at least, for a code that is spent by the first try",
    "domain/value_objects/secret.py": "two values that are here already",
    "web/csrf.py": "a keyed digest of 256 bits",
}


def compared(source: str) -> Iterator[tuple[str, bool]]:
    """Functions that compare, and whether they are behind a door."""
    tree = ast.parse(source)
    functions = [n for n in ast.walk(tree) if isinstance(n, ast.FunctionDef | ast.AsyncFunctionDef)]
    calls = {function.name: set(_called(function)) for function in functions}
    behind = {function.name for function in functions if _opens(function)}
    while grown := {
        inner
        for name in behind
        for inner in calls[name]
        if inner in calls and inner not in behind and _only_from(calls, inner, behind)
    }:
        behind |= grown
    for function in functions:
        if _compares(function):
            yield function.name, function.name in behind


def _only_from(calls: dict[str, set[str]], inner: str, behind: set[str]) -> bool:
    return all(name in behind for name, called in calls.items() if inner in called)


def _called(function: ast.AST) -> Iterator[str]:
    for node in ast.walk(function):
        if isinstance(node, ast.Call):
            yield getattr(node.func, "attr", getattr(node.func, "id", ""))


def _opens(function: ast.AST) -> bool:
    """`async with ….attempt(Door.…` or `….attempt(typed.door`, which only `Door` can be."""
    for node in ast.walk(function):
        if isinstance(node, ast.Call) and getattr(node.func, "attr", "") == "attempt":
            return bool(node.args) and ("Door." in ast.unparse(node.args[0]) or _is_door(node.args[0]))
    return False


def _is_door(argument: ast.expr) -> bool:
    return isinstance(argument, ast.Attribute) and argument.attr == "door"


def _compares(function: ast.AST) -> bool:
    for node in ast.walk(function):
        if not isinstance(node, ast.Call):
            continue
        name, of = getattr(node.func, "attr", getattr(node.func, "id", "")), ast.unparse(node.func)
        if name == "compare_digest" or (name == "verify" and "hasher" in of):
            return True
    return False


def places() -> Iterator[tuple[str, str, bool]]:
    for path in sorted(PACKAGE.rglob("*.py")):
        module = path.relative_to(PACKAGE).as_posix()
        if not module.startswith(LEFT_OUT):
            for function, behind in compared(path.read_text(encoding="utf-8")):
                yield module, function, behind


def test_attack_28_what_can_be_guessed_is_behind_a_door() -> None:
    open_to_all = {f"{module}: {name}" for module, name, behind in places() if not behind}

    unexplained = {place for place in open_to_all if place.partition(":")[0] not in UNGUESSABLE}
    # A client's secrets of our making are compared in front of the door to those that were brought along.
    assert unexplained == {"application/authentication/client.py: _proves"}


def test_nothing_is_explained_that_is_not_there() -> None:
    assert set(UNGUESSABLE) <= {module for module, _, behind in places() if not behind}


def test_every_door_is_opened_somewhere() -> None:
    text = "".join(path.read_text(encoding="utf-8") for path in (PACKAGE / "application").rglob("*.py"))

    assert [door for door in Door if f"Door.{door.name}" not in text] == []


@pytest.mark.parametrize(
    "source",
    [
        "async def f(self):\n    return await self._hasher.verify(a, b)",
        "async def f(self):\n    return compare_digest(a, b)",
        "async def f(self):\n    async with self._throttle.attempt(a):\n        await self._hasher.verify(a)",
        "async def g(self):\n    await self.f()\n"
        "async def h(self):\n    async with self._t.attempt(Door.X):\n        await self.f()\n"
        "async def f(self):\n    await self._hasher.verify(a)",
    ],
    ids=["a hash", "a digest", "an attempt at no door", "a way around the door"],
)
def test_the_search_finds_what_is_behind_no_door(source: str) -> None:
    assert list(compared(source)) == [("f", False)]


@pytest.mark.parametrize(
    "source",
    [
        "async def f(self):\n    async with self._t.attempt(Door.X):\n        await self._hasher.verify(a)",
        "async def f(self):\n    async with self._t.attempt(typed.door):\n        await self._hasher.verify(a)",
        "async def h(self):\n    async with self._t.attempt(Door.X):\n        await self.g()\n"
        "async def g(self):\n    await self.f()\nasync def f(self):\n    await self._hasher.verify(a)",
    ],
    ids=["at once", "the caller's door", "two calls further"],
)
def test_the_search_knows_what_is_behind_a_door(source: str) -> None:
    assert list(compared(source)) == [("f", True)]

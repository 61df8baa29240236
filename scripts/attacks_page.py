"""Writes docs/security/attacks.md from its families, the tests and the mutation list; `--check` only compares."""

import re
import sys
import tomllib
from collections import defaultdict
from collections.abc import Iterable, Iterator
from typing import NamedTuple

from scripts.bring_up import CHECKOUT, bring_up
from tests.mutations.catalogue import Mutation, mutations, tests_in

FAMILIES = CHECKOUT / "docs/security/attacks.toml"
TESTS = CHECKOUT / "tests"
_NUMBERS = re.compile(r"^test_(?:[a-z0-9]+_)*?attacks?_((?:(?:and_)?\d{1,2}_)*(?:to_\d{1,2}_)?)")
_SHORT = re.compile(r"^test_[as]?(\d{2})_(?!\d)")
HEAD = """# Attacks, and what answers them

How servers of this kind have been broken before, in forty families. For each: the places in the code that answer it,
the tests that try it, and what was taken away to see those tests fail. `tests/mutations` holds that list: each entry
removes one check by a patch of a line or two, and names the tests that must then fail, by an assertion of their own,
while the server otherwise still serves. CI does all of it (`sh scripts/test --all tests/mutations`); one is tried by
hand with `python -m tests.mutations NAME`.

What is protected, from whom, and what is left: [the threat model](threat-model.md).

This page is made by `python scripts/attacks_page.py` from [attacks.toml](attacks.toml), the tests and the list.
"""


class Test(NamedTuple):
    """A test by its file, below the checkout, and its name."""

    file: str
    name: str


class Family(NamedTuple):
    """One way to attack. `due`: what it, or the rest of it, waits for."""

    number: int
    title: str
    what: str
    due: str | None


def families() -> list[Family]:
    """All of them, in their order."""
    found = tomllib.loads(FAMILIES.read_text(encoding="utf-8"))
    return [
        Family(int(number), each["title"], each["what"], each.get("due")) for number, each in found.items()
    ]


def numbers(name: str) -> set[int]:
    """The families that the name of a test says it is about."""
    if (short := _SHORT.match(name)) is not None:
        return {int(short[1])}
    named = _NUMBERS.match(name)
    if named is None:
        return set()
    first, _, last = named[1].partition("to_")
    found = {int(each) for each in re.findall(r"\d+", first)}
    return found | (set(range(max(found), int(last.rstrip("_")) + 1)) if last else set())


def tests() -> dict[int, list[Test]]:
    """By the number of a family."""
    found: dict[int, list[Test]] = defaultdict(list)
    for path in sorted(TESTS.rglob("test_*.py")):
        for name in tests_in(path):
            for number in numbers(name):
                found[number].append(Test(path.relative_to(CHECKOUT).as_posix(), name))
    return found


def page() -> str:
    """The whole page."""
    by_number, taken_away = tests(), mutations()
    known = families()
    parts = [HEAD, _table(known, by_number, taken_away)]
    parts += [
        _section(family, by_number[family.number], [m for m in taken_away if family.number in m.attacks])
        for family in known
    ]
    return "\n".join(parts)


def _table(known: Iterable[Family], by_number: dict[int, list[Test]], taken_away: Iterable[Mutation]) -> str:
    lines = ["| | attack | tests | checks taken away |", "|--:|---|--:|--:|"]
    for family in known:
        here = [each for each in taken_away if family.number in each.attacks]
        count = len(set(_tests_of(by_number[family.number], here)))
        row = f"| {family.number} | [{family.title}](#{_anchor(family)}) |"
        lines.append(f"{row} {count or 'due'} | {len(here) or ('–' if count else 'due')} |")
    return "\n".join([*lines, ""])


def _section(family: Family, named: list[Test], taken_away: list[Mutation]) -> str:
    lines = [f"## {family.number}. {family.title}", "", family.what, ""]
    if family.due:
        lines += [f"Due: {family.due}.", ""]
    if places := list(_places(taken_away)):
        lines += ["Answered in", "", *places, ""]
    if proved := sorted(set(_tests_of(named, taken_away))):
        lines += ["Tried by", "", *_by_file(proved), ""]
    if taken_away:
        lines += ["Seen to fail when", "", *(f"- {each.without} (`{each.name}`)" for each in taken_away), ""]
    return "\n".join(lines)


def _tests_of(named: Iterable[Test], taken_away: Iterable[Mutation]) -> Iterator[Test]:
    """By their names, and those that the list names."""
    yield from named
    for mutation in taken_away:
        for test in mutation.tests:
            file, _, name = test.partition("::")
            yield Test(file, name)


def _places(taken_away: Iterable[Mutation]) -> Iterator[str]:
    functions: dict[str, dict[str, None]] = defaultdict(dict)
    for mutation in taken_away:
        functions[mutation.file][mutation.place()] = None
    for file, found in functions.items():
        named = ", ".join(f"`{function}`" for function in found if function)
        link = f"- [`{file.removeprefix('identity_service/')}`](../../{file})"
        yield f"{link}: {named}" if named else link


def _by_file(proved: Iterable[Test]) -> Iterator[str]:
    names: dict[str, list[str]] = defaultdict(list)
    for test in proved:
        names[test.file].append(test.name)
    for file, found in names.items():
        yield f"- [`{file.removeprefix('tests/')}`](../../{file}): " + ", ".join(map(_readable, found))


def _readable(name: str) -> str:
    """The sentence that a test's name is."""
    bare = re.sub(
        r"^(?:and_)?(?:\d{1,2}_)*(?:to_\d{1,2}_)?", "", re.sub(r"^test_(?:[as]?\d{2}_(?!\d))?", "", name)
    )
    bare = re.sub(r"^attacks?_(?:and_)?(?:\d{1,2}_)*(?:to_\d{1,2}_)?(?:and_)?", "", bare)
    return bare.replace("_", " ")


def _anchor(family: Family) -> str:
    words = re.sub(r"[^a-z0-9 -]", "", f"{family.number} {family.title}".lower())
    return words.replace(" ", "-")


def main(arguments: list[str]) -> int:
    """Exit status 1 if `--check` finds that the page is not what tests and list say."""
    return bring_up({"docs/security/attacks.md": page}, arguments, script="attacks_page")


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))

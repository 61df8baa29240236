"""The recipes work: their blocks, applied to a copy of the checkout in their order, make what they promise."""

import subprocess
import sys
from pathlib import Path

import pytest

from tests.docs.copy import Copy
from tests.docs.pages import PAGES, Block, blocks
from tests.servers.desk import SERVER, Address

RECIPES = [page for page in PAGES if page.startswith("docs/recipes/")]


def done(copy: Copy, block: Block) -> bool:
    """Do what a block says; False for one that is only to be read."""
    if "file" in block.attributes:
        copy.take(block)
    elif block.language == "sh":
        copy.run(block.text)
    else:
        return False
    return True


def followed(page: str, copy: Copy) -> list[Block]:
    """Does all that a recipe says; the blocks it has done."""
    executed = [block for block in blocks(page) if done(copy, block)]
    assert executed[-1].text.startswith("sh scripts/test "), "a recipe ends with its tests"
    return executed


@pytest.mark.all
@pytest.mark.parametrize("page", RECIPES, ids=lambda page: Path(page).stem)
def test_what_the_recipe_makes_passes_its_tests(page: str, tmp_path: Path, desk: Address) -> None:
    followed(page, Copy.make(tmp_path / "copy", TEST_DATABASE_URL=desk.ask(SERVER)))


@pytest.mark.all
@pytest.mark.parametrize("page", RECIPES, ids=lambda page: Path(page).stem)
def test_what_the_recipe_makes_passes_the_checks(page: str, tmp_path: Path, desk: Address) -> None:
    copy = Copy.make(tmp_path / "copy", TEST_DATABASE_URL=desk.ask(SERVER))
    executed = followed(page, copy)
    files = sorted({block.attributes["file"] for block in executed if "file" in block.attributes})
    copy.run(f"python -m ruff check -q {' '.join(files)} && python -m black -q --check {' '.join(files)}")
    copy.run("python -c 'from importlinter.cli import lint_imports_command as run; run()'")
    copy.run("python -m pytest -q tests/architecture")


@pytest.mark.all
@pytest.mark.parametrize("page", RECIPES, ids=lambda page: Path(page).stem)
def test_without_its_changes_of_the_house_the_tests_of_the_recipe_fail(
    page: str, tmp_path: Path, desk: Address
) -> None:
    copy = Copy.make(tmp_path / "copy", TEST_DATABASE_URL=desk.ask(SERVER))
    for block in blocks(page):
        if "file" in block.attributes and block.language != "diff":
            (copy.folder / block.attributes["file"]).parent.mkdir(exist_ok=True)
            copy.take(block)
    tests = [
        b.attributes["file"]
        for b in blocks(page)
        if b.attributes.get("file", "").startswith("tests/protocol")
    ]

    failed = subprocess.run(
        [sys.executable, "-m", "pytest", "-q", "-x", *tests],
        cwd=copy.folder,
        env=copy.environment,
        capture_output=True,
        text=True,
        check=False,
    )

    assert failed.returncode == 1, failed.stdout


def test_there_are_recipes_for_a_grant_a_port_and_a_use_case() -> None:
    assert {Path(page).stem for page in RECIPES} >= {"add-a-grant", "add-a-port", "add-a-use-case"}

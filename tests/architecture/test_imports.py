"""Which libraries each layer may know, and what the domain may not do; the directions are import-linter's business."""

import ast
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

PACKAGE = Path(__file__).parents[2] / "identity_service"
HOUSE = "identity_service"
IMPURE = {("datetime", "now"), ("datetime", "utcnow"), ("date", "today"), ("time", "time"), ("os", "urandom")}
ENTROPY = {"random", "secrets", "uuid"}


def modules(*folders: str) -> list[Path]:
    return sorted(path for folder in folders for path in (PACKAGE / folder).rglob("*.py"))


def imported(path: Path) -> Iterator[str]:
    """The full names of what a module imports."""
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module:
            yield node.module


def foreign(path: Path) -> set[str]:
    """The libraries from outside the standard library and the house that a module imports."""
    tops = {name.partition(".")[0] for name in imported(path)}
    return tops - sys.stdlib_module_names - {HOUSE}


def name_of(path: Path) -> str:
    return str(path.relative_to(PACKAGE))


@pytest.mark.parametrize("path", modules("domain", "ports", "i18n"), ids=name_of)
def test_the_core_imports_the_standard_library_only(path: Path) -> None:
    assert foreign(path) == set()


@pytest.mark.parametrize("path", modules("application"), ids=name_of)
def test_the_application_imports_the_standard_library_and_pydantic_only(path: Path) -> None:
    assert foreign(path) <= {"pydantic"}


@pytest.mark.parametrize("path", modules("web"), ids=name_of)
def test_the_pages_import_starlette_and_jinja_only(path: Path) -> None:
    assert foreign(path) <= {"starlette", "jinja2", "markupsafe"}


@pytest.mark.parametrize("path", modules("domain"), ids=name_of)
def test_the_domain_awaits_nothing_and_asks_neither_clock_nor_chance(path: Path) -> None:
    tree = ast.parse(path.read_text())
    assert not [n for n in ast.walk(tree) if isinstance(n, ast.Await | ast.AsyncFunctionDef)]
    calls = {
        (node.value.id, node.attr)
        for node in ast.walk(tree)
        if isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name)
    }
    assert not calls & IMPURE
    assert not ENTROPY & {name.partition(".")[0] for name in imported(path)}


GRANTS = [path for path in modules("application/grants") if path.stem not in ("base", "registry", "__init__")]


@pytest.mark.parametrize("path", GRANTS, ids=name_of)
def test_a_grant_knows_no_other_grant(path: Path) -> None:
    siblings = {name for name in imported(path) if name.startswith(f"{HOUSE}.application.grants.")}
    assert {name.rpartition(".")[2] for name in siblings} <= {"base"}


def outside(folder: str) -> list[Path]:
    return [path for path in modules(".") if not name_of(path).startswith(folder)]


RELYING_PARTY = {"authlib", "joserfc", "httpx2", "starlette", "uvicorn", "jinja2", "click"}


@pytest.mark.parametrize("path", modules("demo"), ids=name_of)
def test_the_demo_imports_nothing_of_the_house(path: Path) -> None:
    assert foreign(path) <= RELYING_PARTY
    of_the_house = {name for name in imported(path) if name.partition(".")[0] == HOUSE}
    assert {".".join(name.split(".")[:2]) for name in of_the_house} <= {f"{HOUSE}.demo"}


@pytest.mark.parametrize("path", outside("demo"), ids=name_of)
def test_only_the_demo_speaks_http_by_the_client_of_authlib(path: Path) -> None:
    assert "httpx2" not in foreign(path)


@pytest.mark.parametrize(
    "path", [path for path in outside("adapters/jwt") if path not in modules("demo")], ids=name_of
)
def test_only_one_adapter_knows_the_libraries_of_jose(path: Path) -> None:
    assert not {"joserfc", "authlib", "jwt"} & foreign(path)


@pytest.mark.parametrize("path", outside("infrastructure"), ids=name_of)
def test_only_the_settings_read_the_environment(path: Path) -> None:
    tree = ast.parse(path.read_text())
    reads = [
        node.attr
        for node in ast.walk(tree)
        if isinstance(node, ast.Attribute) and node.attr in {"environ", "getenv"}
    ]
    assert reads == []


@pytest.mark.parametrize("path", modules("."), ids=name_of)
def test_a_module_is_no_longer_than_a_person_reads_in_one_go(path: Path) -> None:
    assert len(path.read_text().splitlines()) <= 300  # 250 is what we aim at


def test_no_package_is_empty() -> None:
    packages = [path.parent for path in PACKAGE.rglob("__init__.py")]
    assert [
        name_of(folder) for folder in packages if not any(p.name != "__init__.py" for p in folder.glob("*"))
    ] == []

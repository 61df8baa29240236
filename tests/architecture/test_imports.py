"""Which libraries each layer may know, and what the domain may not do; the directions are import-linter's business.

Each test reads many modules and names those that break its rule, with what breaks it.
"""

import ast
import sys
from collections.abc import Callable, Iterable
from functools import cache
from pathlib import Path

PACKAGE = Path(__file__).parents[2] / "identity_service"
HOUSE = "identity_service"
IMPURE = {("datetime", "now"), ("datetime", "utcnow"), ("date", "today"), ("time", "time"), ("os", "urandom")}
ENTROPY = {"random", "secrets", "uuid"}
RELYING_PARTY = {"authlib", "joserfc", "httpx2", "starlette", "uvicorn", "jinja2", "click"}
LONGEST = 250  # lines; migrations, below alembic/, are outside of the package and as long as they have to be


def modules(*folders: str) -> list[Path]:
    return sorted(path for folder in folders for path in (PACKAGE / folder).rglob("*.py"))


def outside(*folders: str) -> list[Path]:
    return [path for path in modules(".") if not name_of(path).startswith(folders)]


@cache
def tree(path: Path) -> ast.Module:
    return ast.parse(path.read_text())


@cache
def imported(path: Path) -> frozenset[str]:
    """The full names of what a module imports."""
    return frozenset(name for node in ast.walk(tree(path)) for name in named_by(node))


def named_by(node: ast.AST) -> set[str]:
    """The full names, where this is an import."""
    if isinstance(node, ast.Import):
        return {alias.name for alias in node.names}
    return {node.module} if isinstance(node, ast.ImportFrom) and node.module else set()


@cache
def attributes(path: Path) -> frozenset[tuple[str, str]]:
    """`name.attribute`, wherever a module reads one of a name."""
    return frozenset(
        (node.value.id if isinstance(node.value, ast.Name) else "", node.attr)
        for node in ast.walk(tree(path))
        if isinstance(node, ast.Attribute)
    )


def foreign(path: Path) -> set[str]:
    """The libraries from outside the standard library and the house that a module imports."""
    tops = {name.partition(".")[0] for name in imported(path)}
    return tops - sys.stdlib_module_names - {HOUSE}


def name_of(path: Path) -> str:
    return str(path.relative_to(PACKAGE))


def broken(paths: Iterable[Path], breaks: Callable[[Path], object]) -> dict[str, object]:
    """What breaks the rule, by module."""
    read = list(paths)
    assert read, "there is nothing to read"
    return {name_of(path): found for path in read if (found := breaks(path))}


def test_the_core_imports_the_standard_library_only() -> None:
    assert broken(modules("domain", "ports", "i18n"), foreign) == {}


def test_the_application_imports_the_standard_library_and_pydantic_only() -> None:
    assert broken(modules("application"), lambda path: foreign(path) - {"pydantic"}) == {}


def test_the_pages_import_starlette_and_jinja_only() -> None:
    assert broken(modules("web"), lambda path: foreign(path) - {"starlette", "jinja2", "markupsafe"}) == {}


def test_the_domain_awaits_nothing_and_asks_neither_clock_nor_chance() -> None:
    def breaks(path: Path) -> set[object]:
        awaits = {
            type(node).__name__
            for node in ast.walk(tree(path))
            if isinstance(node, ast.Await | ast.AsyncFunctionDef)
        }
        entropy = ENTROPY & {name.partition(".")[0] for name in imported(path)}
        return awaits | entropy | (attributes(path) & IMPURE)

    assert broken(modules("domain"), breaks) == {}


def test_a_grant_knows_no_other_grant() -> None:
    def breaks(path: Path) -> set[str]:
        siblings = {name for name in imported(path) if name.startswith(f"{HOUSE}.application.grants.")}
        return {name.rpartition(".")[2] for name in siblings} - {"base"}

    grants = modules("application/grants")
    assert (
        broken((path for path in grants if path.stem not in ("base", "registry", "__init__")), breaks) == {}
    )


def test_the_demo_imports_nothing_of_the_house() -> None:
    def breaks(path: Path) -> set[str]:
        of_the_house = {name for name in imported(path) if name.partition(".")[0] == HOUSE}
        others = {name for name in of_the_house if name.split(".")[1:2] != ["demo"]}
        return others | (foreign(path) - RELYING_PARTY)

    assert broken(modules("demo"), breaks) == {}


def test_the_probes_know_http_and_nothing_of_the_house() -> None:
    def breaks(path: Path) -> set[str]:
        of_the_house = {name for name in imported(path) if name.partition(".")[0] == HOUSE}
        others = {name for name in of_the_house if name.split(".")[1:2] != ["probes"]}
        return others | (foreign(path) - {"httpx2", "cryptography"})

    assert broken(modules("probes"), breaks) == {}


def test_only_the_fetcher_the_demo_and_the_probes_ask_other_servers() -> None:
    asking = ("adapters/http_client", "demo", "probes")
    assert broken(outside(*asking), lambda path: foreign(path) & {"httpx2"}) == {}


def test_the_fetcher_loads_its_library_when_it_fetches() -> None:
    def breaks(path: Path) -> set[str]:
        return {name for node in tree(path).body for name in named_by(node) if name.startswith("httpx2")}

    assert broken(modules("adapters/http_client"), breaks) == {}


def test_only_one_adapter_knows_the_libraries_of_jose() -> None:
    jose = {"joserfc", "authlib", "jwt"}
    assert broken(outside("adapters/jwt", "demo"), lambda path: foreign(path) & jose) == {}


def test_only_the_settings_read_the_environment() -> None:
    def breaks(path: Path) -> set[str]:
        return {name for _, name in attributes(path)} & {"environ", "getenv"}

    assert broken(outside("infrastructure"), breaks) == {}


def test_a_module_is_no_longer_than_a_person_reads_in_one_go() -> None:
    def breaks(path: Path) -> int | None:
        lines = len(path.read_text().splitlines())
        return lines if lines > LONGEST else None

    assert broken(modules("."), breaks) == {}


def test_no_package_is_empty() -> None:
    packages = [path.parent for path in PACKAGE.rglob("__init__.py")]
    assert [
        name_of(folder) for folder in packages if not any(p.name != "__init__.py" for p in folder.glob("*"))
    ] == []


def test_what_breaks_a_rule_is_named() -> None:
    assert broken(modules("adapters/sql"), foreign)["adapters/sql/failures.py"] == {"asyncpg", "sqlalchemy"}

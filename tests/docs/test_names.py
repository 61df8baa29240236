"""Whatever the documentation names exists: pages, files, endpoints, settings and commands."""

import re
from pathlib import Path

import click
import pytest
from starlette.routing import Match

from identity_service.cli import root
from identity_service.infrastructure.config.settings import Settings
from identity_service.main import create_app
from tests.docs.pages import CHECKOUT, PAGES, anchors, blocks, code_spans, links, prose, read
from tests.house import settings_for

PACKAGE = CHECKOUT / "identity_service"
METHODS = ("GET", "POST", "PATCH", "PUT", "DELETE")
# Split, so that this file does not name them either.
INDEXES = [f"{a}.{b}" for a, b in (("py" + "pi", "org"), ("python" + "hosted", "org"), ("npm" + "js", "com"))]
MACHINE_PATHS = re.compile(r"(?<![\w.:/])/(?:home|root|work|Users|mnt|tmp)(?:/|\b)")
ENDPOINT = re.compile(r"(?:(?P<method>GET|POST|PATCH|PUT|DELETE) )?(?P<path>/[a-z.{][\w./{}-]*)")
LOCAL_URL = re.compile(r"https?://127\.0\.0\.1:8000(?P<path>/[\w./{}-]+)")
SETTING = re.compile(r"(?P<name>[A-Z][A-Z0-9]*(?:_[A-Z0-9]+)+|[A-Z]{4,}(?==))(?:=.*)?")
COMMAND = re.compile(r"\bidentity-service((?: [a-z][a-z-]+)+)")
FILE = re.compile(r"[\w.-]+(?:/[\w.-]+)*/?")
ROOTS = (CHECKOUT, PACKAGE, PACKAGE / "application", PACKAGE / "application" / "use_cases")


@pytest.fixture(scope="module", params=PAGES)
def page(request: pytest.FixtureRequest) -> str:
    return str(request.param)


def made_by(page: str) -> set[str]:
    """What the blocks of a recipe make; the page may name it."""
    return {block.attributes["file"] for block in blocks(page) if "file" in block.attributes}


def test_every_link_inside_the_checkout_leads_somewhere(page: str) -> None:
    for target in links(page):
        if target.startswith(("https://", "http://", "mailto:")):
            continue
        name, _, fragment = target.partition("#")
        found = (CHECKOUT / page).parent / name if name else CHECKOUT / page
        assert found.exists(), f"{page} leads to {target}"
        if fragment:
            assert fragment in anchors(found.resolve().relative_to(CHECKOUT).as_posix()), f"{page}: {target}"


def test_no_page_names_a_package_index_or_a_place_on_somebodys_machine(page: str) -> None:
    assert [name for name in INDEXES if name in read(page)] == []
    assert MACHINE_PATHS.findall(read(page)) == []


def test_every_file_that_is_named_is_there(page: str) -> None:
    made = made_by(page)
    for span in code_spans(page):
        if not FILE.fullmatch(span) or (
            "/" not in span.rstrip("/") and Path(span).suffix not in (".md", ".py")
        ):
            continue
        if span.startswith("application/x-"):
            continue  # a media type
        top = span.partition("/")[0]
        if "/" in span and not any((root_ / top).is_dir() for root_ in ROOTS):
            continue  # no path
        inside = any((root_ / span).exists() for root_ in ROOTS) or any(path.endswith(span) for path in made)
        assert (
            inside or next(PACKAGE.rglob(span), None) or next((CHECKOUT / "scripts").glob(span), None)
        ), span


@pytest.fixture(scope="module")
def application(tmp_path_factory: pytest.TempPathFactory) -> object:
    chosen = {
        "metrics": "guarded",
        "metrics_token": "a" * 32,
        "session_management": True,
        "client_registration": "open",
    }  # or they are not there
    return create_app(settings_for(tmp_path_factory.mktemp("application"), **chosen))


def test_every_endpoint_that_is_named_is_served(page: str, application: object) -> None:
    if page.startswith("docs/recipes/"):
        return  # its own endpoints are tried by test_recipes.py
    spans = [found for span in code_spans(page) if (found := ENDPOINT.fullmatch(span))]
    shown = [found for block in blocks(page, "sh") for found in LOCAL_URL.finditer(block.text)]
    missing = [found[0] for found in (*spans, *shown) if not served(application, found)]
    assert missing == []


def served(application: object, found: re.Match[str]) -> bool:
    method = found.groupdict().get("method")
    methods = METHODS if method is None else (method,)
    scopes = [
        {
            "type": "http",
            "path": found["path"],
            "root_path": "",
            "method": name,
            "headers": [],
            "path_params": {},
        }
        for name in methods
    ]
    return any(
        route.matches(scope)[0] is Match.FULL
        for scope in scopes
        for route in application.router.routes  # type: ignore[attr-defined]  # a FastAPI
    )


def test_every_setting_that_is_named_can_be_set(page: str) -> None:
    known = {name.upper() for name in Settings.model_fields}
    known |= {f"{name}_FILE" for name in (*known, "NAME")}
    named = {found["name"] for span in code_spans(page) if (found := SETTING.fullmatch(span))}
    for block in blocks(page, "sh", "ini", "dotenv"):
        named |= set(re.findall(r"^(?:export )?([A-Z][A-Z_]+)=", block.text, re.MULTILINE))
    unknown = {name for name in named - known if not in_code(name)}
    assert unknown == set()


def in_code(name: str) -> bool:
    """Not a setting of the server, but read by the scripts or the tests."""
    sources = (*(CHECKOUT / "scripts").iterdir(), *(CHECKOUT / "tests" / "servers").glob("*.py"))
    own = (*(CHECKOUT / "tests").glob("*.py"), *(CHECKOUT / "tests" / "model").glob("*.py"))
    return any(name in path.read_text() for path in (*sources, *own) if path.is_file())


def test_every_command_that_is_named_is_there(page: str) -> None:
    shown = "\n".join(block.text for block in blocks(page, "sh"))
    for found in COMMAND.finditer("\n".join([shown, *code_spans(page)])):
        assert is_command(found[1].split()), f"{page}: identity-service{found[1]}"


def is_command(words: list[str]) -> bool:
    """Whether the words lead to a command; what follows a command are its arguments."""
    group: click.Command | None = root
    for word in words:
        if not isinstance(group, click.Group):
            return True
        group = group.get_command(click.Context(group), word)
        if group is None:
            return False
    return True


@pytest.mark.parametrize("words", [["fly"], ["db", "fly"]])
def test_a_command_that_is_not_there_would_be_noticed(words: list[str]) -> None:
    assert not is_command(words)


def test_an_endpoint_that_is_not_there_would_be_noticed(application: object) -> None:
    for made_up in ("/oauth2/teleport", "PUT /oauth2/token"):
        found = ENDPOINT.fullmatch(made_up)
        assert found is not None
        assert not served(application, found)


def test_every_page_is_reached_from_the_readme() -> None:
    reached, waiting = {"README.md"}, ["README.md"]
    while waiting:
        page = waiting.pop()
        for target in links(page):
            found = ((CHECKOUT / page).parent / target.partition("#")[0]).resolve()
            name = found.relative_to(CHECKOUT).as_posix() if found.is_relative_to(CHECKOUT) else ""
            if name in PAGES and name not in reached:
                reached.add(name)
                waiting.append(name)
    assert set(PAGES) - reached == set()


def test_the_picture_of_the_house_shows_what_is_there() -> None:
    picture = (CHECKOUT / "docs" / "images" / "house.svg").read_text()
    names = re.findall(r'class="name"[^>]*>([\w./]+)<', picture)
    inner = re.findall(r"\b(\w+(?:/|\.py))", " ".join(re.findall(r'class="what"[^>]*>([^<]+)<', picture)))
    assert len(names) == 14
    for name in (*names, *inner):
        assert list(PACKAGE.rglob(name.rstrip("/"))), name
    top = {path.name for path in PACKAGE.iterdir() if path.is_dir() and path.name != "__pycache__"}
    assert top == {name.rstrip("/") for name in names if name.endswith("/")}


def test_prose_has_no_broken_fence() -> None:
    for name in PAGES:
        assert "```" not in prose(name), name


def test_every_script_that_a_block_calls_is_there(page: str) -> None:
    for block in blocks(page, "sh"):
        for name in re.findall(r"(?:^|\s)((?:scripts|\.ci)/[\w.-]+)", block.text, re.MULTILINE):
            assert (CHECKOUT / name).is_file(), f"{block.id}: {name}"

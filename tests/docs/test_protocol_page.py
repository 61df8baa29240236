"""docs/protocol.md says what the server does: its tables are compared with the code."""

import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from identity_service.application.grants.base import Grant
from identity_service.domain.entities.token import AccessClaims, Epochs
from identity_service.domain.oauth import errors
from identity_service.domain.oauth.access_token import TYP, to_claims
from identity_service.domain.value_objects.ids import ClientId, FamilyId, SessionId, UserId
from identity_service.domain.value_objects.scope import RESERVED, Scope
from identity_service.infrastructure.config.settings import Settings
from identity_service.infrastructure.container import build
from identity_service.main import assemble
from identity_service.web.routes.authorize import PATH as AUTHORIZE
from identity_service.web.routes.check_session import PATH as CHECK_SESSION
from identity_service.web.routes.logo import PATH as LOGO
from identity_service.web.routes.logout import PATH as LOGOUT
from tests.docs.pages import PAGES, read
from tests.house import settings_for

PAGE = "docs/protocol.md"
ROW = re.compile(r"^\| (?P<first>.+?) \| (?P<second>.*?) \|", re.MULTILINE)
NUMBER = re.compile(r"`(?P<name>[A-Z][A-Z_]+)`\s\((?P<value>[\d.]+)(?P<days> days)?\)")


def section(heading: str) -> str:
    return read(PAGE).partition(f"\n## {heading}\n")[2].partition("\n## ")[0]


def rows(heading: str) -> Iterator[tuple[list[str], str]]:
    """The code spans of the first column, and the text of the second."""
    for found in ROW.finditer(section(heading)):
        if spans := re.findall(r"`([^`]+)`", found["first"]):
            yield spans, found["second"]


@pytest.fixture(scope="module")
def container(tmp_path_factory: pytest.TempPathFactory) -> object:
    chosen = settings_for(tmp_path_factory.mktemp("protocol"), client_registration="open")
    return build(chosen)


def test_the_table_of_endpoints_is_the_description_of_the_api(container: object) -> None:
    described = assemble(container).openapi()["paths"]
    served = {f"{method.upper()} {path}" for path, item in described.items() for method in item}
    named = {span for spans, _ in rows("Endpoints") for span in spans}
    pages = {f"{method} {path}" for path in (AUTHORIZE, LOGOUT) for method in ("GET", "POST")}
    pages |= {f"GET {LOGO}", f"GET {CHECK_SESSION}"}
    undescribed = {"GET /openapi.json", "GET /docs", "GET /redoc", *pages}
    assert named == served | undescribed


def test_the_table_of_grants_is_the_registry(container: object) -> None:
    grants: tuple[Grant, ...] = container.tokens.grants().all  # type: ignore[attr-defined]  # a container's parts are untyped
    named = {spans[0]: parameters for spans, parameters in rows("Grants") if spans != ["grant_type"]}
    assert list(named) == [grant.name for grant in grants]
    for grant in grants:
        for parameter in grant.parameters:
            assert f"`{parameter.name}`" in named[grant.name]


def test_rfc9068_the_table_of_claims_is_what_a_token_of_a_person_holds() -> None:
    claims = AccessClaims(
        iss="i",
        sub="s",
        aud=("a",),
        exp=1,
        iat=0,
        jti="j",
        client_id=ClientId("c"),
        scope=Scope(),
        epochs=Epochs(1, 1, 1),
        user_id=UserId("s"),
        fid=FamilyId("f"),
        auth_time=0,
        amr=("pwd",),
        acr="level",
        sid=SessionId("s"),
    )
    assert {span for spans, _ in rows("Access tokens") for span in spans} == set(to_claims(claims))
    assert f"`{TYP}`" in section("Access tokens")


def every(kind: type[errors.OAuthError]) -> Iterator[type[errors.OAuthError]]:
    for below in kind.__subclasses__():
        yield below
        yield from every(below)


def test_rfc6749_s5_2_the_table_of_errors_has_the_codes_and_their_statuses() -> None:
    known: dict[str, set[str]] = {}
    for kind in every(errors.OAuthError):
        known.setdefault(kind.code, set()).add(str(kind.status))
    table = [
        (code, statuses.split(", "))
        for spans, statuses in rows("Refusals")
        for code in spans
        if code != "error"
    ]
    assert len(table) == 8
    for code, statuses in table:
        assert known[code] <= set(statuses), code
        assert set(statuses) <= known[code] | {"405"}, code


def test_the_reserved_scopes_are_named() -> None:
    for scope in RESERVED:
        assert f"`{scope}`" in section("Grants")


@pytest.mark.parametrize("page", PAGES, ids=lambda page: Path(page).stem)
def test_a_default_that_is_named_is_the_default(page: str) -> None:
    for found in NUMBER.finditer(read(page)):
        default = Settings.model_fields[found["name"].lower()].default
        days = 86_400 if found["days"] else 1
        assert float(found["value"]) * days == default, found[0]


def test_some_defaults_are_named() -> None:
    assert len(list(NUMBER.finditer(read(PAGE)))) >= 3

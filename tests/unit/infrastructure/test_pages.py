"""A deployment's name, colours and logo reach its pages; what cannot be read stops the start."""

from pathlib import Path

import pytest
from starlette.requests import Request

from identity_service.infrastructure.config.settings import Settings, WrongSettings
from identity_service.infrastructure.pages import assets_of, pages_of
from tests.pages import LOGIN


def settings(**own: object) -> Settings:
    return Settings(_env_file=None, **own)


def html(given: Settings) -> str:
    answer = pages_of(given, assets_of(given))().respond(LOGIN, Request({"type": "http", "headers": []}))
    return bytes(answer.body).decode()


def test_the_pages_are_those_of_the_deployment(tmp_path: Path) -> None:
    (tmp_path / "own.css").write_text(":root { --accent: #123456; }")
    (tmp_path / "logo.PNG").write_bytes(b"\x89PNG")
    own = settings(site_name="House", theme_css_file=tmp_path / "own.css", logo_file=tmp_path / "logo.PNG")
    assert "House</title>" in html(own)
    assert "/static/own." in html(own)
    assert "/static/logo." in html(own)


def test_without_settings_there_is_our_name_and_neither_file() -> None:
    assert "identity-service</title>" in html(settings())
    assert "/static/own." not in html(settings())
    assert "/static/logo." not in html(settings())


@pytest.mark.parametrize(
    ("issuer", "link"),
    [
        ("https://id.example", 'href="/static/page.'),
        ("https://example.org/tenant", 'href="/tenant/static/page.'),
    ],
)
def test_links_to_files_begin_with_the_path_of_the_issuer(issuer: str, link: str) -> None:
    assert link in html(settings(issuer=issuer))


@pytest.mark.parametrize("name", ["THEME_CSS_FILE", "LOGO_FILE"])
def test_a_file_that_cannot_be_read_stops_the_start(tmp_path: Path, name: str) -> None:
    path = tmp_path / {"THEME_CSS_FILE": "own.css", "LOGO_FILE": "logo.svg"}[name]
    with pytest.raises(WrongSettings) as caught:
        assets_of(settings(**{name.lower(): path}))
    assert str(caught.value) == f"{name}: cannot read {path} (No such file or directory)"

"""Files have names that change with their content, and are kept for ever; nothing else is found beside them."""

from collections.abc import AsyncIterator
from pathlib import Path

import httpx2
import pytest
from starlette.applications import Starlette

from identity_service.web.static import Assets, read_assets


@pytest.fixture
def assets() -> Assets:
    return read_assets()


@pytest.fixture
async def client(assets: Assets) -> AsyncIterator[httpx2.AsyncClient]:
    app = Starlette(routes=[assets.route()])
    async with httpx2.AsyncClient(
        transport=httpx2.ASGITransport(app=app), base_url="http://id.example"
    ) as opened:
        yield opened


@pytest.mark.parametrize(
    ("role", "media_type"),
    [
        ("page.css", "text/css; charset=utf-8"),
        ("form_post.js", "text/javascript; charset=utf-8"),
        ("icon.svg", "image/svg+xml"),
    ],
)
async def test_a_file_is_kept_for_ever(
    assets: Assets, client: httpx2.AsyncClient, role: str, media_type: str
) -> None:
    answer = await client.get(f"/static/{assets.name(role)}")
    assert answer.status_code == 200
    assert answer.headers["content-type"] == media_type
    assert answer.headers["cache-control"] == "public, max-age=31536000, immutable"
    assert answer.headers["x-content-type-options"] == "nosniff"
    assert answer.headers["content-security-policy"].endswith("sandbox")


async def test_a_file_that_somebody_has_is_not_sent_again(assets: Assets, client: httpx2.AsyncClient) -> None:
    path = f"/static/{assets.name('page.css')}"
    tag = (await client.get(path)).headers["etag"]
    for value in (tag, f"W/{tag}", f'"other", {tag}'):
        answer = await client.get(path, headers={"If-None-Match": value})
        assert (answer.status_code, answer.content, answer.headers["etag"]) == (304, b"", tag)


async def test_a_file_that_somebody_has_in_another_form_is_sent(
    assets: Assets, client: httpx2.AsyncClient
) -> None:
    path = f"/static/{assets.name('page.css')}"
    assert (await client.get(path, headers={"If-None-Match": '"other"'})).status_code == 200


@pytest.mark.parametrize(
    "path",
    [
        "/static/page.css",
        "/static/page.0000000000000000.css",
        "/static/",
        "/static/..%2fpages.py",
        "/static/%2e%2e/pages.py",
        "/static/form_post.js%00",
        "/static/{same}/x",
        "/static/{same}.map",
    ],
)
async def test_anything_else_is_not_found(assets: Assets, client: httpx2.AsyncClient, path: str) -> None:
    answer = await client.get(path.replace("{same}", str(assets.name("page.css"))))
    assert answer.status_code == 404


def test_a_name_changes_with_the_content_and_with_nothing_else(tmp_path: Path) -> None:
    style, names = tmp_path / "mine.css", []
    for text in ("a{}", "b{}", "a{}"):
        style.write_text(text)
        names.append(read_assets(theme_css_file=style).name("own.css"))
    assert names[0] == names[2] != names[1]


def test_a_file_that_cannot_be_read_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError):
        read_assets(logo_file=tmp_path / "logo.svg")

"""Logos of clients: fetched once, judged, and served from here (docs/decisions/0050)."""

from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager
from hashlib import sha256
from typing import Any

import pytest
from sqlalchemy import text

from identity_service.application.use_cases.clients.fetch_logos import MOST_FAILURES, FetchLogos
from identity_service.application.workers import jobs
from tests.api_caller import program
from tests.house import House
from tests.html import elements
from tests.pictures import jpeg, png
from tests.visitor import app_of, visitor_of
from tests.web_site import WebSite, leads_inside, served

Open = Callable[..., AbstractAsyncContextManager[House]]
PICTURE = png(3, 2)
NEW = {"client_name": "Shop", "grant_types": ["client_credentials"], "scope": "read"}


class Rig:
    """A house, a site that it may fetch from, and an administrator."""

    def __init__(self, house: House, site: WebSite, admin: Any) -> None:
        self.house = house
        self.site = site
        self.admin = admin
        self.uri = f"http://127.0.0.1:{site.port}/logo.png"
        container = house.container
        self._fetch = FetchLogos(begin=container.begin, read=container.read, fetch=container.fetcher())

    async def fetch(self) -> int:
        """What the worker does, now."""
        return await self._fetch(lambda: True)

    async def logo_of(self, client_id: str) -> str | None:
        async with self.house.container.read() as uow:
            return (await uow.clients.get(client_id)).logo_digest  # type: ignore[no-any-return]  # untyped

    async def client(self, **members: Any) -> str:
        """The id of a new one with a logo."""
        return str(
            (await self.admin.made("/clients", **NEW, **({"logo_uri": self.uri} | members)))["client_id"]
        )


@pytest.fixture
async def rig(house_with: Open, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Rig]:
    monkeypatch.setattr(jobs, "LOGOS_EVERY", 3600.0)  # the tests say when
    async with served(WebSite()) as site, house_with(fetch_exceptions=(f"127.0.0.1:{site.port}",)) as house:
        site.says(PICTURE, media_type="image/png")
        yield Rig(house, site, await program(house))


async def test_saving_asks_nobody_and_the_worker_fetches_once(rig: Rig) -> None:
    client_id = await rig.client()
    assert (rig.site.asked, await rig.logo_of(client_id)) == ([], None)

    assert [await rig.fetch() for _ in range(3)] == [1, 0, 0]

    assert len(rig.site.asked) == 1
    assert await rig.logo_of(client_id) == sha256(PICTURE).hexdigest()


async def test_it_is_served_to_be_kept_and_to_do_nothing(rig: Rig) -> None:
    await rig.client()
    await rig.fetch()
    path = f"/logos/{sha256(PICTURE).hexdigest()}"

    answer = await rig.house.http.get(path)
    again = await rig.house.http.get(path, headers={"If-None-Match": answer.headers["etag"]})

    assert (answer.status_code, answer.content) == (200, PICTURE)
    assert answer.headers["content-type"] == "image/png"
    assert answer.headers["etag"] == f'"{sha256(PICTURE).hexdigest()}"'
    assert answer.headers["cache-control"] == "public, max-age=31536000, immutable"
    assert answer.headers["x-content-type-options"] == "nosniff"
    assert answer.headers["content-security-policy"].startswith("default-src 'none'")
    assert (again.status_code, again.content) == (304, b"")
    for other in ("0" * 64, "x", sha256(PICTURE).hexdigest().upper(), "%00", "..%2f..%2fetc%2fpasswd"):
        assert (await rig.house.http.get(f"/logos/{other}")).status_code == 404


async def test_the_bytes_say_what_it_is_and_not_its_site(rig: Rig) -> None:
    rig.site.says(jpeg(), media_type="image/png")
    await rig.client()
    await rig.fetch()

    answer = await rig.house.http.get(f"/logos/{sha256(jpeg()).hexdigest()}")

    assert answer.headers["content-type"] == "image/jpeg"


@pytest.mark.parametrize(
    ("body", "media_type"),
    [
        pytest.param(b"<svg xmlns='http://www.w3.org/2000/svg'/>", "image/svg+xml", id="SVG"),
        pytest.param(b"<svg xmlns='http://www.w3.org/2000/svg'/>", "image/png", id="SVG that is called PNG"),
        pytest.param(b"<script>alert(1)</script>", "image/gif", id="a script"),
        pytest.param(PICTURE, "text/html", id="a picture that is called HTML"),
        pytest.param(PICTURE[:-12] + bytes(300_000) + PICTURE[-12:], "image/png", id="a large one"),
        pytest.param(png(2049, 1), "image/png", id="a wide one"),
    ],
)
async def test_attack_36_what_is_no_small_picture_is_not_shown(
    rig: Rig, body: bytes, media_type: str
) -> None:
    rig.site.says(body, media_type=media_type)
    client_id = await rig.client()

    assert await rig.fetch() == 0

    assert await rig.logo_of(client_id) is None
    assert (await rig.house.http.get(f"/logos/{sha256(body).hexdigest()}")).status_code == 404


async def test_attack_22_a_logo_inside_is_not_fetched(rig: Rig, monkeypatch: pytest.MonkeyPatch) -> None:
    leads_inside(monkeypatch, "pictures.example", to="127.0.0.1")
    client_id = await rig.client(logo_uri=f"https://pictures.example:{rig.site.port}/logo.png")

    await rig.fetch()

    assert (rig.site.asked, await rig.logo_of(client_id)) == ([], None)


async def test_a_site_that_fails_is_asked_a_few_times_more(rig: Rig) -> None:
    rig.site.says(b"", status="500 Internal Server Error")
    client_id = await rig.client()
    for asked in range(1, MOST_FAILURES + 3):
        await rig.fetch()
        assert len(rig.site.asked) == min(asked, MOST_FAILURES)
        await rig.fetch()
        assert len(rig.site.asked) == min(asked, MOST_FAILURES), "not at once"
        await let_time_pass(rig.house)

    rig.site.says(PICTURE, media_type="image/png")
    await rig.admin("PATCH", f"/clients/{client_id}", json={"logo_uri": rig.uri})
    assert await rig.fetch() == 1


async def let_time_pass(house: House) -> None:
    async with house.container.database().engine.begin() as connection:
        past = "2000-01-01 00:00:00.000000"
        await connection.execute(text(f"UPDATE client_logos SET due_at = '{past}' WHERE due_at IS NOT NULL"))


async def test_a_client_that_is_saved_with_its_logo_has_it_fetched_anew(rig: Rig) -> None:
    client_id = await rig.client()
    await rig.fetch()
    path = f"/clients/{client_id}"
    rig.site.says(jpeg(), media_type="image/jpeg")

    await rig.admin("PATCH", path, json={"client_name": "Store"})
    assert (await rig.fetch(), await rig.logo_of(client_id)) == (0, sha256(PICTURE).hexdigest())
    await rig.admin("PATCH", path, json={"logo_uri": rig.uri})
    assert (await rig.fetch(), await rig.logo_of(client_id)) == (1, sha256(jpeg()).hexdigest())
    await rig.admin("PATCH", path, json={"logo_uri": None})
    assert (await rig.fetch(), await rig.logo_of(client_id)) == (0, None)
    assert (await rig.house.http.get(f"/logos/{sha256(jpeg()).hexdigest()}")).status_code == 404


async def test_a_deleted_client_leaves_no_logo(rig: Rig) -> None:
    client_id = await rig.client()
    await rig.fetch()

    await rig.admin("DELETE", f"/clients/{client_id}")

    assert (await rig.house.http.get(f"/logos/{sha256(PICTURE).hexdigest()}")).status_code == 404


async def test_pages_show_it_from_here_and_a_letter_before(rig: Rig) -> None:
    await rig.house.add_user()
    async with visitor_of(rig.house) as visitor:
        app = await app_of(rig.house, client_name="Shop")
        before = await visitor.to_page(await visitor.ask(app))
        assert elements(before.answer.text, "img") == []
        await rig.admin("PATCH", f"/clients/{app.id}", json={"logo_uri": rig.uri})
        await visitor.to_page(await visitor.ask(app))  # by which the client is remembered
        await rig.fetch()

        login = await visitor.to_page(await visitor.ask(app))
        consent = await visitor.to_page(await login.filled())

        for page in (login, consent):
            [image] = elements(page.answer.text, "img")
            assert image["src"] == f"/logos/{sha256(PICTURE).hexdigest()}"
            assert "img-src 'self'" in page.answer.headers["content-security-policy"]
        assert (await visitor.http.get(image["src"])).content == PICTURE
        await rig.admin("PATCH", f"/clients/{app.id}", json={"logo_uri": rig.uri})
        after = await visitor.to_page(await visitor.ask(app))
        assert elements(after.answer.text, "img") == []

"""The limit of a page: a bare FastAPI route that renders the same template with the same values, and does nothing else.

`python -m benchmarks.bare_pages FILE PORT` serves the pages of the file, with the settings of the environment.
"""

import json
import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import uvicorn
from fastapi import FastAPI, Request, Response

from benchmarks.browser import Page as Seen
from benchmarks.ours import PATHS
from benchmarks.processes import free_port, running, until_listening
from benchmarks.subjects import Subject
from identity_service.infrastructure.config.settings import load_settings
from identity_service.infrastructure.pages import assets_of, pages_of
from identity_service.server.run import uvicorn_config
from identity_service.web.pages import Pages
from identity_service.web.views import ClientShown, ConsentPage, LoginPage

KINDS: Mapping[str, Callable[..., LoginPage | ConsentPage]] = {
    "LoginPage": LoginPage,
    "ConsentPage": ConsentPage,
}


@dataclass(frozen=True, kw_only=True)
class Shown:
    """A page, where it is, where its form may lead, and the headers that the answer has beside the page's own."""

    path: str
    page: LoginPage | ConsentPage
    form_action: tuple[str, ...]
    headers: Mapping[str, str]


@contextmanager
def bare_pages(
    shown: Sequence[Shown], *, core: int, folder: Path, environment: Mapping[str, str]
) -> Iterator[Subject]:
    """A server of these pages in a process of its own. Raises Void."""
    port, values, log = free_port(), folder / "pages.json", folder / "bare.log"
    values.write_text(json.dumps([{"kind": type(one.page).__name__, **asdict(one)} for one in shown]))
    command = (sys.executable, "-m", "benchmarks.bare_pages", str(values), str(port))
    with running(command, core=core, log=log, environment=environment) as process:
        until_listening(port, process, log)
        yield Subject(name="bare pages", port=port, pid=process.pid, paths=PATHS, authorization="")


def read(values: str) -> list[Shown]:
    """What was written for the process."""
    return [
        Shown(
            path=one["path"],
            page=_page(one["kind"], one["page"]),
            form_action=tuple(one["form_action"]),
            headers=one["headers"],
        )
        for one in json.loads(values)
    ]


def _page(kind: str, members: dict[str, Any]) -> LoginPage | ConsentPage:
    given = {name: tuple(value) if isinstance(value, list) else value for name, value in members.items()}
    return KINDS[kind](**{**given, "client": ClientShown(**members["client"])})


def differences(ours: Seen, bare: Seen) -> list[str]:
    """What of the answer is not the same byte by byte, by name."""
    names = sorted(ours.headers.keys() | bare.headers.keys())
    return [
        *(name for name in names if ours.headers.get(name) != bare.headers.get(name)),
        *(["the body"] if ours.body != bare.body else []),
    ]


def app_of(shown: Sequence[Shown], pages: Pages) -> FastAPI:
    """A route for each page."""
    app = FastAPI(openapi_url=None)
    for one in shown:
        _add(app, one, pages)
    return app


def _add(app: FastAPI, one: Shown, pages: Pages) -> None:
    @app.get(one.path.rpartition("/")[0] + "/{interaction_id}")
    async def page(request: Request, interaction_id: str) -> Response:
        answer = pages.respond(one.page, request, form_action=one.form_action)
        answer.headers.update(one.headers)
        return answer


def main() -> None:
    """Serves as the server serves itself."""
    settings, file, port = load_settings(), Path(sys.argv[1]), int(sys.argv[2])
    app = app_of(read(file.read_text()), pages_of(settings, assets_of(settings))())
    uvicorn.Server(uvicorn_config(app, settings, "127.0.0.1", port)).run()


if __name__ == "__main__":
    main()

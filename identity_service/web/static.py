"""Which files the pages load: ours, a deployment's colours and logo. Read once; each name has one content for ever."""

from collections.abc import Mapping
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

FOLDER = Path(__file__).with_name("static")
MEDIA_TYPES = {
    ".css": "text/css",
    ".js": "text/javascript",
    ".svg": "image/svg+xml",
    ".png": "image/png",
}
_HEADERS = {
    "Cache-Control": "public, max-age=31536000, immutable",
    "X-Content-Type-Options": "nosniff",
    "Cross-Origin-Resource-Policy": "same-origin",
    # A picture that somebody opens by itself is a document of our origin, and may hold script.
    "Content-Security-Policy": "default-src 'none'; style-src 'unsafe-inline'; sandbox",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Asset:
    """A file under `name`, which changes with its content."""

    name: str
    body: bytes
    media_type: str
    etag: str


class Assets:
    """The files by what the templates call them: `page.css theme.css account.css icon.svg form_post.js`, `own.css`,
    `logo`."""

    def __init__(self, by_role: Mapping[str, Asset]) -> None:
        self._names = {role: asset.name for role, asset in by_role.items()}
        self._by_name = {asset.name: asset for asset in by_role.values()}

    def name(self, role: str) -> str | None:
        """The name that a file is served under; None where there is no such file."""
        return self._names.get(role)

    def route(self) -> Route:
        """`/static/{file}`; what is no name of a file here is not found."""
        return Route("/static/{file}", self._serve, methods=["GET"])

    async def _serve(self, request: Request) -> Response:
        asset = self._by_name.get(request.path_params["file"])
        if asset is None:
            raise HTTPException(404)
        return unchanging(request, asset.body, media_type=asset.media_type, etag=asset.etag)


def unchanging(request: Request, body: bytes, *, media_type: str, etag: str) -> Response:
    """What is always the same under its name, to be kept for a year; 304 for who has it."""
    headers = {**_HEADERS, "ETag": etag}
    if etag in _entity_tags(request):
        return Response(status_code=304, headers=headers)
    return Response(body, headers=headers, media_type=media_type)


def _entity_tags(request: Request) -> set[str]:
    """If-None-Match, compared weakly (RFC 9110 §13.1.2)."""
    given = ",".join(request.headers.getlist("if-none-match"))
    return {each.strip().removeprefix("W/") for each in given.split(",")}


def read_assets(*, theme_css_file: Path | None = None, logo_file: Path | None = None) -> Assets:
    """Our own files, and those of a deployment. Raises OSError for one that cannot be read."""
    found = {path.name: _asset(path.name, path.read_bytes()) for path in sorted(FOLDER.iterdir())}
    if theme_css_file is not None:
        found["own.css"] = _asset("own.css", theme_css_file.read_bytes())
    if logo_file is not None:
        found["logo"] = _asset(f"logo{logo_file.suffix.lower()}", logo_file.read_bytes())
    return Assets(found)


def _asset(file_name: str, body: bytes) -> Asset:
    stem, dot, suffix = file_name.rpartition(".")
    digest = sha256(body).hexdigest()[:16]
    return Asset(
        name=f"{stem}.{digest}.{suffix}",
        body=body,
        media_type=MEDIA_TYPES[dot + suffix],
        etag=f'"{digest}"',
    )

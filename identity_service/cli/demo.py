"""The demo user and the demo clients: made once in an embedded database, their secrets kept beside it."""

import json
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

FILE = "demo.json"
KEY_FILE = "demo.key.json"
USERNAME = "demo"
CLIENT_NAME = "Demo"
EMAIL = "demo@example.org"
GRANT_TYPES = ("password", "refresh_token", "client_credentials")
SCOPE = "read write"


@dataclass(frozen=True, slots=True, kw_only=True)
class Demo:
    """Who may sign in. The secrets are random: a demo that somebody exposes has no well-known password.

    `party_id` is the client that people sign in to with a browser. It has no secret but the key in KEY_FILE.
    """

    username: str
    password: str = field(repr=False)
    client_id: str
    client_secret: str = field(repr=False)
    party_id: str | None = None


def remembered(folder: Path) -> Demo | None:
    """The demo that was made in this folder; None where there is none, or none that can be read."""
    try:
        return Demo(**json.loads((folder / FILE).read_text(encoding="utf-8")))
    except (FileNotFoundError, ValueError, TypeError):
        return None


def remember(demo: Demo, folder: Path) -> Path:
    """Writes the file, readable for its owner alone, whole or not at all."""
    from identity_service.demo.own_key import keep

    path = folder / FILE
    keep(path, json.dumps(asdict(demo), indent=2) + "\n")
    return path


def own_key(folder: Path) -> Any:
    """The key of the relying party, made anew where there is none, or none that can be used. Raises OSError."""
    from identity_service.demo.own_key import key_in, make_key

    path = folder / KEY_FILE
    try:
        return key_in(path)
    except ValueError:
        return make_key(path)


async def still_there(demo: Demo, container: Any) -> bool:
    """Whether user and client are in the database and may be used with these secrets."""
    from identity_service.domain.value_objects.secret import digest

    async with container.read() as uow:
        user = await uow.users.by_username(container.names().username(demo.username).key)
        client = await uow.clients.get(demo.client_id)
    if user is None or not user.active or client is None or not client.active:
        return False
    if digest(demo.client_secret).hex() not in {secret.stored for secret in client.secrets}:
        return False
    verdict = await container.hasher().verify(demo.password, user.password_hash, address=None)
    return bool(verdict.matches)

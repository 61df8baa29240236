"""A whole server in the test's own process: the real application, its lifespan, and a database of its own."""

import os
from base64 import b64encode
from collections.abc import AsyncIterator, Callable, Iterable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import cache
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import httpx2
from dependency_injector import providers
from fastapi import FastAPI
from pydantic import BaseModel

from identity_service.adapters.jwt.jwk import generate_private_key, to_pem
from identity_service.application.workers import preparation
from identity_service.domain.entities.client import Client, ClientSecret
from identity_service.domain.entities.user import User
from identity_service.domain.value_objects.ids import ClientId, UserId
from identity_service.domain.value_objects.scope import Scope
from identity_service.domain.value_objects.secret import OpaqueKind, digest, opaque_token
from identity_service.infrastructure.config.settings import Settings
from identity_service.infrastructure.container import build, new_id
from identity_service.main import assemble
from tests import dialects, quick_keys

ISSUER = "https://id.example"
PASSWORD = "correct horse battery staple"
ALL_GRANTS = ("password", "refresh_token", "client_credentials")
NOW = datetime(2026, 1, 1, tzinfo=UTC)

dialects.share()
quick_keys.share()
preparation.FIRST_TRY_SECONDS = 60.0  # a test waits for its keys, however busy the machine is


@cache
def private_key() -> str:
    """One key for all tests of a process: making one takes a tenth of a second."""
    return b64encode(to_pem(generate_private_key("RS256")).encode()).decode()


@dataclass(frozen=True)
class Registered:
    """A client of a test, with its secret (empty for a public one)."""

    client: Client
    secret: str

    @property
    def id(self) -> str:
        return self.client.client_id

    @property
    def basic(self) -> httpx2.BasicAuth:
        return httpx2.BasicAuth(self.client.client_id, self.secret)


class House:
    """One running application. `http` speaks to it; the `add_…` methods put things straight into its database."""

    def __init__(self, container: Any, app: FastAPI, http: httpx2.AsyncClient) -> None:
        self.container = container
        self.app = app
        self.http = http

    async def add_user(
        self, username: str = "alice", *, password: str = PASSWORD, email: str | None = None, **members: Any
    ) -> User:
        """A user with this password; `members` replaces any member of the entity."""
        names = self.container.names()
        made: dict[str, Any] = {
            "id": UserId(new_id()),
            "username": names.username(username),
            "email": names.email(email or f"{username}@example.org"),
            "email_verified": True,
            "name": None,
            "password_hash": await self.container.hasher().hash(password, address=None),
            "admin": False,
            "active": True,
            "epoch": 1,
            "version": 1,
            "created_at": NOW,
            "updated_at": NOW,
        }
        async with self.container.begin() as uow:
            user: User = await uow.users.add(User(**(made | members)))
            await uow.commit()
        return user

    async def add_client(
        self,
        *,
        grants: Iterable[str] = ALL_GRANTS,
        scope: str = "read write",
        public: bool = False,
        **members: Any,
    ) -> Registered:
        """A client with a secret of our making, or a public one."""
        secret = "" if public else opaque_token(OpaqueKind.CLIENT_SECRET, os.urandom(32)).reveal()
        kept = ClientSecret(
            id=new_id(), scheme="sha256", stored=digest(secret).hex(), expires_at=None, created_at=NOW
        )
        made: dict[str, Any] = {
            "client_id": ClientId(new_id()),
            "client_name": "a client",
            "grant_types": frozenset(grants),
            "response_types": (),
            "redirect_uris": (),
            "scope": Scope.parse(scope),
            "token_endpoint_auth_method": "none" if public else None,
            "resource_server": False,
            "audiences": frozenset(),
            "access_token_ttl": None,
            "refresh_token_ttl": None,
            "refresh_reuse_grace": None,
            "access_token_signed_response_alg": None,
            "metadata": {},
            "secrets": () if public else (kept,),
            "active": True,
            "epoch": 1,
            "server_epoch": 1,
            "version": 1,
            "created_at": NOW,
            "updated_at": NOW,
        }
        async with self.container.begin() as uow:
            client = await uow.clients.add(Client(**(made | members)))
            await uow.commit()
        return Registered(client, secret)

    async def post(self, path: str, client: Registered | None = None, **form: Any) -> httpx2.Response:
        """POST a form; with a client, authenticated by Basic (a public client names itself in the form)."""
        if client is not None and not client.secret:
            form = {"client_id": client.id} | form
        auth: Any = client.basic if client is not None and client.secret else None
        return await self.http.post(path, data=form, auth=auth)

    async def token(self, client: Registered, **form: Any) -> httpx2.Response:
        """Ask the token endpoint."""
        return await self.post("/oauth2/token", client, **form)

    async def sign_in(
        self, client: Registered, username: str = "alice", password: str = PASSWORD, **form: Any
    ) -> dict[str, Any]:
        """The tokens of a password grant that must succeed."""
        answer = await self.token(client, grant_type="password", username=username, password=password, **form)
        assert answer.status_code == 200, answer.text
        return dict(answer.json())

    async def introspect(self, client: Registered, token: str, **form: Any) -> dict[str, Any]:
        """What introspection says to this client, which must be allowed to ask."""
        answer = await self.post("/oauth2/introspect", client, token=token, **form)
        assert answer.status_code == 200, answer.text
        return dict(answer.json())

    async def is_active(self, client: Registered, token: str) -> bool:
        """Whether introspection calls the token active."""
        return bool((await self.introspect(client, token))["active"])


class Given(Settings):
    """Settings of these values and defaults: no source is read, which is most of what making them costs."""

    def __init__(self, **values: Any) -> None:
        BaseModel.__init__(self, **values)


def settings_for(folder: Path, **overrides: Any) -> Settings:
    """Settings for a test: quick hashing, a ready key, nothing read from the environment."""
    chosen: dict[str, Any] = {
        "issuer": ISSUER,
        "data_dir": folder,
        "bcrypt_cost": 4,
        "jwt_private_key": private_key(),
        "client_signing_algorithms": ("RS256",),  # making a key for PS256 takes a tenth of a second
        "master_key": b64encode(bytes(32)).decode(),
    }
    return Given(**(chosen | overrides))


@asynccontextmanager
async def open_house(settings: Settings, *, clock: Callable[[], float] | None = None) -> AsyncIterator[House]:
    """The application over a database that is migrated already; with a clock of the test's own if it has one."""
    container = build(settings)
    if clock is not None:
        container.clock.override(providers.Object(clock))
    async with house_around(container) as house:
        yield house


@asynccontextmanager
async def house_around(container: Any) -> AsyncIterator[House]:
    """The application over a container of the test's own."""
    app = assemble(container)
    async with app.router.lifespan_context(app):
        issuer = urlsplit(container.settings().issuer)
        origin = f"{issuer.scheme}://{issuer.netloc}"
        transport = httpx2.ASGITransport(app, client=("192.0.2.7", 50000), raise_app_exceptions=False)
        async with httpx2.AsyncClient(transport=transport, base_url=origin) as http:
            yield House(container, app, http)

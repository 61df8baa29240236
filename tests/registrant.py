"""A program that registers itself, and looks after what it registered."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import httpx2

from identity_service.application.cursors import Page
from identity_service.application.dto.initial_access_token_view import InitialAccessTokenView
from identity_service.application.use_cases.registration.initial_access_tokens import (
    InitialAccessTokenListing,
    InitialAccessTokenOrder,
)
from tests.house import House, Registered

REGISTER = "/oauth2/register"
CALLBACK = "https://app.example/callback"
APP: dict[str, Any] = {
    "client_name": "Photo Album",
    "redirect_uris": [CALLBACK],
    "grant_types": ["authorization_code", "refresh_token"],
}


async def register(house: House, *, token: str | None = None, **members: Any) -> httpx2.Response:
    """The answer to a registration; a member that is `...` is left out."""
    document = {name: value for name, value in (APP | members).items() if value is not ...}
    headers = {} if token is None else {"Authorization": f"Bearer {token}"}
    return await house.http.post(REGISTER, json=document, headers=headers)


async def initial_access_token(house: House, **order: Any) -> str:
    """One that an operator hands out."""
    service = house.container.services().registration
    made = await service.create_initial_access_token(InitialAccessTokenOrder(by="cli", **order))
    return str(made.token.reveal())


async def handed_out(house: House) -> Sequence[InitialAccessTokenView]:
    """Every initial access token that there is."""
    service = house.container.services().registration
    found: Page[InitialAccessTokenView] = await service.list_initial_access_tokens(
        InitialAccessTokenListing()
    )
    return found.items


def is_refused(answer: httpx2.Response, error: str, status: int = 400) -> bool:
    """Whether it is this refusal, as the OAuth endpoints have them."""
    return (
        (answer.status_code, answer.json().get("error")) == (status, error)
        and set(answer.json()) == {"error", "error_description"}
        and answer.headers["cache-control"] == "no-store"
    )


@dataclass
class Registrant:
    """The program; `told` is what its last answer said."""

    house: House
    told: dict[str, Any]

    @classmethod
    async def new(cls, house: House, **members: Any) -> "Registrant":
        answer = await register(house, **members)
        assert answer.status_code == 201, answer.text
        return cls(house, answer.json())

    @property
    def path(self) -> str:
        return f"{REGISTER}/{self.told['client_id']}"

    async def __call__(self, method: str, *, token: str | None = None, **options: Any) -> httpx2.Response:
        """A request about its own registration."""
        bearer = self.told["registration_access_token"] if token is None else token
        headers = {"Authorization": f"Bearer {bearer}"}
        return await self.house.http.request(method, self.path, headers=headers, **options)

    def sendable(self, **members: Any) -> dict[str, Any]:
        """What it was told, as a change may send it (RFC 7592 §2.2); a member that is `...` is left out."""
        kept = {name: value for name, value in self.told.items() if not name.startswith("registration_")}
        for name in ("client_id_issued_at", "client_secret_expires_at"):
            kept.pop(name, None)
        return {name: value for name, value in (kept | members).items() if value is not ...}

    async def put(self, **members: Any) -> httpx2.Response:
        """A change of these members; where it succeeds, `told` is the answer."""
        answer = await self("PUT", json=self.sendable(**members))
        if answer.status_code == 200:
            self.told = {"client_secret": self.told.get("client_secret")} | answer.json()
            if self.told["client_secret"] is None:
                self.told.pop("client_secret")
        return answer

    async def as_client(self) -> Registered:
        """What tests of the other endpoints take."""
        async with self.house.container.read() as uow:
            client = await uow.clients.get(self.told["client_id"])
        assert client is not None
        return Registered(client, self.told.get("client_secret", ""))

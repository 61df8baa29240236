"""What administrators order over the JSON API: accounts and clients off and on, names, passwords, secrets."""

import time
from collections.abc import Awaitable, Callable
from random import Random

from tests.model.caller import Caller
from tests.model.history import DONE, Call
from tests.model.world import Held, Person, Program, World

A_DAY = 86_400
REST = 2.5
"""Seconds for which whoever was switched off is left alone: switching on again tells everybody to look anew."""


class Orders:
    """One administrator. Orders about one account or client wait for each other; all else goes on meanwhile."""

    def __init__(self, world: World, caller: Caller, rng: Random) -> None:
        self._world = world
        self._caller = caller
        self._rng = rng

    async def give(self) -> None:
        """Some order, and a question to the process that carried it out."""
        if self._rng.random() < 0.8:
            person = self._rng.choice(list(self._world.people.values()))
            choice = (self._switch_person, self._switch_person, self._change_password, self._rename)
            await self._about(person, self._rng.choice(choice))
        else:
            client = self._rng.choice(self._world.owners)
            await self._about(client, self._rng.choice((self._switch_client, self._rotate_secret)))

    async def reactivate(self) -> None:
        """Everybody who is believed to be inactive."""
        for person in self._world.people.values():
            if not person.active:
                await self._about(person, self._switch_person)
        for client in self._world.owners:
            if not client.active:
                await self._about(client, self._switch_client)

    async def _about(self, whom: Person | Program, order: Callable[..., Awaitable[None]]) -> None:
        if whom.busy or (not whom.active and time.monotonic() < whom.changed + REST):
            return
        whom.busy = True
        try:
            await order(whom)
        finally:
            whom.busy = False

    async def _switch_person(self, person: Person) -> None:
        verb = "deactivate" if person.active else "activate"
        known = self._known(lambda held: held.person is person)
        about = {"user": person.name}
        call, _ = await self._caller.order(f"{verb}_user", f"/users/{person.id}/{verb}", about)
        if _done(call):
            person.active, person.changed = verb == "activate", time.monotonic()
        if verb == "deactivate":
            await self._ended(call, lambda held: held.person is person, known)

    async def _switch_client(self, client: Program) -> None:
        verb = "deactivate" if client.active else "activate"
        known = self._known(lambda held: held.client is client)
        about = {"client": client.name}
        call, _ = await self._caller.order(f"{verb}_client", f"/clients/{client.id}/{verb}", about)
        if _done(call):
            client.active, client.changed = verb == "activate", time.monotonic()
        if verb == "deactivate":
            await self._ended(call, lambda held: held.client is client, known)

    async def _change_password(self, person: Person) -> None:
        password = f"password {self._rng.getrandbits(64):x}"
        known = self._known(lambda held: held.person is person)
        about = {"user": person.name, "password": password}
        path = f"/users/{person.id}/set-password"
        call, _ = await self._caller.order("change_password", path, about, {"password": password})
        if _done(call):
            person.password = password
        await self._ended(call, lambda held: held.person is person, known)

    async def _rename(self, person: Person) -> None:
        username = f"{person.name}-{self._rng.getrandbits(32):x}"
        about = {"user": person.name, "username": username}
        call, _ = await self._caller.order(
            "rename_user", f"/users/{person.id}", about, {"username": username}
        )
        if _done(call):
            person.username = username
        if (held := self._known(lambda held: held.person is person)) is not None:
            await self._ask(held)

    async def _rotate_secret(self, client: Program) -> None:
        overlap = self._rng.choice((0, A_DAY))
        known = self._known(lambda held: held.client is client)
        about = {"client": client.name, "overlap": overlap}
        path = f"/clients/{client.id}/rotate-secret"
        call, answer = await self._caller.order("rotate_secret", path, about, {"overlap_seconds": overlap})
        if call is not None and call.outcome == DONE:
            client.former = (*client.former[-6:], client.secret)
            call.told["secret"] = client.secret = answer["client_secret"]
        if not overlap:
            await self._ended(call, lambda held: held.client is client, known)

    async def _ended(self, call: Call | None, which: Callable[[Held], bool], known: Held | None) -> None:
        if _done(call):
            self._world.end(which)
            if known is not None:
                await self._ask(known)

    async def _ask(self, held: Held) -> None:
        await self._caller.introspect(held.name, held.text, self._world.clients["resource"])

    def _known(self, which: Callable[[Held], bool]) -> Held | None:
        found = [held for held in self._world.access if which(held)]
        return self._rng.choice(found) if found else None


def _done(call: Call | None) -> bool:
    return call is not None and call.outcome == DONE

"""What a caller does next: drawn from its own random numbers, so that a seed gives the same decisions again."""

from collections.abc import Awaitable, Callable
from dataclasses import replace
from itertools import accumulate
from random import Random

from tests.model.caller import Caller, pick
from tests.model.history import UNAUTHORIZED
from tests.model.orders import Orders
from tests.model.world import Held, World

MOST_HELD = 120
"""Live access tokens in circulation: few, so that every server remembers each of them."""
FEWEST_HELD = 40


class Plan:
    """One caller's decisions."""

    def __init__(self, world: World, caller: Caller, rng: Random) -> None:
        self._world = world
        self._caller = caller
        self._rng = rng
        self._orders = Orders(world, caller, rng)
        steps: dict[Callable[[], Awaitable[None]], float] = {
            self._ask_of_the_living: 68,
            self._ask_of_the_dead: 12,
            self._ask_of_refresh_tokens: 5,
            self._ask_without_a_right: 1.5,
            self._ask_with_a_former_secret: 1.5,
            self._show_account: 1.5,
            self._sign_in: 2.5,
            self._fetch: 2,
            self._refresh: 4,
            self._replay: 0.4,
            self._steal: 0.4,
            self._revoke_access: 0.8,
            self._revoke_family: 0.5,
            self._orders.give: 1.4,
        }
        self._steps = list(steps)
        self._weights = list(accumulate(steps.values()))

    async def step(self) -> None:
        """One thing more."""
        world = self._world
        if world.invitations:
            await self._caller.refresh(world.invitations.popleft())
        elif len(world.access) < FEWEST_HELD:
            await self._rng.choice((self._sign_in, self._fetch))()
        else:
            await self._rng.choices(self._steps, cum_weights=self._weights)[0]()

    async def _ask_of_the_living(self) -> None:
        if (held := pick(self._rng, self._world.access)) is not None:
            await self._introspect(held)

    async def _ask_of_the_dead(self) -> None:
        held = self._world.ripe(self._rng)
        if held is None and self._world.ended:
            held = self._rng.choice(self._world.ended)
        if held is not None:
            await self._introspect(held)

    async def _ask_of_refresh_tokens(self) -> None:
        spent = self._world.spent
        held = (
            self._rng.choice(spent)
            if spent and self._rng.random() < 0.3
            else pick(self._rng, self._world.refresh)
        )
        if held is not None:
            await self._caller.introspect(held.name, held.text, held.client)

    async def _ask_without_a_right(self) -> None:
        held = pick(self._rng, self._world.access)
        if held is None:
            return
        if self._rng.random() < 0.5:
            forged = held.text[:-8] + held.text[-8:].swapcase()
            await self._caller.introspect("forged", forged, self._world.clients["resource"])
        else:
            stranger = self._world.clients["stranger"]
            await self._caller.introspect(held.name, held.text, stranger)

    async def _ask_with_a_former_secret(self) -> None:
        held = pick(self._rng, self._world.access)
        if held is not None and held.client.former:
            former = replace(held.client, secret=self._rng.choice(held.client.former))
            await self._caller.introspect(held.name, held.text, former)

    async def _show_account(self) -> None:
        held = pick(self._rng, self._world.access)
        if held is not None and held.person is not None:
            await self._caller.whoami(held)

    async def _sign_in(self) -> None:
        person = self._rng.choice(list(self._world.people.values()))
        client = self._rng.choice(self._world.owners)
        wrong = "not the password" if self._rng.random() < 0.05 else None
        if (person.active and client.active) or self._rng.random() < 0.1:
            await self._caller.sign_in(client, person, password=wrong)
        self._forget_the_oldest()

    async def _fetch(self) -> None:
        await self._caller.fetch(self._rng.choice(self._world.owners))
        self._forget_the_oldest()

    async def _refresh(self) -> None:
        held = pick(self._rng, self._world.refresh)
        if held is None:
            return
        if self._rng.random() < 0.3:  # others join in
            self._world.invitations.extend([held] * self._rng.randint(1, 3))
        await self._caller.refresh(held)
        self._forget_the_oldest()

    async def _replay(self) -> None:
        if self._world.spent:
            await self._caller.refresh(self._rng.choice(self._world.spent))

    async def _steal(self) -> None:
        held = pick(self._rng, self._world.refresh)
        if held is None:
            return
        thief = self._world.clients["stranger"]
        if self._rng.random() < 0.5:
            await self._caller.refresh(held, client=thief)
        else:
            await self._caller.revoke(held, client=thief)

    async def _revoke_access(self) -> None:
        if (held := pick(self._rng, self._world.access)) is not None:
            await self._remember(held)
            await self._caller.revoke(held)
            await self._introspect(held)

    async def _revoke_family(self) -> None:
        if (held := pick(self._rng, self._world.refresh)) is not None:
            await self._caller.revoke(held)
            family = [other for other in self._world.ripening if other.family == held.family]
            if family:
                await self._introspect(self._rng.choice(family))

    async def _remember(self, held: Held) -> None:
        for _ in range(2):
            await self._introspect(held)

    async def _introspect(self, held: Held) -> None:
        asks = held.client if self._rng.random() < 0.4 else self._world.clients["resource"]
        if held.name.startswith("refresh"):
            asks = held.client
        call = await self._caller.introspect(held.name, held.text, asks)
        if call.outcome == UNAUTHORIZED and asks is held.client:
            await self._caller.introspect(held.name, held.text, self._world.clients["resource"])

    def _forget_the_oldest(self) -> None:
        del self._world.access[:-MOST_HELD]
        del self._world.refresh[:-MOST_HELD]

"""A request that owes its person a page is kept until they are done."""

from collections.abc import Callable

from identity_service.application.use_cases.sign_in.outcome import Browser, Outcome
from identity_service.domain.entities.interaction import Interaction
from identity_service.domain.services.sign_in import Step
from identity_service.domain.value_objects.secret import OpaqueKind, digest, opaque_token
from identity_service.ports.unit_of_work import Begin


class KeepInteraction:
    """Binds it to this browser, which gets a key for that if it has none."""

    def __init__(self, *, begin: Begin, random: Callable[[int], bytes], lifetime_seconds: int) -> None:
        """`lifetime_seconds`: so long a person may take."""
        self._begin = begin
        self._random = random
        self._lifetime = lifetime_seconds

    async def __call__(self, interaction: Interaction, browser: Browser, *, step: Step) -> Outcome:
        """`step` is the page that is owed first."""
        key, new = browser.key_digest, None
        if key is None:
            new = opaque_token(OpaqueKind.BROWSER, self._random(32))
            key = digest(new.reveal())
        async with self._begin() as uow:
            await uow.interactions.add(interaction, browser=key, lifetime_seconds=self._lifetime)
            await uow.commit()
        return Outcome(step=step, interaction_id=interaction.id, browser_key=new)

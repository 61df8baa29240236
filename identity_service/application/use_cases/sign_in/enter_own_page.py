"""A person opens a page of the server's own."""

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta

from identity_service.application.use_cases.sign_in.keep_interaction import KeepInteraction
from identity_service.application.use_cases.sign_in.outcome import Browser, Outcome
from identity_service.application.use_cases.sign_in.way import Way
from identity_service.domain.entities.interaction import Interaction
from identity_service.domain.entities.session import Session
from identity_service.domain.services.own_pages import own_pages, own_request
from identity_service.domain.services.sign_in import Step
from identity_service.domain.value_objects.ids import InteractionId
from identity_service.ports.unit_of_work import Begin, Read

SEEN_EVERY = timedelta(minutes=1)


class EnterOwnPage:
    """Says who is signed in with this browser, or leads them through the sign-in and back.

    - What is owed is what would be owed to a client (`next_step`): a sign-in, and a fresh one where the page asks for
      that.
    - The way back is the page's own path, never one that came from outside.
    - Being here counts as being seen; a visit writes that down once a minute at most.
    """

    def __init__(
        self,
        *,
        begin: Begin,
        read: Read,
        way: Way,
        keep: KeepInteraction,
        clock: Callable[[], float],
        new_id: Callable[[], str],
    ) -> None:
        self._begin = begin
        self._read = read
        self._way = way
        self._keep = keep
        self._clock = clock
        self._new_id = new_id

    async def __call__(self, path: str, browser: Browser, *, max_age: int | None = None) -> Session | Outcome:
        """The session; or the page to go to first. `max_age`: seconds since the sign-in, at most."""
        interaction = Interaction.begun(InteractionId(self._new_id()), own_request(path, max_age=max_age))
        async with self._read() as uow:
            client = own_pages(server_epoch=await uow.server.epoch())
            pending = await self._way.looked_at(uow, interaction, client, browser)
        session = pending.session
        if pending.step is not Step.DONE or session is None:
            return await self._keep(_hinting(interaction, session), browser, step=pending.step)
        await self._see(session)
        return session

    async def _see(self, session: Session) -> None:
        if datetime.fromtimestamp(self._clock(), UTC) - session.last_seen_at < SEEN_EVERY:
            return
        async with self._begin() as uow:
            await uow.sessions.touch(session.id)
            await uow.commit()


def _hinting(interaction: Interaction, session: Session | None) -> Interaction:
    """Whoever only has to prove themselves again need not type their name."""
    if session is None:
        return interaction
    return replace(interaction, request=replace(interaction.request, login_hint=session.username))

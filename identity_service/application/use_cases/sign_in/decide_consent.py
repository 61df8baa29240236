"""The consent page: the person agrees, or does not."""

from identity_service.application.use_cases.sign_in.outcome import Browser, InteractionOver, Outcome, Pending
from identity_service.application.use_cases.sign_in.steps_done import done
from identity_service.application.use_cases.sign_in.way import Way
from identity_service.domain.entities.session import Session
from identity_service.domain.entities.sign_in_event import ConsentDenied, ConsentGranted
from identity_service.domain.oauth.errors import AccessDenied
from identity_service.domain.services.sign_in import Step, single_claims
from identity_service.domain.value_objects.ids import InteractionId
from identity_service.ports.unit_of_work import Begin


class DecideConsent:
    """Keeps what the person decides about this client.

    - What is agreed to is what was shown: the scope that this person may grant of what was asked for.
    - A refusal is the client's answer (`access_denied`) and leaves what was agreed to before.
    """

    def __init__(self, *, begin: Begin, way: Way) -> None:
        self._begin = begin
        self._way = way

    async def __call__(self, interaction_id: InteractionId, browser: Browser, *, allow: bool) -> Outcome:
        """Raises InteractionGone, InteractionOver, WrongStep."""
        pending = await self._way.owing(Step.CONSENT, interaction_id, browser)
        session = pending.session
        if session is None:
            raise RuntimeError("consent is never owed before sign-in")
        if not allow:
            return await self._deny(pending, session, browser)
        await self._grant(pending, session, browser)
        return await self._way.go_on(await self._way.pending(interaction_id, browser))

    async def _grant(self, pending: Pending, session: Session, browser: Browser) -> None:
        client_id, claims = pending.client.client_id, single_claims(pending.interaction.request)
        async with self._begin() as uow:
            if not await uow.interactions.update(done(pending.interaction, session, consented=True)):
                raise InteractionOver
            await uow.consents.grant(session.user_id, client_id, scope=pending.scope, claims=claims)
            uow.events.add(
                ConsentGranted(
                    by=session.user_id,
                    user_id=session.user_id,
                    client_id=client_id,
                    scope=str(pending.scope),
                    claims=tuple(sorted(claims)),
                    address=browser.address,
                    user_agent=browser.agent,
                )
            )
            await uow.commit()

    async def _deny(self, pending: Pending, session: Session, browser: Browser) -> Outcome:
        outcome = await self._way.refuse(pending.interaction, AccessDenied("the person did not agree"))
        async with self._begin() as uow:
            uow.events.add(
                ConsentDenied(
                    by=session.user_id,
                    user_id=session.user_id,
                    client_id=pending.client.client_id,
                    address=browser.address,
                    user_agent=browser.agent,
                )
            )
            await uow.commit()
        return outcome

"""The way of an interaction: what its next step is, and the answer at its end."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import UTC, datetime

from identity_service.application.authentication.subjects import Subjects
from identity_service.application.liveness.known_clients import KnownClients
from identity_service.application.use_cases.sign_in.agreed_code import agreed_code
from identity_service.application.use_cases.sign_in.asking_client import asking_client
from identity_service.application.use_cases.sign_in.outcome import (
    Browser,
    InteractionGone,
    InteractionOver,
    Outcome,
    Pending,
    WrongStep,
)
from identity_service.domain.entities.authorization_request import AuthorizationRequest
from identity_service.domain.entities.client import Client
from identity_service.domain.entities.interaction import Interaction
from identity_service.domain.entities.session import Session
from identity_service.domain.oauth import response_modes
from identity_service.domain.oauth.authorize_errors import LoginRequired
from identity_service.domain.oauth.errors import AccessDenied, InvalidScope, OAuthError
from identity_service.domain.oauth.session_management import browser_state, session_state
from identity_service.domain.services.own_pages import back, is_own
from identity_service.domain.services.sign_in import (
    REFUSED_WITHOUT_A_PAGE,
    Facts,
    Step,
    grantable,
    next_step,
    somebody_else_signed_in,
)
from identity_service.domain.value_objects.ids import FamilyId, InteractionId
from identity_service.domain.value_objects.secret import OpaqueKind, digest, opaque_token
from identity_service.ports.repositories.sessions import InteractionSeen
from identity_service.ports.unit_of_work import Begin, Read, UnitOfWork


@dataclass(frozen=True, slots=True, kw_only=True)
class WayPolicy:
    """The server's settings. Durations are seconds."""

    issuer: str
    session_idle: int
    session_management: bool = False


class Way:
    """Looks where an interaction stands, at the rows of this moment, and answers its client at the end.

    The client itself may be known from memory (docs/decisions/0043).
    """

    def __init__(
        self,
        *,
        begin: Begin,
        read: Read,
        clock: Callable[[], float],
        random: Callable[[int], bytes],
        new_id: Callable[[], str],
        clients: KnownClients,
        subjects: Subjects,
        policy: WayPolicy,
    ) -> None:
        self._begin = begin
        self._read = read
        self._clock = clock
        self._random = random
        self._new_id = new_id
        self._clients = clients
        self._subjects = subjects
        self._policy = policy

    async def pending(self, interaction_id: InteractionId, browser: Browser) -> Pending:
        """The step that is owed. Raises InteractionGone, InteractionOver."""
        if (key := browser.key_digest) is None:
            raise InteractionGone
        async with self._read() as uow:
            seen = await uow.interactions.seen(
                interaction_id,
                browser=key,
                session=browser.session_digest,
                idle_seconds=self._policy.session_idle,
            )
            if seen is None:
                raise InteractionGone
            interaction = seen.interaction
            if interaction.finished:
                raise InteractionOver
            client = await asking_client(uow, interaction.request, self._clients)
            if client is None:
                raise InteractionGone
            return await self._pending(uow, seen, client, browser)

    async def owing(self, step: Step, interaction_id: InteractionId, browser: Browser) -> Pending:
        """As `pending`, for whoever does this step. Raises WrongStep when another is owed."""
        pending = await self.pending(interaction_id, browser)
        if pending.step is not step:
            raise WrongStep(pending.step)
        return pending

    async def looked_at(
        self, uow: UnitOfWork, interaction: Interaction, client: Client, browser: Browser
    ) -> Pending:
        """Where the interaction stands for whoever is signed in with this browser."""
        session = await self.session(uow, browser)
        consent = None if session is None else await uow.consents.get(session.user_id, client.client_id)
        seen = InteractionSeen(interaction=interaction, session=session, consent=consent)
        return await self._pending(uow, seen, client, browser)

    async def _pending(
        self, uow: UnitOfWork, seen: InteractionSeen, client: Client, browser: Browser
    ) -> Pending:
        interaction, session = seen.interaction, seen.session
        request = interaction.request
        subject = None if session is None else await self._subjects.within(uow, client, session.user_id)
        scope = grantable(
            request.scope & client.scope, administrator=session is not None and session.user_is_admin
        )
        facts = Facts(
            interaction=interaction,
            client=client,
            session=session,
            subject=subject,
            scope=scope,
            consent=seen.consent,
            now=datetime.fromtimestamp(self._clock(), UTC),
        )
        return Pending(
            step=Step.REFUSED if somebody_else_signed_in(facts) else next_step(facts),
            interaction=interaction,
            client=client,
            session=session,
            subject=subject,
            scope=scope,
            browser_state=self._browser_state(request, session, browser),
        )

    async def session(self, uow: UnitOfWork, browser: Browser) -> Session | None:
        """Who is signed in with this browser."""
        presented, idle = browser.session_digest, self._policy.session_idle
        return None if presented is None else await uow.sessions.get(presented, idle_seconds=idle)

    async def go_on(self, pending: Pending, *, kept: bool = True) -> Outcome:
        """The next page, or the answer if none is owed. `kept`: the interaction is in the database."""
        request = pending.interaction.request
        if (error := _refused(pending)) is not None:
            return await self.refuse(pending.interaction, error, kept=kept)
        if pending.step is not Step.DONE:
            return Outcome(step=pending.step, interaction_id=pending.interaction.id)
        if is_own(request):
            return await self._told(pending.interaction, back(request), kept=kept)
        code = await self._code(pending, kept=kept)
        if code is None:
            return await self.refuse(
                pending.interaction,
                AccessDenied("the account, the client or the consent was changed meanwhile"),
                kept=False,
            )
        answer = response_modes.success(
            code=code,
            redirect_uri=request.redirect_uri,
            response_mode=request.response_mode,
            state=request.state,
            issuer=self._policy.issuer,
            session_state=self._session_state(pending),
        )
        return replace(self._over(pending.interaction, answer), browser_state=pending.browser_state)

    def _browser_state(
        self, request: AuthorizationRequest, session: Session | None, browser: Browser
    ) -> str | None:
        asked_for = self._policy.session_management and request.speaks_openid
        if not asked_for or session is None or browser.session is None:
            return None
        return browser_state(browser.session)

    def _session_state(self, pending: Pending) -> str | None:
        if pending.browser_state is None:
            return None
        return session_state(
            pending.client.client_id,
            redirect_uri=pending.interaction.request.redirect_uri,
            state=pending.browser_state,
            salt=self._random(16).hex(),
        )

    async def refuse(self, interaction: Interaction, error: OAuthError, *, kept: bool = True) -> Outcome:
        """Answers the client with a refusal. Raises InteractionOver when it has been answered."""
        return await self._told(interaction, self.refusal(interaction.request, error), kept=kept)

    async def _told(self, interaction: Interaction, answer: response_modes.Answer, *, kept: bool) -> Outcome:
        if kept:
            async with self._begin() as uow:
                await self._finish(uow, interaction)
                await uow.commit()
        return self._over(interaction, answer)

    def refusal(self, request: AuthorizationRequest, error: OAuthError) -> response_modes.Answer:
        """What the client of a checked request is told."""
        if is_own(request):
            return back(request)
        return response_modes.refusal(
            error,
            redirect_uri=request.redirect_uri,
            response_mode=request.response_mode,
            state=request.state,
            issuer=self._policy.issuer,
        )

    async def _code(self, pending: Pending, *, kept: bool) -> str | None:
        """A new code, on record; None when what it was to be made for has ended or changed meanwhile."""
        code = opaque_token(OpaqueKind.AUTHORIZATION_CODE, self._random(32)).reveal()
        async with self._begin() as uow:
            if kept:
                await self._finish(uow, pending.interaction)
            agreed = agreed_code(pending, FamilyId(self._new_id()))
            # Whoever ends the session or takes the consent back waits for this, and then finds the code.
            stands = await uow.sessions.touch(agreed.session_id) and (
                pending.client.first_party or await uow.consents.hold(agreed.user_id, agreed.client_id)
            )
            made = stands and await uow.codes.add(agreed, digest(code))
            if made and pending.interaction.request.speaks_openid:
                own = None if agreed.subject == agreed.user_id else agreed.subject
                await uow.session_clients.add(agreed.session_id, agreed.client_id, subject=own)
            await uow.commit()
        return code if made else None

    async def _finish(self, uow: UnitOfWork, interaction: Interaction) -> None:
        if not await uow.interactions.finish(interaction.id):
            raise InteractionOver

    @staticmethod
    def _over(interaction: Interaction, answer: response_modes.Answer) -> Outcome:
        return Outcome(step=Step.DONE, interaction_id=interaction.id, answer=answer)


def _refused(pending: Pending) -> OAuthError | None:
    request = pending.interaction.request
    if pending.step is Step.REFUSED:
        return LoginRequired("another person signed in than was asked for")
    if pending.session is not None and pending.scope != request.scope and not request.speaks_openid:
        return InvalidScope("a scope is unknown or not allowed")
    if "none" in request.prompt and pending.step is not Step.DONE:
        return REFUSED_WITHOUT_A_PAGE[pending.step]()
    return None

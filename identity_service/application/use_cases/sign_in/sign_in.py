"""The login page: name and password."""

from dataclasses import dataclass, field, replace

from identity_service.application.authentication.devices import Devices
from identity_service.application.authentication.doors import Door
from identity_service.application.authentication.user import AuthenticateUser, SignedIn, Typed
from identity_service.application.use_cases.sign_in.open_session import Opened, OpenSession
from identity_service.application.use_cases.sign_in.outcome import Browser, InteractionOver, Outcome, Pending
from identity_service.application.use_cases.sign_in.steps_done import done
from identity_service.application.use_cases.sign_in.way import Way
from identity_service.domain.entities.session import Session
from identity_service.domain.oauth.errors import AccessDenied, InvalidGrant
from identity_service.domain.services.sign_in import Step
from identity_service.domain.value_objects.ids import InteractionId
from identity_service.ports.unit_of_work import Begin


@dataclass(frozen=True, slots=True, kw_only=True)
class Credentials:
    """What was typed."""

    username: str
    password: str = field(repr=False)


class SignIn:
    """Proves who the person is, opens their session, and goes on to the next step.

    - It does nothing unless signing in is the step that is owed.
    - Whoever was deactivated, or changed their password, while this was going on is not signed in.
    - The browser is known to the account from now on: guesses of strangers no longer slow it.
    """

    def __init__(
        self,
        *,
        begin: Begin,
        way: Way,
        authenticate: AuthenticateUser,
        open_: OpenSession,
        devices: Devices,
    ) -> None:
        self._begin = begin
        self._way = way
        self._authenticate = authenticate
        self._open = open_
        self._devices = devices

    async def __call__(
        self, interaction_id: InteractionId, browser: Browser, credentials: Credentials
    ) -> Outcome:
        """Raises InvalidGrant, TooManyRequests, TemporarilyUnavailable; InteractionGone, InteractionOver, WrongStep."""
        pending = await self._way.owing(Step.LOGIN, interaction_id, browser)
        signed_in = await self._authenticate(
            Typed(
                username=credentials.username,
                password=credentials.password,
                door=Door.LOGIN_PAGE,
                client_id=pending.client.client_id,
                address=browser.address,
                devices=browser.devices,
            )
        )
        opened = await self._opened(pending, signed_in, browser)
        now = await self._way.pending(interaction_id, replace(browser, session=opened.cookie))
        devices = self._devices.renewed(browser.devices, signed_in.user.id)
        return replace(await self._way.go_on(now), session=opened.cookie, devices=devices)

    async def _opened(self, pending: Pending, signed_in: SignedIn, browser: Browser) -> Opened:
        async with self._begin() as uow:
            before = await self._way.session(uow, browser)  # as it is after all that hashing
            opened = await self._open(uow, signed_in, client=pending.client, before=before, browser=browser)
            if opened is None:
                raise InvalidGrant(detail="user or server changed while signing in")
            signed = replace(
                pending.interaction,
                session_id=opened.session_id,
                signed_in=True,
                another_account=False,
                consented=False,
            )
            if not await uow.interactions.update(signed):
                raise InteractionOver
            await uow.commit()
        return opened

    async def cancel(self, interaction_id: InteractionId, browser: Browser) -> Outcome:
        """The person does not want to. Raises as a sign-in does."""
        pending = await self._way.owing(Step.LOGIN, interaction_id, browser)
        return await self._way.refuse(pending.interaction, AccessDenied("the person did not sign in"))


class ChooseAccount:
    """The account page: the one that is signed in here, or another one."""

    def __init__(self, *, begin: Begin, way: Way) -> None:
        self._begin = begin
        self._way = way

    async def __call__(
        self, interaction_id: InteractionId, browser: Browser, *, chosen: str | None
    ) -> Outcome:
        """`chosen` names a session; anything else means another account. Raises as a sign-in does."""
        pending = await self._way.owing(Step.SELECT_ACCOUNT, interaction_id, browser)
        session: Session | None = pending.session
        if session is not None and chosen == session.id:
            steps = done(pending.interaction, session, account_chosen=True)
        else:
            steps = replace(pending.interaction, another_account=True)
        async with self._begin() as uow:
            if not await uow.interactions.update(steps):
                raise InteractionOver
            await uow.commit()
        return await self._way.go_on(await self._way.pending(interaction_id, browser))

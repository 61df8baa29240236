"""A person has proved who they are: their browser's session begins, or goes on under another cookie."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime

from identity_service.application.authentication.user import SignedIn
from identity_service.application.use_cases.sessions.end_session import end_session
from identity_service.application.use_cases.sign_in.outcome import Browser
from identity_service.domain.entities.client import Client
from identity_service.domain.entities.session import NewSession, Session
from identity_service.domain.entities.sign_in_event import SessionRenewed, SessionStarted
from identity_service.domain.services.sign_in import ACR_PASSWORD
from identity_service.domain.value_objects.ids import SessionId
from identity_service.domain.value_objects.secret import OpaqueKind, Secret, digest, opaque_token
from identity_service.ports.repositories.sessions import SignedInAgain
from identity_service.ports.unit_of_work import UnitOfWork

REPLACED = "replaced"
PASSWORD = ("pwd",)
"""RFC 8176 §2."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Opened:
    """A session and its new cookie."""

    session_id: SessionId
    cookie: Secret


class OpenSession:
    """Works within the caller's transaction, and only under the epochs that the sign-in saw.

    - The cookie is a new one at every sign-in, so that one planted before is worth nothing after (session fixation).
    - The same person's session keeps its `sid`; another person's session in this browser ends, with
      the tokens that it gave, as if they had signed out.
    """

    def __init__(
        self, *, random: Callable[[int], bytes], new_id: Callable[[], str], lifetime_seconds: int
    ) -> None:
        self._random = random
        self._new_id = new_id
        self._lifetime = lifetime_seconds

    async def __call__(
        self,
        uow: UnitOfWork,
        signed_in: SignedIn,
        *,
        client: Client,
        before: Session | None,
        browser: Browser,
    ) -> Opened | None:
        """`client` is whom the person signs in for, as it was read before. None when the person was deactivated, or
        changed their password, or everything was revoked, while this was going on."""
        by = client.client_id
        cookie = opaque_token(OpaqueKind.SESSION, self._random(32))
        user = signed_in.user
        if before is not None and before.user_id == user.id and before.user_epoch == user.epoch:
            again = SignedInAgain(
                digest=digest(cookie.reveal()),
                auth_time=_moment(signed_in),
                amr=PASSWORD,
                acr=ACR_PASSWORD,
            )
            if await uow.sessions.renew(before.id, again):
                uow.events.add(
                    SessionRenewed(
                        by=by,
                        session_id=before.id,
                        user_id=user.id,
                        amr=PASSWORD,
                        address=browser.address,
                        user_agent=browser.agent,
                    )
                )
                return Opened(session_id=before.id, cookie=cookie)
        new = self._new(signed_in, browser, server_epoch=client.server_epoch)
        if not await uow.sessions.start(new, digest(cookie.reveal())):
            return None
        uow.events.add(
            SessionStarted(
                by=by,
                session_id=new.id,
                user_id=user.id,
                amr=new.amr,
                address=new.address,
                user_agent=new.user_agent,
            )
        )
        if before is not None:
            await end_session(uow, before, by=by, reason=REPLACED)
        return Opened(session_id=new.id, cookie=cookie)

    def _new(self, signed_in: SignedIn, browser: Browser, *, server_epoch: int) -> NewSession:
        return NewSession(
            id=SessionId(self._new_id()),
            user_id=signed_in.user.id,
            server_epoch=server_epoch,
            user_epoch=signed_in.user.epoch,
            auth_time=_moment(signed_in),
            amr=PASSWORD,
            acr=ACR_PASSWORD,
            user_agent=browser.agent,
            address=browser.address,
            lifetime_seconds=self._lifetime,
        )


def _moment(signed_in: SignedIn) -> datetime:
    return datetime.fromtimestamp(signed_in.auth_time, UTC)

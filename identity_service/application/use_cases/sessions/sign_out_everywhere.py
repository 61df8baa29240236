"""A person is signed out everywhere."""

from identity_service.application.use_cases.sessions.end_session import end_all_sessions
from identity_service.application.use_cases.sessions.logout_pages import logout_pages
from identity_service.application.use_cases.users.found_user import whose_to_end
from identity_service.application.use_cases.users.locked_user import locked_user
from identity_service.domain.entities.event import SignedOutEverywhere
from identity_service.domain.services.access_policy import Actor
from identity_service.domain.value_objects.ids import SessionId
from identity_service.ports.unit_of_work import Begin

EVERYWHERE = "signed_out_everywhere"


class SignOutEverywhere:
    """Ends every session of a person, and everything else that the account has given out.

    - What was to outlive its session (`offline_access`) ends, too: this is what one does who no longer knows who is in.
    - Codes, half-done sign-ins and tokens that are being made right now come to nothing, for the epoch is raised.
    - People do it to themselves. Whoever writes users does it to anybody but administrators.
    """

    def __init__(self, *, begin: Begin, issuer: str) -> None:
        self._begin = begin
        self._issuer = issuer

    async def __call__(self, user_id: str, *, by: Actor, here: SessionId | None = None) -> tuple[str, ...]:
        """Once more does no harm. Raises NotFound, InsufficientScope.

        `here` is the session of the browser that the order comes from. Answers the pages of that session's clients for
        this browser to show; those of other sessions mean nothing to it.
        """
        async with self._begin() as uow:
            await whose_to_end(uow, user_id, by=by)
            user = await locked_user(uow, user_id)
            clients = await end_all_sessions(uow, user.id, by=by.id, reason=EVERYWHERE)
            await uow.users.change(user.id, {}, version=None, raise_epoch=True)
            uow.events.add(SignedOutEverywhere(by=by.id, user_id=user.id))
            await uow.commit()
        return logout_pages((each for each in clients if each.session_id == here), issuer=self._issuer)

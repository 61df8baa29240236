"""A consent is taken back."""

from dataclasses import dataclass

from identity_service.application.use_cases.sessions.end_session import forbid
from identity_service.application.use_cases.users.found_user import whose_to_end
from identity_service.domain.entities.sign_in_event import ConsentRevoked
from identity_service.domain.refusals import NotFound
from identity_service.domain.services.access_policy import Actor
from identity_service.domain.value_objects.ids import ClientId
from identity_service.ports.unit_of_work import Begin

REVOKED = "consent revoked"


@dataclass(frozen=True, slots=True, kw_only=True)
class ConsentRevocation:
    """Whose consent, and to which client."""

    by: Actor
    user_id: str
    client_id: str


class RevokeConsent:
    """Forgets what the person agreed to, and ends everything that the client got from them.

    - The client has to ask again, and so is asked for again what it may have.
    - People take back their own. Whoever writes users takes back those of anybody but administrators.
    - A consent that is not there, and a client that is not, are the same.
    """

    def __init__(self, *, begin: Begin) -> None:
        self._begin = begin

    async def __call__(self, order: ConsentRevocation) -> None:
        """Raises NotFound, InsufficientScope."""
        async with self._begin() as uow:
            user = await whose_to_end(uow, order.user_id, by=order.by)
            client_id = ClientId(order.client_id)
            if not await uow.consents.revoke(user.id, client_id):
                raise NotFound
            families = await uow.families.end_of_grant(user.id, client_id, reason=REVOKED)
            families += await forbid(uow, await uow.codes.end_of_grant(user.id, client_id), reason=REVOKED)
            uow.events.add(
                ConsentRevoked(by=order.by.id, user_id=user.id, client_id=client_id, families=tuple(families))
            )
            await uow.commit()

"""An authorization request on its way through the pages, and the steps that its person has done."""

from dataclasses import dataclass

from identity_service.domain.entities.authorization_request import AuthorizationRequest
from identity_service.domain.value_objects.ids import InteractionId, SessionId


@dataclass(frozen=True, slots=True, kw_only=True)
class Interaction:
    """What is kept between two pages. It belongs to one browser, and is answered once.

    Attributes:
        session_id: the session that the person chose or signed in to within this interaction.
        signed_in: they proved who they are within it, which is what `prompt=login` and `max_age` want to see.
        account_chosen: they said which account they mean.
        another_account: they said that it is none of those they are signed in to.
        consented: they agreed.
        finished: the client has been answered.
    """

    id: InteractionId
    request: AuthorizationRequest
    session_id: SessionId | None
    signed_in: bool
    account_chosen: bool
    another_account: bool
    consented: bool
    finished: bool

    @classmethod
    def begun(cls, interaction_id: InteractionId, request: AuthorizationRequest) -> "Interaction":
        """With every step still to do."""
        return cls(
            id=interaction_id,
            request=request,
            session_id=None,
            signed_in=False,
            account_chosen=False,
            another_account=False,
            consented=False,
            finished=False,
        )

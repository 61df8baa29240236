"""What a person has done within an interaction."""

from dataclasses import replace
from typing import Any

from identity_service.domain.entities.interaction import Interaction
from identity_service.domain.entities.session import Session


def done(interaction: Interaction, session: Session, **steps: bool) -> Interaction:
    """The interaction with steps done by this session; whatever another one did before no longer counts."""
    fresh = {"signed_in": False, "account_chosen": False, "consented": False}
    members: dict[str, Any] = {} if interaction.session_id == session.id else dict(fresh)
    return replace(interaction, session_id=session.id, another_account=False, **(members | steps))

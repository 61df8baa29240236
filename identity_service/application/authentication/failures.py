"""What is written down of wrong passwords: each of the first ones, and of a flood its sums."""

from dataclasses import dataclass

from identity_service.application.authentication.throttle import Attempt, Throttle
from identity_service.domain.entities.event import SignInFailed
from identity_service.domain.entities.sign_in_event import SignInsFailed
from identity_service.ports.unit_of_work import Begin


@dataclass(frozen=True, slots=True, kw_only=True)
class Failure:
    """Why somebody was not signed in; without `user_id` it was a name that nobody has. `told_alone`: however many."""

    reason: str
    client_id: str
    user_id: str | None
    username: str | None
    address: str | None
    told_alone: bool = False


class FailureLog:
    """Records wrong sign-ins, so that who guesses cannot fill the log.

    - Of one account: the first ones, one by one; then their number whenever it has doubled, and when there are so many
      that strangers are slowed.
    - Of names that nobody has: the same, for all of them together.
    - What is not recorded is rehearsed, so that it takes the same time: else, in a flood of names that nobody has, time
      would tell which of them somebody has.
    """

    def __init__(self, *, begin: Begin, throttle: Throttle) -> None:
        self._begin = begin
        self._throttle = throttle

    async def record(self, made: Attempt, failure: Failure) -> None:
        """Writes it down, or its sum, or acts as if."""
        if failure.user_id is None:
            told, number = await self._throttle.told_of_nobody()
            sources = "any"
        else:
            told, number, sources = self._throttle.told(made), made.by_kind, str(made.kind)
        alone = told == "alone" or failure.told_alone
        async with self._begin() as uow:
            uow.events.add(_alone(failure) if alone else _sum(failure, number, sources))
            await (uow.commit() if alone or told == "as a sum" else uow.rehearse())


def _alone(failure: Failure) -> SignInFailed:
    return SignInFailed(
        by=failure.client_id,
        reason=failure.reason,
        client_id=failure.client_id,
        user_id=failure.user_id,
        username=failure.username,
        address=failure.address,
    )


def _sum(failure: Failure, number: int, sources: str) -> SignInsFailed:
    return SignInsFailed(
        by=failure.client_id,
        client_id=failure.client_id,
        attempts=number,
        sources=sources,
        user_id=failure.user_id,
        username=failure.username,
        address=failure.address,
    )

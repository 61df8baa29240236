"""What is known here, without asking, of everything that an access token hangs on."""

from collections.abc import Callable
from typing import NamedTuple

from identity_service.application.liveness.answers import Answers
from identity_service.application.liveness.ended_tokens import EndedTokens
from identity_service.domain.entities.tag import SERVER, client_tag, family_tag, token_tag, user_tag
from identity_service.domain.entities.token import AccessState, Epochs, TokenTies

SECONDS = 900
"""How long a client's or a user's state is remembered, besides the window and the lease."""


class Principal(NamedTuple):
    """How a client or a user stood in the database, and at which epoch of the server."""

    server_epoch: int
    epoch: int
    active: bool
    username: str | None


NOBODY = Principal(0, 0, False, None)


class Standing:
    """Answers what the primary would, where that is certain, and else nothing.

    It is certain while the feed is in sight, for a token that is not among the ended ones and whose family is not, and
    whose client and user were looked up for another token and have not changed since.
    """

    def __init__(
        self,
        *,
        ended: EndedTokens,
        clients: Answers[Principal],
        users: Answers[Principal],
        clock: Callable[[], float],
    ) -> None:
        self._ended = ended
        self._clients = clients
        self._users = users
        self._clock = clock

    def mark(self) -> int:
        """To be taken before the look-up whose result `learn` is told."""
        return self._clients.mark()

    def of(self, ties: TokenTies) -> AccessState | None:
        """The state of everything, or None: the primary has to be asked. The lease is looked at last."""
        if self._ended.may_have(_once_for_all(ties)):
            return None
        now = self._clock()
        user: Principal | None = NOBODY
        if ties.user_id is not None:
            user = self._users.get(ties.user_id.encode(), now=now)
        client = self._clients.get(ties.client_id.encode(), now=now)
        if client is None or user is None:
            return None
        return AccessState(
            current=Epochs(client.server_epoch, user.epoch, client.epoch),
            user_active=user.active,
            client_active=client.active,
            family_ended=False,
            jti_revoked=False,
            username=user.username,
        )

    def learn(self, ties: TokenTies, state: AccessState, *, mark: int) -> None:
        """What a look-up that began after `mark` found. Who is not active is not remembered."""
        expires = self._clock() + SECONDS
        current = state.current
        if state.client_active:
            client = Principal(current.server, current.client, True, None)
            tags = (SERVER, client_tag(ties.client_id))
            self._clients.put(ties.client_id.encode(), client, tags=tags, mark=mark, expires=expires)
        if ties.user_id is not None and state.user_active:
            user = Principal(current.server, current.user, True, state.username)
            tags = (SERVER, user_tag(ties.user_id))
            self._users.put(ties.user_id.encode(), user, tags=tags, mark=mark, expires=expires)


def _once_for_all(ties: TokenTies) -> tuple[str, ...]:
    return (token_tag(ties.jti),) if ties.fid is None else (token_tag(ties.jti), family_tag(ties.fid))


def tags_of(ties: TokenTies) -> tuple[str, ...]:
    """Everything whose ending or change makes an answer about this token void, keys apart."""
    tags = (SERVER, client_tag(ties.client_id), *_once_for_all(ties))
    return tags if ties.user_id is None else (*tags, user_tag(ties.user_id))

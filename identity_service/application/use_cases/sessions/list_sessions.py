"""Where a person is signed in."""

from identity_service.application.dto.session_view import SessionView
from identity_service.application.use_cases.users.found_user import found_user
from identity_service.domain.value_objects.ids import SessionId
from identity_service.ports.unit_of_work import Read


class ListSessions:
    """Shows the sessions that still sign in, the newest first: none that ended, ran out or was idle for long."""

    def __init__(self, *, read: Read, idle_seconds: int) -> None:
        """`idle_seconds`: so long a session may go unseen."""
        self._read = read
        self._idle_seconds = idle_seconds

    async def __call__(self, user_id: str, *, current: SessionId | None = None) -> list[SessionView]:
        """`current`: the session that the caller's token comes from. Raises NotFound."""
        async with self._read() as uow:
            user = await found_user(uow, user_id)
            sessions = await uow.sessions.of_user(user.id, idle_seconds=self._idle_seconds)
        return [SessionView.of(session, current=current) for session in sessions]

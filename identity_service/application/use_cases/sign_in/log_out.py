"""A person signs out (OIDC RP-Initiated Logout 1.0)."""

from dataclasses import dataclass

from identity_service.application.use_cases.oauth2.id_tokens import IdTokenHints
from identity_service.application.use_cases.sessions.end_session import end_session
from identity_service.application.use_cases.sessions.logout_pages import logout_pages
from identity_service.application.use_cases.sign_in.outcome import Browser
from identity_service.application.use_cases.sign_in.way import Way
from identity_service.domain.entities.client import Client
from identity_service.domain.entities.session import Session
from identity_service.domain.oauth.errors import InvalidRequest
from identity_service.domain.oauth.parameters import Query
from identity_service.domain.oauth.response_modes import with_members
from identity_service.domain.value_objects.ids import ClientId
from identity_service.ports.unit_of_work import Begin, Read, UnitOfWork

SIGNED_OUT = "signed_out"


@dataclass(frozen=True, slots=True, kw_only=True)
class LogoutRequest:
    """A checked request: who asks, who is signed in, where to go then, and whether to ask the person first."""

    client: Client | None
    session: Session | None
    continue_to: str | None
    confirm: bool


class LogOut:
    """Ends the browser's session, and the tokens that it gave but for those meant to outlive it.

    - Without an ID token of this very session the person is asked first (§2): no link elsewhere signs anybody out.
    - Nobody is sent anywhere but to a `post_logout_redirect_uri` that the client has registered (§3).
    """

    def __init__(self, *, begin: Begin, read: Read, way: Way, hints: IdTokenHints, issuer: str) -> None:
        self._begin = begin
        self._read = read
        self._way = way
        self._hints = hints
        self._issuer = issuer

    async def checked(self, query: Query, browser: Browser) -> LogoutRequest:
        """Raises InvalidRequest, to be shown."""
        if query.repeated:
            raise InvalidRequest("a parameter is repeated")
        hint = query.parameters.get("id_token_hint")
        claims = {} if hint is None else self._hints.claims(hint)
        if hint is not None and claims.get("iss") != self._issuer:
            raise InvalidRequest("id_token_hint is no ID token of this server")
        async with self._read() as uow:
            session = await self._way.session(uow, browser)
            client = await self._client(uow, query, claims)
        return LogoutRequest(
            client=client,
            session=session,
            continue_to=_continue_to(query, client),
            confirm=session is not None and claims.get("sid") != session.id,
        )

    async def __call__(self, session: Session, *, reason: str = SIGNED_OUT) -> tuple[str, ...]:
        """The pages of clients that the browser has to show, so that the person is signed out there, too (OIDC
        Front-Channel Logout 1.0 §3). Once more does no harm, and there are none."""
        async with self._begin() as uow:
            clients = await end_session(uow, session, by=session.user_id, reason=reason)
            if clients is None:
                return ()
            await uow.commit()
        return logout_pages(clients, issuer=self._issuer)

    async def _client(self, uow: UnitOfWork, query: Query, claims: dict[str, object]) -> Client | None:
        named, hinted = query.parameters.get("client_id"), claims.get("aud")
        if named is not None and hinted is not None and named != hinted:
            raise InvalidRequest("client_id and id_token_hint name different clients")
        client_id = named or hinted
        return None if client_id is None else await uow.clients.get(ClientId(str(client_id)))


def _continue_to(query: Query, client: Client | None) -> str | None:
    wanted = query.parameters.get("post_logout_redirect_uri")
    if wanted is None:
        return None
    if client is None or not client.active or wanted not in client.post_logout_redirect_uris:
        raise InvalidRequest("post_logout_redirect_uri is not one that the client has registered")
    state = query.parameters.get("state")
    return wanted if state is None else with_members(wanted, (("state", state),))

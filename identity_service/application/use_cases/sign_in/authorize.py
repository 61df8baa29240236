"""A client sends a person here (RFC 6749 §4.1.1, OIDC Core §3.1.2)."""

import logging
from collections.abc import Callable

from identity_service.application.liveness.known_clients import KnownClients
from identity_service.application.use_cases.oauth2.id_tokens import IdTokenHints
from identity_service.application.use_cases.oauth2.target import TargetPolicy
from identity_service.application.use_cases.sign_in.keep_interaction import KeepInteraction
from identity_service.application.use_cases.sign_in.outcome import Browser, Outcome
from identity_service.application.use_cases.sign_in.request_objects import RequestObjects
from identity_service.application.use_cases.sign_in.way import Way
from identity_service.domain.entities.authorization_request import AuthorizationRequest
from identity_service.domain.entities.client import Client
from identity_service.domain.entities.interaction import Interaction
from identity_service.domain.oauth import response_modes
from identity_service.domain.oauth.authorize_errors import UnmetAuthenticationRequirements
from identity_service.domain.oauth.authorize_request import Asked, checked
from identity_service.domain.oauth.authorize_target import (
    client_named,
    redirect_uri_of,
    response_mode_of,
    state_of,
)
from identity_service.domain.oauth.errors import InvalidRequest, OAuthError
from identity_service.domain.oauth.parameters import Query
from identity_service.domain.services.sign_in import ACR_VALUES, Step
from identity_service.domain.value_objects.ids import InteractionId
from identity_service.ports.unit_of_work import Read

log = logging.getLogger(__name__)


class Authorize:
    """Checks the request, and answers it at once where nothing is owed.

    - A fault in client_id or redirect_uri is raised, to be shown; any other is the client's to know.
    - What a request object says stands for the parameters beside it; one that is none is the client's to know if those
      name a place that it has registered, and else to be shown.
    - Whoever is signed in, recently enough, and has agreed before, sees no page.
    - Otherwise the checked request is kept, bound to this browser, and the first page that is owed is named.
    """

    def __init__(
        self,
        *,
        read: Read,
        way: Way,
        clients: KnownClients,
        keep: KeepInteraction,
        requests: RequestObjects,
        hints: IdTokenHints,
        targets: TargetPolicy,
        issuer: str,
        new_id: Callable[[], str],
    ) -> None:
        self._read = read
        self._way = way
        self._clients = clients
        self._keep = keep
        self._requests = requests
        self._hints = hints
        self._targets = targets
        self._issuer = issuer
        self._new_id = new_id

    async def __call__(self, query: Query, browser: Browser) -> Outcome:
        """Raises an OAuthError, which is to be shown; StorageUnavailable, KeysUnavailable."""
        client = await self._client(client_named(query))
        try:
            said = await self._requests(query, client)
        except OAuthError as error:
            return self._refused_beside(error, query, client)
        redirect_uri, sent = redirect_uri_of(said, client)
        try:
            request = checked(
                Asked(query=said, client=client, hinted=self._hints.subject_for(client.client_id)),
                redirect_uri=redirect_uri,
                redirect_uri_sent=sent,
            )
            await self._check_possible(request)
        except OAuthError as error:
            return self._refused(error, said, redirect_uri)
        return await self._begin_with(request, client, browser)

    def _refused_beside(self, error: OAuthError, query: Query, client: Client) -> Outcome:
        try:
            redirect_uri, _ = redirect_uri_of(query, client)
        except InvalidRequest:
            raise error from None
        log.info("refused: %s", error.code, extra={"detail": error.detail})  # the client learns less
        return self._refused(error, query, redirect_uri)

    def _refused(self, error: OAuthError, query: Query, redirect_uri: str) -> Outcome:
        answer = response_modes.refusal(
            error,
            redirect_uri=redirect_uri,
            response_mode=response_mode_of(query),
            state=state_of(query),
            issuer=self._issuer,
        )
        return Outcome(step=Step.DONE, interaction_id=InteractionId(self._new_id()), answer=answer)

    async def _client(self, client_id: str) -> Client:
        async with self._read() as uow:
            client = await self._clients.active(uow, client_id)
        if client is None:
            raise InvalidRequest("client_id is not known here")
        return client

    async def _check_possible(self, request: AuthorizationRequest) -> None:
        essential = request.claims.essential_acr
        if essential and not set(essential) & set(ACR_VALUES):
            raise UnmetAuthenticationRequirements
        await self._targets(request.audience, allowed=None)

    async def _begin_with(self, request: AuthorizationRequest, client: Client, browser: Browser) -> Outcome:
        interaction = Interaction.begun(InteractionId(self._new_id()), request)
        async with self._read() as uow:
            pending = await self._way.looked_at(uow, interaction, client, browser)
        outcome = await self._way.go_on(pending, kept=False)
        if outcome.answer is not None:
            return outcome
        return await self._keep(interaction, browser, step=outcome.step)

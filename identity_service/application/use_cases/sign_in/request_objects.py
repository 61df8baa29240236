"""What a client asks: the parameters of its request, or those of the request object that it signed (RFC 9101)."""

from collections.abc import Callable

from identity_service.application.authentication.client_keys import ClientKeys
from identity_service.application.authentication.jtis import jti_digest
from identity_service.application.use_cases.sign_in.request_references import RequestReferences
from identity_service.domain.entities.client import Client
from identity_service.domain.oauth.authorize_errors import InvalidRequestObject, RequestUriNotSupported
from identity_service.domain.oauth.errors import InvalidRequest
from identity_service.domain.oauth.parameters import Query
from identity_service.domain.oauth.request_object import LONGEST_REQUEST_OBJECT, RequestObject, judge
from identity_service.ports.tokens.signer import UnverifiableToken
from identity_service.ports.unit_of_work import Begin

KIND = "request_object"


class RequestObjects:
    """Opens a request object, and gives the parameters in it for those beside it.

    - A request without an object is given back as it came; nobody is asked about it.
    - The signature is judged first, by the keys that the client's assertions are judged by; its claims after.
    - One that has a `jti` counts once, in all processes: whoever writes it first is let in, everybody after is not.
    - One that is published is fetched first (`RequestReferences`), where the server does that.
    - No connection is held while an object or keys are fetched.
    """

    def __init__(
        self,
        *,
        keys: ClientKeys,
        begin: Begin,
        references: RequestReferences | None,
        issuer: str,
        clock: Callable[[], float],
    ) -> None:
        """`references` None: nothing is fetched."""
        self._keys = keys
        self._begin = begin
        self._references = references
        self._issuer = issuer
        self._clock = clock

    async def __call__(self, query: Query, client: Client) -> Query:
        """Raises an OAuthError, to be answered where `query` says, if it says so; StorageUnavailable."""
        token = await self._token(query, client)
        if token is not None:
            return await self._within(token, client)
        if client.require_signed_request_object:
            raise InvalidRequest("the client is registered to send signed request objects, and sent none")
        return query

    async def _token(self, query: Query, client: Client) -> str | None:
        value, reference = query.parameters.get("request"), query.parameters.get("request_uri")
        if reference is None:
            return value
        if value is not None:
            raise InvalidRequest("request and request_uri do not go together")
        if self._references is None:
            raise RequestUriNotSupported
        return await self._references(reference, client)

    async def _within(self, token: str, client: Client) -> Query:
        if len(token) > LONGEST_REQUEST_OBJECT:
            raise InvalidRequestObject("the request object is too long")
        try:
            opened = await self._keys.open(client, token, alg=client.request_object_signing_alg)
        except UnverifiableToken as error:
            raise InvalidRequestObject(detail=str(error)) from error
        found = judge(
            opened.claims,
            typ=opened.typ,
            client_id=client.client_id,
            issuer=self._issuer,
            now=self._clock(),
        )
        await self._spend(found, client)
        return found.query

    async def _spend(self, found: RequestObject, client: Client) -> None:
        if found.jti is None:
            return
        async with self._begin() as uow:
            digest = jti_digest(KIND, client.client_id, found.jti)
            first = await uow.spent_jtis.spend(digest, until=found.until)
            await uow.commit()
        if not first:
            raise InvalidRequestObject("the request object was used before")

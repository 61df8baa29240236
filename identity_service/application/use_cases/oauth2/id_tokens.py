"""ID tokens: made beside an access token, and read again when a client hands one back as a hint."""

from collections.abc import Callable
from dataclasses import dataclass

from identity_service.application.grants.base import Authorization, Subject
from identity_service.application.use_cases.oauth2.minting import Plan
from identity_service.domain.entities.client import Client
from identity_service.domain.oauth.claims import selected, told_to
from identity_service.domain.oauth.errors import InvalidRequest
from identity_service.domain.oauth.id_token import TYP, IdToken, hinted_subject, to_claims
from identity_service.ports.tokens.signer import TokenSigner, TokenVerifier, UnverifiableToken
from identity_service.ports.unit_of_work import Read


@dataclass(frozen=True, slots=True, kw_only=True)
class IdTokenPolicy:
    """The server's settings; `lifetime` is seconds. A client may have another algorithm."""

    issuer: str
    signing_alg: str
    lifetime: int


class MintIdToken:
    """An ID token says who signed in, when and how, to this client and to nobody else (OIDC Core §2).

    There is one for each answer whose scope has `openid`; on a refresh it tells the time of the sign-in, not of the
    refresh (§12.2).
    """

    def __init__(
        self, *, read: Read, sign: TokenSigner, clock: Callable[[], float], policy: IdTokenPolicy
    ) -> None:
        self._read = read
        self._sign = sign
        self._clock = clock
        self._policy = policy

    def can_make_for(self, client: Client) -> bool:
        """Whether a key is held by which this client's ID tokens are signed."""
        return self._sign.signs(self._alg(client))

    async def __call__(
        self, client: Client, authorization: Authorization, plan: Plan, access_token: str
    ) -> str | None:
        """None where none is owed. Raises KeysUnavailable, StorageUnavailable."""
        subject = authorization.subject
        if subject is None or "openid" not in plan.scope:
            return None
        alg, now = self._alg(client), int(self._clock())
        token = IdToken(
            iss=self._policy.issuer,
            sub=plan.claims["sub"],
            client_id=client.client_id,
            iat=now,
            exp=now + self._policy.lifetime,
            auth_time=subject.auth_time,
            amr=subject.amr,
            acr=subject.acr,
            nonce=authorization.nonce,
            sid=subject.session_id,
            about=await self._about(told_to(client, authorization.id_token_claims), subject),
        )
        return self._sign.sign(to_claims(token, access_token=access_token, alg=alg), typ=TYP, alg=alg)

    def _alg(self, client: Client) -> str:
        return client.id_token_signed_response_alg or self._policy.signing_alg

    async def _about(self, wanted: frozenset[str], subject: Subject) -> dict[str, object]:
        if not wanted:
            return {}
        async with self._read() as uow:
            user = await uow.users.get(subject.user_id)
        return {} if user is None else selected(user, wanted)


class IdTokenHints:
    """Reads ID tokens of ours that come back; that one has expired is no matter."""

    def __init__(self, *, verify: TokenVerifier, issuer: str) -> None:
        self._verify = verify
        self._issuer = issuer

    def subject_for(self, client_id: str) -> Callable[[str], str]:
        """For one client: a function from an ID token of its own to the subject. It raises InvalidRequest."""
        return lambda token: hinted_subject(self.claims(token), issuer=self._issuer, client_id=client_id)

    def claims(self, token: str) -> dict[str, object]:
        """Of an ID token that we signed. Raises InvalidRequest, KeysUnavailable."""
        try:
            claims = self._verify.verify(token, typ=TYP)
        except UnverifiableToken as error:
            raise InvalidRequest("id_token_hint is no ID token of this server", detail=str(error)) from None
        if "auth_time" not in claims:  # signed userinfo has our keys and this `typ`, too
            raise InvalidRequest("id_token_hint is no ID token of this server")
        return claims

"""What the demo asks of the OpenID provider, by Authlib's client."""

import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

import httpx2
from authlib.common.security import generate_token
from authlib.integrations.httpx_client import AsyncOAuth2Client
from authlib.oauth2.rfc7523 import PrivateKeyJWT
from joserfc import jwt
from joserfc.jwk import KeySet

from identity_service.demo.answers import asking, challenge, members, text_of
from identity_service.demo.id_token import (
    UnknownKey,
    check_access_token,
    check_claims,
    check_same_person,
    signature_checked,
)
from identity_service.demo.logout_token import check_logout_token
from identity_service.demo.own_key import ALG
from identity_service.demo.party import Party
from identity_service.demo.problem import Problem

TIMEOUT_SECONDS = 20.0
METADATA_SECONDS = 600.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Attempt:
    """A sign-in that has begun: where the browser is sent, and what has to come back with it."""

    url: str
    state: str
    nonce: str = field(repr=False)
    verifier: str = field(repr=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class SignedIn:
    """What the demo knows of the person who signed in. `refreshed_at`, `told_at`: seconds since 1970."""

    id_token: str = field(repr=False)
    claims: Mapping[str, Any]
    token: Mapping[str, Any] = field(repr=False)
    userinfo: Mapping[str, Any]
    told_at: float
    refreshed_at: float | None = None


class Provider:
    """One OpenID provider. Every method may raise Problem."""

    def __init__(self, party: Party, *, transport: Any = None, now: Callable[[], float] = time.time) -> None:
        """`transport` stands in for the network."""
        self._party = party
        self._transport = transport
        self._now = now
        self._metadata: tuple[float, dict[str, Any]] | None = None
        self._keys: KeySet | None = None

    async def metadata(self) -> dict[str, Any]:
        """Its configuration, which has to name the very issuer we trust (OIDC Discovery §4.3)."""
        if self._metadata is not None and self._metadata[0] > self._now():
            return self._metadata[1]
        issuer = self._party.issuer
        found = await self._document(f"{issuer.rstrip('/')}/.well-known/openid-configuration")
        if found.get("issuer") != issuer:
            raise Problem("wrong_issuer", f"what is published for {issuer} is another issuer's")
        self._metadata = (self._now() + METADATA_SECONDS, found)
        return found

    @property
    def end_session_endpoint(self) -> str | None:
        """Where people sign out, as the configuration said when it was last read."""
        return None if self._metadata is None else self._metadata[1].get("end_session_endpoint")

    async def begin(self) -> Attempt:
        """A request of the code flow with PKCE, state and nonce."""
        metadata = await self.metadata()
        verifier, nonce = generate_token(64), generate_token(32)
        with asking("the authorization endpoint"):
            async with self._client() as client:
                url, state = client.create_authorization_url(
                    text_of(metadata, "authorization_endpoint"),
                    scope=self._party.scope,
                    code_verifier=verifier,
                    nonce=nonce,
                )
        return Attempt(url=url, state=state, nonce=nonce, verifier=verifier)

    async def check_answer(self, answer: Mapping[str, str]) -> None:
        """That the answer is this provider's (RFC 9207 §2.4), and no refusal."""
        said = answer.get("iss")
        promised = (await self.metadata()).get("authorization_response_iss_parameter_supported", False)
        if said != self._party.issuer and (promised or said is not None):
            raise Problem("mixed_up", "the answer does not come from the provider that was asked")
        if "error" in answer:
            raise Problem(answer["error"], answer.get("error_description"))

    async def finish(self, attempt: Attempt, code: str) -> SignedIn:
        """The code's tokens, checked, and what userinfo says."""
        metadata = await self.metadata()
        with asking("the token endpoint"):
            async with self._client() as client:
                token = await client.fetch_token(
                    text_of(metadata, "token_endpoint"),
                    grant_type="authorization_code",
                    code=code,
                    code_verifier=attempt.verifier,
                )
            token = members(token)
        id_token = text_of(token, "id_token")
        claims = await self._believed(id_token, text_of(token, "access_token"), nonce=attempt.nonce)
        return SignedIn(
            id_token=id_token,
            claims=claims,
            token=token,
            userinfo=await self._userinfo(token, claims["sub"]),
            told_at=self._now(),
        )

    async def refresh(self, before: SignedIn) -> SignedIn:
        """New tokens for the refresh token."""
        metadata = await self.metadata()
        with asking("the token endpoint"):
            async with self._client(token=dict(before.token)) as client:
                token = await client.refresh_token(
                    text_of(metadata, "token_endpoint"), refresh_token=before.token.get("refresh_token")
                )
            token = members(token)
        id_token, claims = token.get("id_token"), before.claims
        if id_token is not None:
            claims = await self._believed(id_token, text_of(token, "access_token"), nonce=None)
            check_same_person(claims, before.claims)
        return SignedIn(
            id_token=id_token or before.id_token,
            claims=claims,
            token={"scope": before.token.get("scope")} | dict(token),
            userinfo=before.userinfo,
            told_at=before.told_at,
            refreshed_at=self._now(),
        )

    async def userinfo(self, known: SignedIn) -> SignedIn:
        """The same person, as userinfo describes them now."""
        told = await self._userinfo(known.token, known.claims["sub"])
        return SignedIn(
            id_token=known.id_token,
            claims=known.claims,
            token=known.token,
            userinfo=told,
            told_at=self._now(),
            refreshed_at=known.refreshed_at,
        )

    async def sign_out_url(self, known: SignedIn, state: str) -> str | None:
        """Where the browser signs out (OIDC RP-Initiated Logout §2); None where the provider has no such place."""
        endpoint = (await self.metadata()).get("end_session_endpoint")
        if endpoint is None:
            return None
        with asking("the end session endpoint"):
            return str(
                httpx2.URL(
                    endpoint,
                    params={
                        "id_token_hint": known.id_token,
                        "post_logout_redirect_uri": self._party.signed_out_uri,
                        "state": state,
                    },
                )
            )

    async def logout(self, logout_token: str) -> Mapping[str, Any]:
        """What a logout token says that this provider has signed, to this party (OIDC Back-Channel Logout §2.6)."""
        token = await self._signed(logout_token)
        check_logout_token(token, self._party, now=int(self._now()))
        return token.claims

    async def _userinfo(self, token: Mapping[str, Any], subject: str) -> Mapping[str, Any]:
        metadata = await self.metadata()
        with asking("the userinfo endpoint"):
            headers = {"Authorization": f"Bearer {token['access_token']}"}
            async with self._client() as client:
                answer = await client.request(
                    "GET", text_of(metadata, "userinfo_endpoint"), headers=headers, withhold_token=True
                )
            if answer.status_code != httpx2.codes.OK:
                raise challenge(answer)
            told = members(answer.json())
        if told.get("sub") != subject:  # §5.3.2: it could be about somebody else
            raise Problem("invalid_userinfo", "userinfo speaks of another person than the ID token")
        return told

    async def _believed(self, id_token: str, access_token: str, *, nonce: str | None) -> Mapping[str, Any]:
        token = await self._signed(id_token)
        check_claims(token.claims, self._party, now=int(self._now()), nonce=nonce)
        check_access_token(token, access_token)
        return token.claims

    async def _signed(self, id_token: str) -> jwt.Token:
        metadata = await self.metadata()
        offered = metadata.get("id_token_signing_alg_values_supported") or ["RS256"]
        try:
            return signature_checked(id_token, self._keys or await self._fetch_keys(), offered)
        except UnknownKey:
            pass
        try:
            return signature_checked(id_token, await self._fetch_keys(), offered)
        except UnknownKey:
            raise Problem("invalid_id_token", "no key of the provider has signed it") from None

    async def _fetch_keys(self) -> KeySet:
        document: Any = await self._document(text_of(await self.metadata(), "jwks_uri"))
        with asking("the key set"):
            self._keys = KeySet.import_key_set(document)
        return self._keys

    async def _document(self, url: str) -> dict[str, Any]:
        with asking(url):
            async with self._client() as client:
                answer = await client.request("GET", url, withhold_token=True)
            return members(answer.raise_for_status().json())

    def _client(self, *, token: Mapping[str, Any] | None = None) -> Any:
        """No proxy of the environment stands between two programs of one machine, so none is asked."""
        party = self._party
        client = AsyncOAuth2Client(
            client_id=party.client_id,
            client_secret=party.client_secret if party.key is None else party.key,
            token_endpoint_auth_method=None if party.key is None else PrivateKeyJWT.name,
            redirect_uri=party.redirect_uri,
            code_challenge_method="S256",
            token=token,
            timeout=TIMEOUT_SECONDS,
            follow_redirects=False,
            trust_env=False,
            transport=self._transport,
        )
        if party.key is not None:
            client.register_client_auth_method(PrivateKeyJWT(alg=ALG, headers={"kid": party.key.kid}))
        return client

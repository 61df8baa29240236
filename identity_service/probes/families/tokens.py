"""Tokens that the server never made, or made for something else (attacks 15 to 19)."""

import json
from collections.abc import Mapping
from typing import Any

from identity_service.probes.families.forged import claims, own_key, unsigned, with_hmac
from identity_service.probes.probe import Outcome, Probe, judged, probe, untried
from identity_service.probes.target import Target, error_of, json_of

TYPE = {"typ": "at+jwt"}
KIDS = ("../../../../dev/null", "' OR '1'='1", "x" * 10_000, "")


async def _accepted(target: Target, token: str) -> str | None:
    """How the server took a forged token for one of its own; None: it refused."""
    bearer = {"Authorization": f"Bearer {token}"}
    for path in (target.endpoint("userinfo_endpoint"), "/users"):
        answer = await target.ask("GET", path, headers=bearer)
        if answer.status_code == 200:
            return f"{path} answers 200"
        if answer.status_code >= 500:
            return f"{path} breaks: {answer.status_code}"
    return None


async def _all_refused(target: Target, sent: str, tokens: Mapping[str, str]) -> Outcome:
    for kind, token in tokens.items():
        if how := await _accepted(target, token):
            return judged(sent, {f"{kind}: {how}": True}, seen="")
    return judged(sent, {}, seen="each is refused")


def _issuer(target: Target) -> str:
    return str(target.metadata.get("issuer", target.url))


async def _keys(target: Target) -> list[dict[str, Any]]:
    found = json_of(await target.ask("GET", target.endpoint("jwks_uri")))
    keys = found.get("keys", []) if isinstance(found, dict) else []
    return [key for key in keys if isinstance(key, dict)]


@probe(18)
async def no_token_without_a_signature(target: Target) -> Outcome:
    """`alg: none` in several spellings, with an empty signature, and without one."""
    members = claims(_issuer(target))
    tokens = {alg: unsigned({**TYPE, "alg": alg}, members) + "." for alg in ("none", "None", "NONE", "nOnE")}
    tokens["RS256 without a signature"] = unsigned({**TYPE, "alg": "RS256"}, members) + "."
    tokens["two parts"] = unsigned({**TYPE, "alg": "none"}, members)
    return await _all_refused(target, "access tokens without a signature", tokens)


@probe(15)
async def no_public_key_as_a_secret(target: Target) -> Outcome:
    """HS256 whose key is the server's own public key, as everybody can read it."""
    sent = "access tokens signed by HMAC with the published keys"
    keys = await _keys(target)
    if not keys:
        return untried(sent, "no keys are published")
    tokens = {}
    for key in keys[:4]:
        header = {**TYPE, "alg": "HS256", "kid": key.get("kid")}
        spellings = (
            json.dumps(key),
            json.dumps(key, separators=(",", ":")),
            str(key.get("n") or key.get("x")),
        )
        for number, spelling in enumerate(spellings):
            tokens[f"spelling {number} of {key.get('kid')}"] = with_hmac(
                header, claims(_issuer(target)), spelling.encode()
            )
    return await _all_refused(target, sent, tokens)


@probe(16)
async def no_key_out_of_the_token(target: Target) -> Outcome:
    """Keys that the token itself brings along, or says where to fetch; ids of keys that are paths, SQL, or too long."""
    own, members = own_key(), claims(_issuer(target))
    headers: dict[str, dict[str, Any]] = {
        "jwk": {"jwk": own.jwk},
        "jku": {"jku": "https://attacker.example/keys"},
        "x5u": {"x5u": "https://attacker.example/certificate"},
        "x5c": {"x5c": ["MIIB"]},
    }
    headers |= {f"kid {kid[:24]!r}": {"kid": kid} for kid in KIDS}
    tokens = {
        kind: own.signed({**TYPE, "alg": "RS256", "kid": "forged", **more}, members)
        for kind, more in headers.items()
    }
    return await _all_refused(target, "access tokens signed with a key of the attacker's", tokens)


@probe(17)
async def no_header_that_nobody_understands(target: Target) -> Outcome:
    """Extensions that are critical and unknown, compressed tokens, a token within a token."""
    own, members = own_key(), claims(_issuer(target))
    odd: dict[str, dict[str, Any]] = {
        "crit": {"crit": ["exp"], "exp": 1},
        "an empty crit": {"crit": []},
        "zip": {"zip": "DEF"},
        "cty": {"cty": "JWT"},
        "b64": {"b64": False, "crit": ["b64"]},
    }
    tokens = {kind: own.signed({**TYPE, "alg": "RS256", **more}, members) for kind, more in odd.items()}
    tokens["no JSON"] = "e30.bm90IGpzb24.e30"
    tokens["deep JSON"] = unsigned({**TYPE, "alg": "none"}, {"a": json.loads("[" * 500 + "]" * 500)}) + "."
    return await _all_refused(target, "access tokens with odd headers", tokens)


@probe(18, needs_client=True)
async def a_changed_token_is_dead(target: Target) -> Outcome:
    """A token of the client's own with one letter of its claims or of its signature changed."""
    sent = "the client's own token, changed"
    token = await _own_token(target)
    if token is None:
        return untried(sent, "the client gets no token by client_credentials")
    head, _, rest = token.partition(".")
    body, _, signature = rest.partition(".")
    for changed in (
        f"{head}.{body[:-6]}{'AAAAAA' if body[-6:] != 'AAAAAA' else 'BBBBBB'}.{signature}",
        f"{head}.{body}.{signature[:20]}{'A' if signature[20:21] != 'A' else 'B'}{signature[21:]}",
        f"{head}.{body}.",
    ):
        answer = await target.form(
            target.endpoint("introspection_endpoint"), {"token": changed}, auth=target.basic
        )
        members = json_of(answer)
        if isinstance(members, dict) and members.get("active"):
            return judged(sent, {"it is called active": True}, seen="")
    return judged(sent, {}, seen="inactive")


@probe(19, needs_client=True)
async def a_token_is_of_one_kind(target: Target) -> Outcome:
    """An access token in the place of a refresh token, of a code, and of a proof of who the client is."""
    sent = "the client's own access token as refresh token, code and assertion"
    token = await _own_token(target)
    if token is None:
        return untried(sent, "the client gets no token by client_credentials")
    jwt = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"
    proof = {"grant_type": "client_credentials", "client_assertion_type": jwt, "client_assertion": token}
    orders: tuple[tuple[dict[str, str], tuple[str, str] | None], ...] = (
        ({"grant_type": "refresh_token", "refresh_token": token}, target.basic),
        (
            {"grant_type": "authorization_code", "code": token, "redirect_uri": "https://x.example/"},
            target.basic,
        ),
        (proof, None),
    )
    for form, auth in orders:
        answer = await target.form(target.endpoint("token_endpoint"), form, auth=auth)
        if answer.status_code == 200 or answer.status_code >= 500:
            return judged(sent, {f"{form['grant_type']}: {error_of(answer)}": True}, seen="")
    return judged(sent, {}, seen="each is refused")


async def _own_token(target: Target) -> str | None:
    answer = await target.form(
        target.endpoint("token_endpoint"), {"grant_type": "client_credentials"}, auth=target.basic
    )
    members = json_of(answer)
    token = members.get("access_token") if isinstance(members, dict) else None
    return token if isinstance(token, str) and token.count(".") == 2 else None


PROBES: tuple[Probe, ...] = (
    no_token_without_a_signature,
    no_public_key_as_a_secret,
    no_key_out_of_the_token,
    no_header_that_nobody_understands,
    a_changed_token_is_dead,
    a_token_is_of_one_kind,
)

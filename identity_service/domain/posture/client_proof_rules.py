"""Rules about a client: how it proves who it is."""

from collections.abc import Iterable
from datetime import timedelta

from identity_service.domain.entities.client import ClientSecret
from identity_service.domain.posture.clauses import asvs, fapi2, oauth21, rfc9700, text
from identity_service.domain.posture.places import is_plain_http
from identity_service.domain.posture.rule import Risk, Rule, rule
from identity_service.domain.posture.seen import SeenClient, rsa_bits
from identity_service.domain.posture.token_rules import FAPI_ALGORITHMS

LEAST_RSA_BITS = 2048
OLD = timedelta(days=365)
UPDATE = "identity-service client update CLIENT_ID"
ROTATE = "identity-service client rotate-secret CLIENT_ID"


@rule(
    Risk.INFO,
    fapi2("5.3.2.1", 3),
    asvs("10.4.16"),
    reads=("token_endpoint_auth_method",),
    stake="Whoever knows its id can speak in its name; a code and its PKCE are all that tell the real one apart.",
    mend=f"{UPDATE} --auth-method private_key_jwt --jwks-uri https://… (a backend for the app keeps the key)",
)
def public_client(seen: SeenClient) -> str | None:
    """Right for an app; not for what has a server."""
    return "is public" if seen.client.is_public else None


@rule(
    Risk.INFO,
    rfc9700("2.5"),
    oauth21("2.4"),
    fapi2("5.3.2.1", 6),
    asvs("10.4.16"),
    reads=("token_endpoint_auth_method",),
    stake="The secret crosses the network at each request, and lies wherever it was ever copied to.",
    mend=f"{UPDATE} --auth-method private_key_jwt --jwks-uri https://…",
)
def shared_secret(seen: SeenClient) -> str | None:
    """Instead of a key that never leaves the client."""
    return "proves itself by a secret" if seen.client.has_secret else None


@rule(
    Risk.LOW,
    oauth21("2.4"),
    text("RFC 7591 §2"),
    reads=("token_endpoint_auth_method",),
    stake="A secret that leaks from one place (a body that was logged) works in the other, too.",
    mend=f"{UPDATE} --auth-method client_secret_basic",
)
def method_not_named(seen: SeenClient) -> str | None:
    """Basic and post are both taken."""
    return "names no token_endpoint_auth_method" if seen.client.token_endpoint_auth_method is None else None


@rule(
    Risk.MEDIUM,
    asvs("11.5.1"),
    text("RFC 6749 §10.10"),
    fapi2("5.4.1", 4),
    reads=("secrets", "token_endpoint_auth_method"),
    stake="It was made elsewhere and is short: throttles and a slow hash are all between it and a guesser.",
    mend=f"{ROTATE} (the new one has 256 random bits)",
)
def weak_secret(seen: SeenClient) -> str | None:
    """Brought along, under 32 characters."""
    weak = [each for each in _live(seen) if each.scheme == "password"]
    return "has an imported secret of under 32 characters" if weak else None


@rule(
    Risk.LOW,
    asvs("13.3.4"),
    reads=("secrets", "token_endpoint_auth_method"),
    stake="Everybody who saw it since, and left, still has it.",
    mend=f"{ROTATE} --overlap 86400",
)
def old_secret(seen: SeenClient) -> str | None:
    """Without an end, and in use for over a year."""
    old = [each for each in _live(seen) if each.expires_at is None and seen.now - each.created_at > OLD]
    return f"has a secret of {min(each.created_at for each in old):%Y-%m-%d} without an end" if old else None


@rule(
    Risk.LOW,
    asvs("13.3.4"),
    reads=("secrets", "token_endpoint_auth_method"),
    stake="Each of them is enough; one that was replaced because it leaked still opens the door.",
    mend=f"{ROTATE} --overlap 0 (ends the old ones, and all tokens with them)",
)
def several_secrets(seen: SeenClient) -> str | None:
    """During a rotation, two."""
    live = len(_live(seen))
    return f"has {live} secrets that work" if live > 1 else None


@rule(
    Risk.LOW,
    oauth21("8.1.1"),
    rfc9700("2.5"),
    reads=("application_type", "token_endpoint_auth_method", "registered_by"),
    stake="A secret in an app is in the hands of everybody who installs it, and proves nothing.",
    mend=f"{UPDATE} --auth-method none; or let each installation register itself (CLIENT_REGISTRATION=token)",
)
def secret_in_an_app(seen: SeenClient) -> str | None:
    """Unless each installation registered itself."""
    client = seen.client
    shipped = client.application_type == "native" and client.has_secret and client.registered_by is None
    return "is native and has a secret" if shipped else None


@rule(
    Risk.HIGH,
    fapi2("5.4.1", 2),
    asvs("11.2.3"),
    reads=("jwks",),
    stake="A key of that size can be computed from what is published; then anybody is this client.",
    mend=f"{UPDATE} --jwks FILE, with a key of 2048 bits at least",
)
def weak_client_key(seen: SeenClient) -> str | None:
    """Only keys that are registered can be looked at; those of a jwks_uri are judged when they are used."""
    sizes = [rsa_bits(key) for key in (seen.client.jwks or {}).get("keys", ())]
    weak = [bits for bits in sizes if bits is not None and bits < LEAST_RSA_BITS]
    return f"has an RSA key of {min(weak)} bits" if weak else None


@rule(
    Risk.MEDIUM,
    fapi2("5.4.2", 1),
    asvs("12.3.1"),
    reads=("jwks_uri", "backchannel_logout_uri", "request_uris"),
    stake="Whoever is on the way answers with keys of their own, and is this client from then on.",
    mend=f"{UPDATE} --jwks-uri https://… (and --backchannel-logout-uri, --request-uri), and empty FETCH_EXCEPTIONS",
)
def asked_in_the_clear(seen: SeenClient) -> str | None:
    """What this server asks the client's own server for."""
    client = seen.client
    named = (client.jwks_uri, client.backchannel_logout_uri, *client.request_uris)
    plain = [uri for uri in named if uri is not None and is_plain_http(uri)]
    return f"is asked at {', '.join(plain)}" if plain else None


@rule(
    Risk.LOW,
    fapi2("5.4.1", 1),
    reads=("token_endpoint_auth_method", "token_endpoint_auth_signing_alg"),
    stake="Its proofs may be signed with RSASSA-PKCS1-v1_5.",
    mend=f"{UPDATE} --auth-signing-alg PS256 (or ES256, EdDSA)",
)
def assertions_with_any_algorithm(seen: SeenClient) -> str | None:
    """None named means whatever fits the key."""
    return _signs(
        seen.client.token_endpoint_auth_signing_alg,
        "assertions",
        asked=seen.client.token_endpoint_auth_method == "private_key_jwt",
    )


@rule(
    Risk.LOW,
    fapi2("5.4.1", 1),
    reads=("require_signed_request_object", "request_object_signing_alg"),
    stake="Its requests may be signed with RSASSA-PKCS1-v1_5.",
    mend=f"{UPDATE} --request-object-alg PS256 (or ES256, EdDSA)",
)
def requests_with_any_algorithm(seen: SeenClient) -> str | None:
    """For a client that has to sign them."""
    return _signs(
        seen.client.request_object_signing_alg,
        "request objects",
        asked=seen.client.require_signed_request_object,
    )


def _signs(alg: str | None, what: str, *, asked: bool) -> str | None:
    if not asked or alg in FAPI_ALGORITHMS:
        return None
    return f"may sign its {what} with {alg or 'any algorithm'}"


def _live(seen: SeenClient) -> list[ClientSecret]:
    return list(_unexpired(seen.client.secrets, seen)) if seen.client.has_secret else []


def _unexpired(secrets: Iterable[ClientSecret], seen: SeenClient) -> Iterable[ClientSecret]:
    return (each for each in secrets if each.expires_at is None or each.expires_at > seen.now)


RULES: tuple[Rule[SeenClient], ...] = (
    public_client,
    shared_secret,
    method_not_named,
    weak_secret,
    old_secret,
    several_secrets,
    secret_in_an_app,
    weak_client_key,
    asked_in_the_clear,
    assertions_with_any_algorithm,
    requests_with_any_algorithm,
)

"""Rules about a client: what its tokens are, what it may do here, and how it hears that a session is over."""

from identity_service.domain.posture.clauses import asvs, fapi2, oauth21, rfc9700, text
from identity_service.domain.posture.rule import Risk, Rule, rule
from identity_service.domain.posture.seen import SeenClient
from identity_service.domain.posture.token_rules import (
    LONG_ACCESS,
    LONG_GRACE,
    LONG_REFRESH,
)

PATCH = "PATCH /clients/CLIENT_ID"
UPDATE = "identity-service client update CLIENT_ID"
MOST_AUDIENCES = 3


@rule(
    Risk.MEDIUM,
    oauth21("7.1.3.5"),
    rfc9700("2.2.1"),
    reads=("access_token_ttl",),
    stake="A stolen token works that long wherever it is only read and not introspected.",
    mend=f"{UPDATE} --access-token-ttl default",
)
def client_with_long_access_tokens(seen: SeenClient) -> str | None:
    """Longer than the server's own may be."""
    life = seen.client.access_token_ttl
    return f"has access tokens of {life} s" if life is not None and life > LONG_ACCESS else None


@rule(
    Risk.MEDIUM,
    rfc9700("4.14.2"),
    oauth21("4.3.3"),
    asvs("10.4.8"),
    reads=("refresh_token_ttl",),
    stake="A stolen refresh token that nobody misses keeps access to an account for that long.",
    mend=f'{PATCH} {{"refresh_token_ttl": null}}',
)
def client_with_long_refresh_tokens(seen: SeenClient) -> str | None:
    """Longer than the server's own may be."""
    life = seen.client.refresh_token_ttl
    return f"has refresh tokens of {life} s" if life is not None and life > LONG_REFRESH else None


@rule(
    Risk.LOW,
    rfc9700("4.14.2"),
    asvs("10.4.5"),
    reads=("refresh_reuse_grace",),
    stake="Within the grace a thief who has a spent refresh token gets what its owner got, and no alarm is raised.",
    mend=f'{PATCH} {{"refresh_reuse_grace": null}}',
)
def client_with_long_grace(seen: SeenClient) -> str | None:
    """A lost answer is asked for again within seconds."""
    grace = seen.client.refresh_reuse_grace
    return f"has a grace of {grace} s" if grace is not None and grace > LONG_GRACE else None


@rule(
    Risk.LOW,
    rfc9700("2.2.2"),
    oauth21("4.3.1"),
    asvs("10.4.5"),
    reads=("token_endpoint_auth_method", "grant_types", "refresh_reuse_grace"),
    stake="It proves nothing when it refreshes: within the grace, a copy of its spent token is as good as the token.",
    mend=f'{PATCH} {{"refresh_reuse_grace": 0}} (an answer that is lost then costs a sign-in)',
)
def public_refresh_with_grace(seen: SeenClient) -> str | None:
    """Rotation is all that protects its refresh tokens."""
    grace = seen.effective("refresh_reuse_grace", "refresh_reuse_grace_seconds")
    loose = seen.client.is_public and seen.refreshes and grace > 0
    return f"is public and refreshes with a grace of {grace} s" if loose else None


@rule(
    Risk.INFO,
    fapi2("5.3.2.1", 9),
    reads=("grant_types", "refresh_reuse_grace"),
    stake="When an answer is lost on its way, the family is lost, and its person has to sign in again.",
    mend=f'{PATCH} {{"refresh_reuse_grace": 10}}',
)
def client_without_retry(seen: SeenClient) -> str | None:
    """FAPI allows rotation only with a time-limited way to try again (Note 1)."""
    grace = seen.effective("refresh_reuse_grace", "refresh_reuse_grace_seconds")
    return "refreshes without a grace" if seen.refreshes and not grace else None


@rule(
    Risk.INFO,
    fapi2("5.4.1", 1),
    reads=(
        "access_token_signed_response_alg",
        "id_token_signed_response_alg",
        "userinfo_signed_response_alg",
        "grant_types",
    ),
    stake="What is signed for it is signed with RSASSA-PKCS1-v1_5.",
    mend=f"{UPDATE} --access-token-alg PS256 --id-token-alg PS256 (or ES256, EdDSA)",
)
def signed_with_rs256(seen: SeenClient) -> str | None:
    """Its own algorithms, or the server's; of what it gets at all."""
    algs = {"access tokens": seen.effective("access_token_signed_response_alg", "signing_algorithm")}
    if seen.codes:
        algs["ID tokens"] = seen.effective("id_token_signed_response_alg", "signing_algorithm")
        algs["userinfo"] = seen.client.userinfo_signed_response_alg
    found = [what for what, alg in algs.items() if alg == "RS256"]
    return f"has {' and '.join(found)} signed with RS256" if found else None


@rule(
    Risk.MEDIUM,
    oauth21("7.1.4"),
    rfc9700("2.3"),
    asvs("10.4.11"),
    reads=("scope",),
    stake="Whoever takes this client over makes users and clients of this server, or reads all of them.",
    mend=f"{UPDATE} --scope '…' without what it does not need (users:read instead of admin, say)",
)
def administers(seen: SeenClient) -> str | None:
    """It may be granted a reserved scope."""
    reserved = seen.client.scope.reserved()
    return f"may be granted {reserved}" if reserved else None


@rule(
    Risk.HIGH,
    rfc9700("2.5"),
    asvs("10.4.16"),
    asvs("11.5.1"),
    reads=("scope", "secrets", "token_endpoint_auth_method"),
    stake="The way to everything here is a secret that can be guessed.",
    mend=f"{UPDATE} --auth-method private_key_jwt --jwks-uri https://…, or client rotate-secret CLIENT_ID --overlap 0",
)
def administers_with_a_weak_secret(seen: SeenClient) -> str | None:
    """An imported short secret, and a reserved scope."""
    weak = seen.client.has_secret and any(each.scheme == "password" for each in seen.client.secrets)
    return "may administer, with an imported secret" if weak and seen.client.scope.reserved() else None


@rule(
    Risk.LOW,
    text("RFC 7662 §4"),
    asvs("10.3.1"),
    reads=("resource_server", "audiences"),
    stake="It learns who uses which of these APIs, and what for, whenever it is shown one of their tokens.",
    mend=f'{PATCH} {{"audiences": […]}}, one client for each API',
)
def introspects_for_many(seen: SeenClient) -> str | None:
    """A resource server of many audiences."""
    count = len(seen.client.audiences)
    return (
        f"introspects for {count} audiences"
        if seen.client.resource_server and count > MOST_AUDIENCES
        else None
    )


@rule(
    Risk.LOW,
    text("RFC 7662 §4"),
    asvs("10.4.4"),
    reads=("resource_server", "grant_types"),
    stake="What it may look into as an API, it may also ask for as a client: two programs' rights in one place.",
    mend="register the API and the program that calls others as two clients",
)
def asks_and_introspects(seen: SeenClient) -> str | None:
    """A resource server that has grants for people, too."""
    both = seen.client.resource_server and bool(seen.client.grant_types - {"client_credentials"})
    return "introspects, and gets tokens of people itself" if both else None


@rule(
    Risk.MEDIUM,
    oauth21("7.3"),
    asvs("10.7.1"),
    text("RFC 8252 §8.6"),
    reads=("first_party", "token_endpoint_auth_method"),
    stake="Somebody else's app that pretends to be this one gets tokens without the person being asked.",
    mend=f"{UPDATE} --no-first-party",
)
def nobody_asked_for_a_public_client(seen: SeenClient) -> str | None:
    """Its identity cannot be assured, so people are to be asked."""
    silent = seen.client.first_party and seen.client.is_public
    return "is public, and people are not asked" if silent else None


@rule(
    Risk.INFO,
    asvs("10.4.7"),
    text("RFC 7591 §5"),
    reads=("registered_by",),
    stake="Its name, its logo and its addresses are what somebody said of themselves.",
    mend="identity-service client show CLIENT_ID, then client deactivate CLIENT_ID if nobody knows it",
)
def registered_itself(seen: SeenClient) -> str | None:
    """Without a token: by anybody at all."""
    return "registered itself, without a token" if seen.client.registered_by == "open" else None


@rule(
    Risk.INFO,
    asvs("7.6.1"),
    text("OIDC Back-Channel Logout §1"),
    reads=("backchannel_logout_uri", "frontchannel_logout_uri", "scope", "grant_types"),
    stake="Who signs out here, or is signed out, stays signed in there until that session ends by itself.",
    mend=f"{UPDATE} --backchannel-logout-uri https://…",
)
def hears_of_no_logout(seen: SeenClient) -> str | None:
    """A client that signs people in."""
    told = seen.client.backchannel_logout_uri or seen.client.frontchannel_logout_uri
    return "is not told of sign-outs" if seen.codes and "openid" in seen.client.scope and not told else None


RULES: tuple[Rule[SeenClient], ...] = (
    client_with_long_access_tokens,
    client_with_long_refresh_tokens,
    client_with_long_grace,
    public_refresh_with_grace,
    client_without_retry,
    signed_with_rs256,
    administers,
    administers_with_a_weak_secret,
    introspects_for_many,
    asks_and_introspects,
    nobody_asked_for_a_public_client,
    registered_itself,
    hears_of_no_logout,
)

"""Rules about settings: how long tokens live, what signs them, how keys and secrets change."""

from identity_service.domain.posture.clauses import asvs, fapi2, oauth21, rfc9700, text
from identity_service.domain.posture.rule import Risk, Rule, Values, rule

A_DAY = 86_400
LONG_ACCESS = 3600
LONG_REFRESH = 90 * A_DAY
LONG_ID_TOKEN = 3600
LONG_GRACE = 60
LONG_OVERLAP = 7 * A_DAY
LONG_CACHE = 3600
STRONG_RSA_BITS = 3072
MOST_ROTATION_DAYS = 365
FAPI_ALGORITHMS = frozenset({"PS256", "ES256", "EdDSA"})


@rule(
    Risk.MEDIUM,
    oauth21("7.1.3.5"),
    rfc9700("2.2.1"),
    reads=("access_token_ttl_seconds",),
    stake="A stolen token works that long wherever it is only read and not introspected.",
    mend="ACCESS_TOKEN_TTL_SECONDS=900",
)
def long_access_tokens(values: Values) -> str | None:
    """Bearer tokens ought to be short-lived."""
    life = values["access_token_ttl_seconds"]
    return f"ACCESS_TOKEN_TTL_SECONDS is {life}" if life > LONG_ACCESS else None


@rule(
    Risk.MEDIUM,
    rfc9700("4.14.2"),
    oauth21("4.3.3"),
    asvs("10.4.8"),
    reads=("refresh_token_ttl_seconds",),
    stake="A stolen refresh token that nobody misses keeps access to an account for that long.",
    mend="REFRESH_TOKEN_TTL_SECONDS=2592000, or less",
)
def long_refresh_tokens(values: Values) -> str | None:
    """Counted from the sign-in: rotation does not extend it."""
    life = values["refresh_token_ttl_seconds"]
    return f"REFRESH_TOKEN_TTL_SECONDS is {life}" if life > LONG_REFRESH else None


@rule(
    Risk.LOW,
    rfc9700("4.14.2"),
    asvs("10.4.5"),
    reads=("refresh_reuse_grace_seconds",),
    stake="Within the grace a thief who has a spent refresh token gets what its owner got, and no alarm is raised.",
    mend="REFRESH_REUSE_GRACE_SECONDS=10",
)
def long_grace(values: Values) -> str | None:
    """A lost answer is asked for again within seconds."""
    grace = values["refresh_reuse_grace_seconds"]
    return f"REFRESH_REUSE_GRACE_SECONDS is {grace}" if grace > LONG_GRACE else None


@rule(
    Risk.INFO,
    fapi2("5.3.2.1", 9),
    reads=("refresh_reuse_grace_seconds",),
    stake="A client whose answer is lost on its way loses the family, and its person has to sign in again.",
    mend="REFRESH_REUSE_GRACE_SECONDS=10",
)
def rotation_without_retry(values: Values) -> str | None:
    """FAPI allows rotation only with a time-limited way to try again (Note 1)."""
    return "REFRESH_REUSE_GRACE_SECONDS is 0" if values["refresh_reuse_grace_seconds"] == 0 else None


@rule(
    Risk.LOW,
    fapi2("5.4.1", 1),
    asvs("11.3.1"),
    reads=("signing_algorithm",),
    stake="RSASSA-PKCS1-v1_5 is not broken, but it has no proof of security, and profiles of high assurance forbid it.",
    mend="SIGNING_ALGORITHM=ES256 (or PS256, EdDSA), once all your resource servers verify it",
)
def rs256_by_default(values: Values) -> str | None:
    """What is understood everywhere."""
    alg = values["signing_algorithm"]
    return None if alg in FAPI_ALGORITHMS else f"SIGNING_ALGORITHM is {alg}"


@rule(
    Risk.INFO,
    fapi2("5.4.1", 1),
    reads=("client_signing_algorithms",),
    stake="A client can choose it for its tokens.",
    mend="CLIENT_SIGNING_ALGORITHMS=PS256,ES256,EdDSA",
)
def rs256_for_clients(values: Values) -> str | None:
    """What clients may have instead of the server's own."""
    return "CLIENT_SIGNING_ALGORITHMS has RS256" if "RS256" in values["client_signing_algorithms"] else None


@rule(
    Risk.LOW,
    asvs("11.2.3"),
    text("NIST SP 800-57 Part 1 §5.6.1"),
    reads=("signing_key_bits", "signing_algorithm", "client_signing_algorithms"),
    stake="About 112 bits of security: allowed until 2030 (NIST SP 800-131A), and no longer where 128 are asked for.",
    mend=f"SIGNING_KEY_BITS={STRONG_RSA_BITS}, then `identity-service keys rotate`; ES256 and EdDSA have 128 anyway",
)
def short_rsa_keys_to_come(values: Values) -> str | None:
    """What the next RSA keys will be."""
    algs = {values["signing_algorithm"], *values["client_signing_algorithms"]}
    short = values["signing_key_bits"] < STRONG_RSA_BITS and algs & {"RS256", "PS256"}
    return f"SIGNING_KEY_BITS is {values['signing_key_bits']}" if short else None


@rule(
    Risk.MEDIUM,
    asvs("13.3.4"),
    reads=("signing_key_rotation_days",),
    stake="A key that leaked without anybody noticing signs for ever.",
    mend="SIGNING_KEY_ROTATION_DAYS=90",
)
def no_rotation(values: Values) -> str | None:
    """By schedule, since nobody remembers."""
    days = values["signing_key_rotation_days"]
    if 0 < days <= MOST_ROTATION_DAYS:
        return None
    return f"SIGNING_KEY_ROTATION_DAYS is {days}"


@rule(
    Risk.LOW,
    text("OIDC Core §10.1.1"),
    asvs("9.1.3"),
    reads=("jwks_max_age_seconds",),
    stake="After a key leaked, others go on believing it for that long.",
    mend="JWKS_MAX_AGE_SECONDS=300",
)
def long_cached_keys(values: Values) -> str | None:
    """How long others may keep the key set."""
    age = values["jwks_max_age_seconds"]
    return f"JWKS_MAX_AGE_SECONDS is {age}" if age > LONG_CACHE else None


@rule(
    Risk.LOW,
    asvs("13.3.4"),
    reads=("client_secret_overlap_seconds",),
    stake="A secret that was changed because it leaked still works for that long.",
    mend="CLIENT_SECRET_OVERLAP_SECONDS=86400; `client rotate-secret ID --overlap 0` where one leaked",
)
def long_overlap(values: Values) -> str | None:
    """Enough to deploy the new one."""
    overlap = values["client_secret_overlap_seconds"]
    return f"CLIENT_SECRET_OVERLAP_SECONDS is {overlap}" if overlap > LONG_OVERLAP else None


@rule(
    Risk.LOW,
    asvs("9.2.1"),
    reads=("id_token_ttl_seconds",),
    stake="An ID token that was taken from a log or a URL is accepted for that long by a client that checks no nonce.",
    mend="ID_TOKEN_TTL_SECONDS=900",
)
def long_id_tokens(values: Values) -> str | None:
    """It is read once, right after the sign-in."""
    life = values["id_token_ttl_seconds"]
    return f"ID_TOKEN_TTL_SECONDS is {life}" if life > LONG_ID_TOKEN else None


RULES: tuple[Rule[Values], ...] = (
    long_access_tokens,
    long_refresh_tokens,
    long_grace,
    rotation_without_retry,
    rs256_by_default,
    rs256_for_clients,
    short_rsa_keys_to_come,
    no_rotation,
    long_cached_keys,
    long_overlap,
    long_id_tokens,
)

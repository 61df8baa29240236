"""Rules about settings: where secrets are, how passwords are hashed, and who can listen in on the storage."""

from identity_service.domain.posture.clauses import asvs, text
from identity_service.domain.posture.places import is_plain_database, is_plain_redis
from identity_service.domain.posture.rule import Risk, Rule, Values, rule

LEAST_BCRYPT, USUAL_BCRYPT = 10, 12


@rule(
    Risk.MEDIUM,
    asvs("13.3.1"),
    reads=("master_key",),
    stake="It then lies in a file of DATA_DIR, beside what it seals: a copy of that disk opens every signing key.",
    mend="MASTER_KEY, or MASTER_KEY_FILE, from your store of secrets; `identity-service keys reseal` changes it",
)
def master_key_in_the_data_folder(values: Values) -> str | None:
    """What seals belongs elsewhere than what is sealed."""
    return None if values["master_key"] else "MASTER_KEY is not set"


@rule(
    Risk.INFO,
    asvs("13.3.4"),
    reads=("master_key_former",),
    stake="A key that was changed because somebody knew it still opens what was sealed under it.",
    mend="MASTER_KEY_FORMER: take it away when `identity-service doctor` says that nothing is left under it",
)
def former_master_key(values: Values) -> str | None:
    """While everything is sealed anew."""
    return "MASTER_KEY_FORMER is set" if values["master_key_former"] else None


@rule(
    Risk.LOW,
    asvs("11.4.2"),
    text("NIST SP 800-63B §3.1.1.2"),
    reads=("password_pepper",),
    stake="A copy of the database is enough to guess passwords at leisure, as fast as somebody has machines.",
    mend="PASSWORD_PEPPER, or PASSWORD_PEPPER_FILE, from your store of secrets; docs/operations.md says how it changes",
)
def no_pepper(values: Values) -> str | None:
    """A secret beside the hashes that is not in the database."""
    return None if values["password_pepper"] else "PASSWORD_PEPPER is not set"


@rule(
    Risk.LOW,
    asvs("13.3.4"),
    reads=("jwt_private_key",),
    stake="The schedule rotates keys of the database only; this one signs until somebody remembers it.",
    mend="take JWT_PRIVATE_KEY away and run `identity-service keys generate`, or change it by hand every 90 days",
)
def key_outside_the_schedule(values: Values) -> str | None:
    """A key from the settings is rotated by hand."""
    return "JWT_PRIVATE_KEY is set" if values["jwt_private_key"] else None


@rule(
    Risk.HIGH,
    asvs("11.4.2"),
    reads=("password_scheme", "bcrypt_cost"),
    stake="Whoever has a copy of the database tries passwords many times faster than is thought bearable.",
    mend=f"BCRYPT_COST={USUAL_BCRYPT}, or PASSWORD_SCHEME=argon2id; hashes are made anew at the next sign-in",
)
def cheap_hashes(values: Values) -> str | None:
    """OWASP's cheat sheet on password storage wants a cost of 10 at least."""
    cost = values["bcrypt_cost"]
    return f"BCRYPT_COST is {cost}" if values["password_scheme"] == "bcrypt" and cost < LEAST_BCRYPT else None


@rule(
    Risk.INFO,
    asvs("11.4.2"),
    reads=("password_scheme",),
    stake="bcrypt needs little memory, so machines made for guessing are better at it than at Argon2id.",
    mend="PASSWORD_SCHEME=argon2id; hashes are made anew at the next sign-in",
)
def hashes_without_memory(values: Values) -> str | None:
    """bcrypt is approved; Argon2id is what is recommended."""
    return "PASSWORD_SCHEME is bcrypt" if values["password_scheme"] == "bcrypt" else None


@rule(
    Risk.MEDIUM,
    asvs("12.3.1"),
    reads=("database_url", "database_read_url"),
    stake="Whoever is on that network reads digests and personal data, and can answer in the database's place.",
    mend="DATABASE_URL, DATABASE_READ_URL: add ?ssl=verify-full (and the server's certificate)",
)
def database_without_tls(values: Values) -> str | None:
    """Between hosts."""
    plain = [name for name in ("database_url", "database_read_url") if is_plain_database(values[name])]
    return f"{' and '.join(map(str.upper, plain))} does not insist on TLS" if plain else None


@rule(
    Risk.LOW,
    asvs("12.3.1"),
    reads=("redis_url",),
    stake="Nothing in Redis is believed, but whoever is on that network can wipe the counts that hold off guessers.",
    mend="REDIS_URL=rediss://…",
)
def redis_without_tls(values: Values) -> str | None:
    """Between hosts."""
    return "REDIS_URL is not encrypted" if is_plain_redis(values["redis_url"]) else None


RULES: tuple[Rule[Values], ...] = (
    master_key_in_the_data_folder,
    former_master_key,
    no_pepper,
    key_outside_the_schedule,
    cheap_hashes,
    hashes_without_memory,
    database_without_tls,
    redis_without_tls,
)

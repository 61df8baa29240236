"""Rules about the keys that sign, and about all clients together."""

from datetime import timedelta

from identity_service.domain.posture.clauses import asvs, fapi2, rfc9700, text
from identity_service.domain.posture.rule import Risk, Rule, rule
from identity_service.domain.posture.seen import SeenKey, Tally, rsa_bits
from identity_service.domain.posture.token_rules import STRONG_RSA_BITS

LEAST_RSA_BITS = 2048
MOST_ADMINISTERING = 3
LATE = timedelta(days=2)
"""The schedule waits until others have seen the next key."""


@rule(
    Risk.HIGH,
    fapi2("5.4.1", 2),
    asvs("11.2.3"),
    reads=("public_jwk",),
    stake="A key of that size can be computed from what is published; then anybody makes tokens of this server.",
    mend="identity-service keys generate, with SIGNING_KEY_BITS=3072",
)
def weak_key(key: SeenKey) -> str | None:
    """Under 2048 bits."""
    bits = rsa_bits(key.public_jwk)
    return f"is an RSA key of {bits} bits" if bits is not None and bits < LEAST_RSA_BITS else None


@rule(
    Risk.LOW,
    asvs("11.2.3"),
    text("NIST SP 800-57 Part 1 §5.6.1"),
    reads=("public_jwk",),
    stake="About 112 bits of security: allowed until 2030 (NIST SP 800-131A), and no longer where 128 are asked for.",
    mend=f"SIGNING_KEY_BITS={STRONG_RSA_BITS}, then `identity-service keys rotate`",
)
def short_key(key: SeenKey) -> str | None:
    """Under 3072 bits."""
    bits = rsa_bits(key.public_jwk)
    return (
        f"is an RSA key of {bits} bits"
        if bits is not None and LEAST_RSA_BITS <= bits < STRONG_RSA_BITS
        else None
    )


@rule(
    Risk.MEDIUM,
    asvs("13.3.4"),
    reads=("activated_at", "values", "now"),
    stake="The schedule does not run, or its key is not in the schedule: a key that leaked signs on.",
    mend="identity-service keys rotate; if it happens again, `identity-service doctor` and the server's log say why",
)
def overdue_key(key: SeenKey) -> str | None:
    """Older than SIGNING_KEY_ROTATION_DAYS."""
    days = key.values["signing_key_rotation_days"]
    if not days or key.activated_at is None or key.now - key.activated_at <= timedelta(days=days) + LATE:
        return None
    return f"signs since {key.activated_at:%Y-%m-%d}, and was to be replaced after {days} days"


KEY_RULES: tuple[Rule[SeenKey], ...] = (weak_key, short_key, overdue_key)


@rule(
    Risk.MEDIUM,
    rfc9700("2.3"),
    asvs("10.4.11"),
    reads=("administer",),
    stake="Each of them is a way to everything here, and nobody watches that many.",
    mend="identity-service client list; then client update ID --scope '…' for those that need it no more",
)
def many_administer(tally: Tally) -> str | None:
    """Clients that may be granted a reserved scope."""
    count = tally.administer
    return f"{count} clients may be granted reserved scopes" if count > MOST_ADMINISTERING else None


WHOLE_RULES: tuple[Rule[Tally], ...] = (many_administer,)

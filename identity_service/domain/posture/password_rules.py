"""Rules about settings: which passwords people may choose, how often they may be guessed, how mails leave."""

from identity_service.domain.posture.clauses import asvs, oauth21, text
from identity_service.domain.posture.places import is_loopback, is_plain_http
from identity_service.domain.posture.rule import Risk, Rule, Values, rule

A_DAY = 86_400
MOST_GUESSES_A_DAY = 10_000
SINGLE_FACTOR_LENGTH = 15
LEAST_STRENGTH = 2


@rule(
    Risk.MEDIUM,
    asvs("6.3.1"),
    oauth21("2.4.1"),
    text("NIST SP 800-63B §3.2.2"),
    reads=("guess_limit", "guess_window_seconds", "guess_account_limit", "guess_account_window_seconds"),
    stake="Within a month somebody has tried the 300,000 commonest passwords at an account.",
    mend="GUESS_LIMIT=10, GUESS_WINDOW_SECONDS=900, GUESS_ACCOUNT_LIMIT=50, GUESS_ACCOUNT_WINDOW_SECONDS=3600",
)
def patience_with_guessers(values: Values) -> str | None:
    """By one source, and by all strangers together."""
    for kind in ("guess", "guess_account"):
        tries = values[f"{kind}_limit"] * A_DAY / values[f"{kind}_window_seconds"]
        if tries > MOST_GUESSES_A_DAY:
            name = kind.upper()
            return f"{name}_LIMIT and {name}_WINDOW_SECONDS let through {tries:,.0f} guesses a day"
    return None


@rule(
    Risk.INFO,
    asvs("6.2.1"),
    text("NIST SP 800-63B §3.1.1.2"),
    reads=("password_min_length",),
    stake="Where a password is all that is asked for, 15 characters are what both texts recommend.",
    mend=f"PASSWORD_MIN_LENGTH={SINGLE_FACTOR_LENGTH}",
)
def short_passwords(values: Values) -> str | None:
    """8 are the least that is allowed; there is no second factor."""
    least = values["password_min_length"]
    return f"PASSWORD_MIN_LENGTH is {least}" if least < SINGLE_FACTOR_LENGTH else None


@rule(
    Risk.LOW,
    asvs("6.2.4"),
    reads=("password_least_strength",),
    stake="People choose what a program finds within minutes from a copy of the hashes.",
    mend="PASSWORD_LEAST_STRENGTH=3",
)
def weak_passwords(values: Values) -> str | None:
    """By zxcvbn's score."""
    least = values["password_least_strength"]
    return f"PASSWORD_LEAST_STRENGTH is {least}" if least < LEAST_STRENGTH else None


@rule(
    Risk.LOW,
    asvs("6.2.12"),
    text("NIST SP 800-63B §3.1.1.2"),
    reads=("password_breaches", "password_breach_url"),
    stake="A password that was stolen elsewhere is tried here first, with the name that it was stolen with.",
    mend="PASSWORD_BREACHES=…, a file or a folder of digests, or PASSWORD_BREACH_URL=https://…",
)
def breaches_not_known(values: Values) -> str | None:
    """The 30,000 commonest are refused in any case."""
    known = values["password_breaches"] or values["password_breach_url"]
    return None if known else "neither PASSWORD_BREACHES nor PASSWORD_BREACH_URL is set"


@rule(
    Risk.LOW,
    asvs("12.3.1"),
    reads=("password_breach_url",),
    stake="Whoever is on the way says that every password is fine.",
    mend="PASSWORD_BREACH_URL=https://…",
)
def breaches_asked_for_in_the_clear(values: Values) -> str | None:
    """Five digits of a digest leave, and an answer comes that is believed."""
    return "PASSWORD_BREACH_URL is http" if is_plain_http(values["password_breach_url"]) else None


@rule(
    Risk.INFO,
    asvs("6.2.11"),
    asvs("6.1.2"),
    reads=("password_blocklist_file",),
    stake="The name of your organization with a year behind it is what a guesser tries after the commonest ones.",
    mend="PASSWORD_BLOCKLIST_FILE=…, with the words of your organization",
)
def own_words_allowed(values: Values) -> str | None:
    """Words that only you know to be common."""
    return None if values["password_blocklist_file"] else "PASSWORD_BLOCKLIST_FILE is not set"


@rule(
    Risk.INFO,
    asvs("13.3.4"),
    reads=("password_pepper_former",),
    stake="A pepper that was changed because somebody knew it still opens what was hashed under it.",
    mend="PASSWORD_PEPPER_FORMER: take it away when `identity-service doctor` says that no password is left under it",
)
def former_pepper(values: Values) -> str | None:
    """While people go on signing in."""
    return "PASSWORD_PEPPER_FORMER is set" if values["password_pepper_former"] else None


@rule(
    Risk.MEDIUM,
    asvs("12.3.1"),
    reads=("smtp_tls", "smtp_host"),
    stake="Mails about accounts, and the password of the mail server, cross the network in the clear.",
    mend="SMTP_TLS=starttls, or tls",
)
def mail_in_the_clear(values: Values) -> str | None:
    """To another machine."""
    plain = values["smtp_tls"] == "off" and not is_loopback(values["smtp_host"])
    return f"SMTP_TLS is off, to {values['smtp_host']}" if plain else None


@rule(
    Risk.LOW,
    asvs("6.3.7"),
    reads=("smtp_host", "environment"),
    stake="Nobody learns that a password or an address was changed, unless it was their own doing.",
    mend="SMTP_HOST=…, with SMTP_USERNAME and SMTP_PASSWORD",
)
def nobody_is_written_to(values: Values) -> str | None:
    """Mails are kept in a folder."""
    silent = values["environment"] == "production" and not values["smtp_host"]
    return "SMTP_HOST is not set" if silent else None


RULES: tuple[Rule[Values], ...] = (
    patience_with_guessers,
    short_passwords,
    weak_passwords,
    breaches_not_known,
    breaches_asked_for_in_the_clear,
    own_words_allowed,
    former_pepper,
    mail_in_the_clear,
    nobody_is_written_to,
)

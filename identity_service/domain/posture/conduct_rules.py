"""Rules about settings: sessions, registration, throttles, what is recorded."""

from identity_service.domain.posture.clauses import asvs, fapi2, oauth21, rfc9700, text
from identity_service.domain.posture.rule import Risk, Rule, Values, rule

A_DAY = 86_400
LONGEST_SESSION = 30 * A_DAY
LONGEST_IDLE = A_DAY
LEAST_RETENTION_DAYS = 90
PATIENT_TRIES = 100


@rule(
    Risk.HIGH,
    oauth21("2.4.1"),
    asvs("6.3.1"),
    text("RFC 6749 §2.3.1"),
    reads=("rate_limits",),
    stake="Passwords and weak client secrets can be guessed as fast as the server hashes.",
    mend="RATE_LIMITS=on",
)
def no_throttles(values: Values) -> str | None:
    """Every throttle and lock-out."""
    return "RATE_LIMITS is off" if values["rate_limits"] == "off" else None


@rule(
    Risk.LOW,
    asvs("7.3.2"),
    text("NIST SP 800-63B §2.1.3"),
    reads=("session_lifetime_seconds",),
    stake="Who got hold of a browser's cookie, or of the browser, is signed in as that person for that long.",
    mend="SESSION_LIFETIME_SECONDS=43200",
)
def long_sessions(values: Values) -> str | None:
    """30 days are the most that the weakest assurance level is recommended."""
    life = values["session_lifetime_seconds"]
    return f"SESSION_LIFETIME_SECONDS is {life}" if life > LONGEST_SESSION else None


@rule(
    Risk.LOW,
    asvs("7.3.1"),
    reads=("session_idle_seconds",),
    stake="A browser that somebody walked away from signs in whoever sits down at it next.",
    mend="SESSION_IDLE_SECONDS=3600",
)
def long_idle_sessions(values: Values) -> str | None:
    """How long nobody need be there."""
    idle = values["session_idle_seconds"]
    return f"SESSION_IDLE_SECONDS is {idle}" if idle > LONGEST_IDLE else None


@rule(
    Risk.LOW,
    asvs("3.3.4"),
    text("OIDC Session Management §4"),
    reads=("session_management",),
    stake="Scripts on this server's pages can read a cookie that tells of the session, and others may frame one page.",
    mend="SESSION_MANAGEMENT=false; back-channel logout tells clients instead",
)
def sessions_that_scripts_can_watch(values: Values) -> str | None:
    """Of use only where browsers keep such cookies."""
    return "SESSION_MANAGEMENT is on" if values["session_management"] else None


@rule(
    Risk.LOW,
    text("RFC 9101 §10.4.1"),
    asvs("13.2.4"),
    reads=("request_uri_parameter",),
    stake="A request to sign in makes this server ask another one, whose slowness then holds up that person.",
    mend="REQUEST_URI_PARAMETER=false; clients send their request objects by value",
)
def requests_by_reference(values: Values) -> str | None:
    """Only from registered addresses, and still a request of the server's own."""
    return "REQUEST_URI_PARAMETER is on" if values["request_uri_parameter"] else None


@rule(
    Risk.MEDIUM,
    asvs("10.4.7"),
    text("RFC 7591 §5"),
    reads=("client_registration",),
    stake="Anybody makes a client with a name that people trust; all that holds them off is the warning on the page.",
    mend="CLIENT_REGISTRATION=token, with `identity-service client initial-access-token create`",
)
def anybody_registers(values: Values) -> str | None:
    """Without a token."""
    return "CLIENT_REGISTRATION is open" if values["client_registration"] == "open" else None


@rule(
    Risk.LOW,
    asvs("10.4.7"),
    reads=("client_registration", "client_registration_per_hour"),
    stake="One address makes so many clients that nobody can look at them, and soon nobody else can register.",
    mend="CLIENT_REGISTRATION_PER_HOUR=20",
)
def many_registrations(values: Values) -> str | None:
    """From one address, without a token."""
    often = values["client_registration_per_hour"]
    return (
        f"CLIENT_REGISTRATION_PER_HOUR is {often}"
        if values["client_registration"] == "open" and often > PATIENT_TRIES
        else None
    )


@rule(
    Risk.INFO,
    asvs("10.4.11"),
    rfc9700("2.3"),
    reads=("client_registration", "client_registration_scopes"),
    stake="A client that nobody looked at may ask people for these parts of your APIs.",
    mend="CLIENT_REGISTRATION_SCOPES: leave out what strangers need not have",
)
def scopes_for_strangers(values: Values) -> str | None:
    """People are asked, and people agree."""
    scopes = values["client_registration_scopes"]
    if values["client_registration"] == "off" or not scopes:
        return None
    return f"CLIENT_REGISTRATION_SCOPES has {', '.join(scopes)}"


@rule(
    Risk.MEDIUM,
    rfc9700("2.1.1"),
    oauth21("7.5.1"),
    fapi2("5.3.2.2", 5),
    asvs("10.4.6"),
    reads=("client_registration", "client_registration_without_pkce"),
    stake="A code that is stolen on its way can be injected into somebody else's sign-in at such a client.",
    mend="CLIENT_REGISTRATION_WITHOUT_PKCE=false",
)
def registration_without_pkce(values: Values) -> str | None:
    """For programs that know none."""
    lax = values["client_registration"] != "off" and values["client_registration_without_pkce"]
    return "CLIENT_REGISTRATION_WITHOUT_PKCE is on" if lax else None


@rule(
    Risk.MEDIUM,
    text("RFC 7662 §4"),
    text("RFC 7009 §3"),
    asvs("10.4.9"),
    reads=("stale_while_database_away_seconds",),
    stake="While the database is away, tokens that were revoked just before still pass for that long.",
    mend="STALE_WHILE_DATABASE_AWAY_SECONDS=0",
)
def stale_answers(values: Values) -> str | None:
    """Availability in exchange for the promise about ended tokens."""
    stale = values["stale_while_database_away_seconds"]
    return f"STALE_WHILE_DATABASE_AWAY_SECONDS is {stale}" if stale else None


@rule(
    Risk.LOW,
    asvs("16.2.5"),
    asvs("13.4.2"),
    reads=("log_level",),
    stake="Logs of that level are kept, copied and read by more people than the data in them is meant for.",
    mend="LOG_LEVEL=info",
)
def talkative_log(values: Values) -> str | None:
    """For a fault that is looked into, not for ever."""
    return "LOG_LEVEL is debug" if values["log_level"] == "debug" else None


@rule(
    Risk.INFO,
    asvs("16.3.1"),
    reads=("audit_token_issue",),
    stake="Which access token was given to whom and when cannot be told afterwards; sign-ins and refreshes can.",
    mend="AUDIT_TOKEN_ISSUE=on (an event is written for each token)",
)
def tokens_leave_no_trace(values: Values) -> str | None:
    """They are counted, not recorded."""
    return "AUDIT_TOKEN_ISSUE is off" if values["audit_token_issue"] == "off" else None


@rule(
    Risk.LOW,
    asvs("16.1.1"),
    reads=("event_retention_days",),
    stake="What an intruder did is found after months on average; by then nothing is left to look at.",
    mend="EVENT_RETENTION_DAYS=400",
)
def short_memory(values: Values) -> str | None:
    """Events are what an inquiry reads."""
    days = values["event_retention_days"]
    return f"EVENT_RETENTION_DAYS is {days}" if days < LEAST_RETENTION_DAYS else None


@rule(
    Risk.LOW,
    asvs("16.4.2"),
    asvs("16.4.3"),
    reads=("audit_checkpoint_file", "audit_checkpoint_directory", "audit_checkpoint_syslog"),
    stake="Whoever may write to the database rewrites what happened, from the first event on, and nothing proves it.",
    mend="AUDIT_CHECKPOINT_FILE, _DIRECTORY or _SYSLOG: a place where the owner of the database may not write",
)
def events_proven_by_nobody_else(values: Values) -> str | None:
    """Checkpoints that do not leave the database."""
    places = ("audit_checkpoint_file", "audit_checkpoint_directory", "audit_checkpoint_syslog")
    return (
        None
        if any(values[place] for place in places)
        else "checkpoints of the event log are kept nowhere else"
    )


@rule(
    Risk.LOW,
    asvs("16.4.2"),
    reads=("audit_checkpoint_seconds",),
    stake="Events since the last checkpoint can be taken away unseen.",
    mend="AUDIT_CHECKPOINT_SECONDS=300",
)
def rare_checkpoints(values: Values) -> str | None:
    """More than a day apart cannot be set; never can."""
    return "AUDIT_CHECKPOINT_SECONDS is 0" if values["audit_checkpoint_seconds"] == 0 else None


RULES: tuple[Rule[Values], ...] = (
    no_throttles,
    long_sessions,
    long_idle_sessions,
    sessions_that_scripts_can_watch,
    requests_by_reference,
    anybody_registers,
    many_registrations,
    scopes_for_strangers,
    registration_without_pkce,
    stale_answers,
    talkative_log,
    tokens_leave_no_trace,
    short_memory,
    events_proven_by_nobody_else,
    rare_checkpoints,
)

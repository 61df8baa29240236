"""Rules about settings: how the server presents itself, and what it lets in and out."""

from identity_service.domain.posture.clauses import asvs, fapi2, oauth21, rfc9700, text
from identity_service.domain.posture.places import addresses_in, host_of, is_loopback, is_plain_http
from identity_service.domain.posture.rule import Risk, Rule, Values, rule

A_YEAR = 31_536_000
MOST_PROXIES = 65_536
"""A /16: nobody has more balancers."""


@rule(
    Risk.MEDIUM,
    asvs("13.4.2"),
    reads=("environment",),
    stake="Settings that are unsafe do not stop the start: one wrong line in a deployment goes unnoticed.",
    mend="ENVIRONMENT=production",
)
def development_mode(values: Values) -> str | None:
    """Production is what refuses unsafe settings."""
    return "ENVIRONMENT is development" if values["environment"] != "production" else None


@rule(
    Risk.HIGH,
    rfc9700("2.6"),
    oauth21("1.5"),
    fapi2("5.2.1"),
    asvs("12.2.1"),
    reads=("issuer",),
    stake="Passwords, codes, tokens and cookies cross the network in the clear, and whoever reads them is that person.",
    mend="ISSUER=https://…, with TLS in front or `identity-service serve --tls-cert --tls-key`",
)
def issuer_without_tls(values: Values) -> str | None:
    """The issuer is the URL that clients use."""
    return f"ISSUER is {values['issuer']}" if is_plain_http(values["issuer"]) else None


@rule(
    Risk.LOW,
    oauth21("1.5"),
    asvs("12.2.1"),
    reads=("issuer",),
    stake="Only programs of this machine can reach it, and cookies of people who sign in have no Secure.",
    mend="ISSUER=https://… for anything but development",
)
def issuer_on_loopback(values: Values) -> str | None:
    """Fine for development, and for nothing else."""
    issuer = values["issuer"]
    return f"ISSUER is {issuer}" if issuer.startswith("http://") and is_loopback(host_of(issuer)) else None


@rule(
    Risk.MEDIUM,
    asvs("3.4.2"),
    reads=("allowed_origins",),
    stake="Whoever can change that page on its way calls this server's endpoints from it.",
    mend="ALLOWED_ORIGINS: name https origins only",
)
def origin_without_tls(values: Values) -> str | None:
    """A page that came in the clear may be anybody's."""
    plain = [origin for origin in values["allowed_origins"] if is_plain_http(origin)]
    return f"ALLOWED_ORIGINS has {', '.join(plain)}" if plain else None


@rule(
    Risk.LOW,
    asvs("3.4.1"),
    text("RFC 6797 §6.1"),
    reads=("strict_transport_security_seconds", "issuer"),
    stake="Somebody on the network of a person who types the name without https sees to it that it stays without.",
    mend=f"STRICT_TRANSPORT_SECURITY_SECONDS={A_YEAR}, once https works for that host and those below it",
)
def https_not_insisted_on(values: Values) -> str | None:
    """Where there is https at all."""
    seconds = values["strict_transport_security_seconds"]
    short = values["issuer"].startswith("https:") and seconds < A_YEAR
    return f"STRICT_TRANSPORT_SECURITY_SECONDS is {seconds}" if short else None


@rule(
    Risk.LOW,
    asvs("4.1.3"),
    text("RFC 9110 §7.4"),
    reads=("allowed_hosts",),
    stake="A page of another site that makes its own name lead here (DNS rebinding) reads what this server answers.",
    mend="ALLOWED_HOSTS: name the hosts that it is asked under besides the issuer's",
)
def any_host(values: Values) -> str | None:
    """No link is built from it, in any case."""
    return "ALLOWED_HOSTS is *" if "*" in values["allowed_hosts"] else None


@rule(
    Risk.MEDIUM,
    rfc9700("4.13"),
    asvs("4.1.3"),
    reads=("trusted_proxies",),
    stake="Every host in there may pretend to be any caller: limits, lock-out and records then count somebody else.",
    mend="TRUSTED_PROXIES: name the addresses of your proxies, or their own small networks",
)
def wide_trusted_proxies(values: Values) -> str | None:
    """Who is believed about the caller's address."""
    wide = [each for each in values["trusted_proxies"] if addresses_in(each) > MOST_PROXIES]
    return f"TRUSTED_PROXIES has {', '.join(wide)}" if wide else None


@rule(
    Risk.LOW,
    asvs("13.4.5"),
    reads=("docs", "environment"),
    stake="Strangers read which endpoints there are, those for administrators included.",
    mend="DOCS=false",
)
def documentation_in_production(values: Values) -> str | None:
    """Useful while somebody builds against it."""
    return "DOCS is on in production" if values["docs"] and values["environment"] == "production" else None


@rule(
    Risk.MEDIUM,
    asvs("13.4.5"),
    reads=("metrics", "metrics_listen"),
    stake="Whoever reaches that address reads how many sign-ins fail, which endpoints are called and how busy it is.",
    mend="METRICS_LISTEN=127.0.0.1:9464, or METRICS=guarded with METRICS_TOKEN",
)
def metrics_for_anybody(values: Values) -> str | None:
    """The listener asks nobody who they are."""
    host = host_of(f"//{values['metrics_listen']}")
    if values["metrics"] != "listener" or is_loopback(host):
        return None
    return f"METRICS=listener at {values['metrics_listen']}"


@rule(
    Risk.MEDIUM,
    asvs("13.2.4"),
    text("RFC 9101 §10.4.1"),
    reads=("fetch_exceptions",),
    stake="A client that names such a server in its registration makes this one speak to it, inside your network.",
    mend="FETCH_EXCEPTIONS: leave it empty; give those servers https and a public address, or FETCH_CA_FILE",
)
def fetches_inside_the_network(values: Values) -> str | None:
    """Requests to clients' servers are by https, at public addresses, for everybody else."""
    named = values["fetch_exceptions"]
    return f"FETCH_EXCEPTIONS has {', '.join(named)}" if named else None


RULES: tuple[Rule[Values], ...] = (
    development_mode,
    issuer_without_tls,
    issuer_on_loopback,
    origin_without_tls,
    https_not_insisted_on,
    any_host,
    wide_trusted_proxies,
    documentation_in_production,
    metrics_for_anybody,
    fetches_inside_the_network,
)

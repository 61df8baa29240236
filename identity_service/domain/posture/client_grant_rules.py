"""Rules about a client: which grants it may use, and where people are sent back to."""

from identity_service.domain.posture.clauses import asvs, fapi2, oauth21, rfc9700, text
from identity_service.domain.posture.places import host_of, is_loopback, is_plain_http
from identity_service.domain.posture.rule import Risk, Rule, rule
from identity_service.domain.posture.seen import SeenClient
from identity_service.domain.value_objects.redirect_uri import has_private_use_scheme

PATCH = "PATCH /clients/CLIENT_ID"
URI = "identity-service client update CLIENT_ID --redirect-uri"


@rule(
    Risk.HIGH,
    rfc9700("2.4"),
    oauth21("10"),
    fapi2("5.3.2.1", 2),
    asvs("10.4.4"),
    reads=("grant_types",),
    stake="The program sees the passwords of people, who learn to type them anywhere; no second factor fits in there.",
    mend=f'{PATCH} {{"grant_types": ["authorization_code", "refresh_token"]}}',
)
def password_grant(seen: SeenClient) -> str | None:
    """Resource owner password credentials."""
    return "may use the grant password" if "password" in seen.client.grant_types else None


@rule(
    Risk.HIGH,
    rfc9700("2.1.2"),
    oauth21("10.1"),
    fapi2("5.3.2.2", 1),
    asvs("10.6.1"),
    reads=("response_types",),
    stake="Tokens travel in URLs, where history, logs and other scripts find them.",
    mend=f'{PATCH} {{"response_types": ["code"]}}',
)
def tokens_from_the_authorization_endpoint(seen: SeenClient) -> str | None:
    """Nothing but `code` can be registered; a row that came another way is told of."""
    others = [each for each in seen.client.response_types if each != "code"]
    return f"has the response types {', '.join(others)}" if others else None


@rule(
    Risk.MEDIUM,
    rfc9700("2.1.1"),
    oauth21("7.5.1"),
    fapi2("5.3.2.2", 5),
    asvs("10.4.6"),
    reads=("require_pkce", "grant_types"),
    stake="A code that is stolen on its way can be injected into somebody else's sign-in there.",
    mend="identity-service client update CLIENT_ID --require-pkce",
)
def code_without_pkce(seen: SeenClient) -> str | None:
    """A code may be asked for without a challenge."""
    return "needs no PKCE" if seen.codes and not seen.client.require_pkce else None


@rule(
    Risk.LOW,
    rfc9700("4.15"),
    asvs("10.4.4"),
    reads=("grant_types",),
    stake="One program acts for people and for itself: what was given for the one serves the other.",
    mend="register a second client for what the program does in its own name",
)
def acts_for_itself_and_for_people(seen: SeenClient) -> str | None:
    """`sub` is then sometimes a person and sometimes the client."""
    both = {"authorization_code", "client_credentials"} <= seen.client.grant_types
    return "may use authorization_code and client_credentials" if both else None


@rule(
    Risk.INFO,
    asvs("10.4.4"),
    reads=("grant_types",),
    stake="A grant that nothing here gives a token for is one more thing to take into account.",
    mend=f"{PATCH}: leave refresh_token out of grant_types",
)
def grant_without_use(seen: SeenClient) -> str | None:
    """A client of `client_credentials` alone never gets a refresh token."""
    idle = seen.refreshes and not seen.client.grant_types & {"authorization_code", "password"}
    return "may refresh, but no grant of it gives a refresh token" if idle else None


@rule(
    Risk.HIGH,
    rfc9700("2.6"),
    oauth21("1.5"),
    fapi2("5.3.2.2", 8),
    asvs("12.2.1"),
    reads=("redirect_uris", "post_logout_redirect_uris"),
    stake="Codes cross the network in the clear on their way back.",
    mend=f"{URI} https://…",
)
def redirect_in_the_clear(seen: SeenClient) -> str | None:
    """http to another host cannot be registered; a row that came another way is told of."""
    plain = [each for each in _uris(seen) if is_plain_http(each)]
    return f"comes back to {', '.join(plain)}" if plain else None


@rule(
    Risk.LOW,
    oauth21("8.4.2"),
    text("RFC 8252 §8.3"),
    reads=("redirect_uris", "post_logout_redirect_uris"),
    stake="The name may lead elsewhere than to this device, and the app may listen on every network by mistake.",
    mend=f"{URI} http://127.0.0.1/… --redirect-uri http://[::1]/… (any port then matches)",
)
def redirect_to_localhost(seen: SeenClient) -> str | None:
    """The name instead of the address."""
    named = [each for each in _uris(seen) if each.startswith("http:") and host_of(each) == "localhost"]
    return f"comes back to {', '.join(named)}" if named else None


@rule(
    Risk.LOW,
    fapi2("5.3.2.2", 8),
    oauth21("8.4.2"),
    reads=("redirect_uris", "application_type"),
    stake="On a machine that several people use, whoever listens at that port gets the code.",
    mend=f"{URI} https://…, or --application-type native if it is an app",
)
def web_client_on_loopback(seen: SeenClient) -> str | None:
    """Left over from development, most often."""
    local = [
        each for each in seen.client.redirect_uris if each.startswith("http:") and is_loopback(host_of(each))
    ]
    return f"is a web client that comes back to {', '.join(local)}" if local and _is_web(seen) else None


@rule(
    Risk.LOW,
    oauth21("8.4.3"),
    text("RFC 8252 §7.1"),
    fapi2("5.3.2.2", 8),
    reads=("redirect_uris",),
    stake="Any app on the device may claim the scheme and be sent the code; PKCE alone makes it worthless to it.",
    mend=f"{URI} https://… (a link that the operating system hands to the app alone)",
)
def private_use_scheme(seen: SeenClient) -> str | None:
    """Such as com.example.app:/callback."""
    own = [each for each in seen.client.redirect_uris if has_private_use_scheme(each)]
    return f"comes back to {', '.join(own)}" if own else None


@rule(
    Risk.INFO,
    rfc9700("4.1.3"),
    asvs("10.4.1"),
    reads=("redirect_uris",),
    stake="Somebody meant a pattern; it is compared letter by letter and matches nothing, so somebody will widen it.",
    mend=f"{URI}: each address in full",
)
def star_in_a_redirect(seen: SeenClient) -> str | None:
    """There are no patterns here."""
    starred = [each for each in seen.client.redirect_uris if "*" in each]
    return f"comes back to {', '.join(starred)}" if starred else None


def _uris(seen: SeenClient) -> tuple[str, ...]:
    return (*seen.client.redirect_uris, *seen.client.post_logout_redirect_uris)


def _is_web(seen: SeenClient) -> bool:
    return seen.client.application_type == "web"


RULES: tuple[Rule[SeenClient], ...] = (
    password_grant,
    tokens_from_the_authorization_endpoint,
    code_without_pkce,
    acts_for_itself_and_for_people,
    grant_without_use,
    redirect_in_the_clear,
    redirect_to_localhost,
    web_client_on_loopback,
    private_use_scheme,
    star_in_a_redirect,
)

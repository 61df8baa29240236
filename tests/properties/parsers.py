"""Everything that reads what comes from outside, in one table: what is fed to it, and how it may refuse."""

import json
from base64 import b64encode
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

from starlette.datastructures import Headers
from starlette.requests import Request

from identity_service.adapters.crypto.aes_gcm_sealer import HmacDigest, parse_master_key
from identity_service.adapters.http_client.outcomes import Failed
from identity_service.adapters.http_client.target import target_of
from identity_service.adapters.jwt.client_key_set import JwkKeySets
from identity_service.adapters.jwt.encoding import from_base64url, json_object
from identity_service.adapters.jwt.jwk import (
    from_pkcs8,
    generate_private_key,
    load_private_key,
    load_public_key,
    public_jwk,
    signing_key,
    to_pem,
    to_pkcs8,
    to_public_pem,
)
from identity_service.adapters.jwt.jws import JwsSigner, JwsVerifier, VerificationKeys
from identity_service.adapters.names.precis import PrecisNames
from identity_service.api.errors import Problem
from identity_service.api.listing import each_once, in_utf8
from identity_service.api.preconditions import seen_versions
from identity_service.application.authentication.devices import _entries as entries_of
from identity_service.application.cursors import Cursors
from identity_service.domain.audit.statement import NotAStatement, parse_statement
from identity_service.domain.entities.origin import Origin
from identity_service.domain.oauth.access_token import MalformedClaims, from_claims
from identity_service.domain.oauth.authorize_request import Asked, checked
from identity_service.domain.oauth.authorize_target import redirect_uri_of
from identity_service.domain.oauth.claims_request import parse_claims_request
from identity_service.domain.oauth.client_assertion import claimed_client
from identity_service.domain.oauth.client_assertion import judge as judge_assertion
from identity_service.domain.oauth.client_auth import parse_client_credentials
from identity_service.domain.oauth.client_credentials import acceptable_client_id, acceptable_secret
from identity_service.domain.oauth.client_metadata import Offer, accepted
from identity_service.domain.oauth.client_registration import asked_for, registered
from identity_service.domain.oauth.errors import OAuthError
from identity_service.domain.oauth.parameters import Parameters, form_decode, parse_form, parse_query
from identity_service.domain.oauth.pkce import parse_challenge, verify
from identity_service.domain.oauth.request_object import judge as judge_request
from identity_service.domain.oauth.sector_identifier import listed_in
from identity_service.domain.oauth.software_statement import refuse_statement
from identity_service.domain.refusals import Unacceptable
from identity_service.domain.services.lockout import source_of
from identity_service.domain.services.pictures import NoPicture, media_type_of
from identity_service.domain.services.profile_rules import acceptable
from identity_service.domain.value_objects.ids import is_uuid
from identity_service.domain.value_objects.invalid_name import InvalidName
from identity_service.domain.value_objects.public_address import is_public
from identity_service.domain.value_objects.redirect_uri import RedirectUri, matches
from identity_service.domain.value_objects.scope import Scope
from identity_service.domain.value_objects.secret import OpaqueKind, Secret, is_opaque_token, opaque_token
from identity_service.http.bearer import bearer_token
from identity_service.http.caller_address import CallerAddresses
from identity_service.http.hosts import Hosts
from identity_service.http.raw_form import media_type_of as content_type_of
from identity_service.http.raw_json import parsed_json
from identity_service.http.request_id import choose
from identity_service.i18n.languages import accepted as languages_of
from identity_service.infrastructure.config import checks
from identity_service.ports.tokens.key_sets import UnusableKey
from identity_service.ports.tokens.signer import UnverifiableToken
from identity_service.web.cookies import browser
from identity_service.web.headers import form_target
from identity_service.web.pages import harmless
from identity_service.web.user_agent import in_words
from tests.entities import client as a_client

KEY = signing_key(generate_private_key("ES256"))
RING = VerificationKeys([KEY.verification_key()])
CLAIMS = {
    **{"iss": "https://id.example", "sub": "c", "aud": "https://id.example", "exp": 1_800_000_300, "iat": 1},
    **{"jti": "j", "client_id": "c", "scope": "read", "epochs": [1, 0, 1], "nbf": 1},
}
TOKEN = JwsSigner(KEY).sign(CLAIMS, typ="at+jwt")
JWKS = {"keys": [public_jwk(KEY.verification_key())]}
OPAQUE = opaque_token(OpaqueKind.REFRESH_TOKEN, bytes(32)).reveal()
CLIENT = a_client(
    redirect_uris=("https://app.example/callback",), grant_types=frozenset({"authorization_code"})
)
NOW = 1_800_000_000.0
HOSTS = Hosts("https://id.example", ())
CURSORS = Cursors(HmacDigest(bytes(32)))
QUESTION = {"sort": "created_at"}
OFFER = Offer(grants=("authorization_code", "refresh_token"), signing_algs=("RS256",))
CHALLENGE = "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM"
QUERY = (
    b"client_id=c&redirect_uri=https%3A%2F%2Fapp.example%2Fcallback&response_type=code&scope=openid"
    b"&code_challenge_method=S256&code_challenge=" + CHALLENGE.encode()
)


@dataclass(frozen=True, slots=True)
class Parser:
    """`read` takes text or bytes, whichever `seeds` are. `refuses` are its only exceptions. `modules`, below the
    package, are those whose reading it exercises."""

    name: str
    read: Callable[[Any], object]
    seeds: tuple[Any, ...]
    refuses: tuple[type[Exception], ...] = ()
    modules: tuple[str, ...] = ()


def _utf8(text: str) -> bytes:
    return text.encode("utf-8", "surrogatepass")


def _json(value: object) -> str:
    return json.dumps(value)


def _of_json(read: Callable[[Any], object]) -> Callable[[str], object]:
    """What reads documents, of text that is one."""

    def of_text(text: str) -> object:
        try:
            document = parsed_json(_utf8(text))
        except ValueError:
            return None
        return read(document)

    return of_text


def _of_object(read: Callable[[Any], object]) -> Callable[[str], object]:
    return _of_json(lambda document: read(document) if isinstance(document, dict) else None)


def _request(*headers: tuple[str, str], query: str = "") -> Request:
    raw = [(name.encode(), _utf8(value)) for name, value in headers]
    of = type("Site", (), {"over_https": True, "session_management": False})()
    app = type("App", (), {"state": type("State", (), {"site": of})()})()
    scope = {"type": "http", "headers": raw, "client": ("192.0.2.7", 1), "app": app}
    return Request(scope | {"query_string": _utf8(query)})


def _basic(text: str) -> object:
    return parse_client_credentials([b"Basic " + b64encode(_utf8(text))], Parameters({}))


def _authorization_request(body: bytes) -> object:
    query = parse_query(body)
    redirect_uri, sent = redirect_uri_of(query, CLIENT)
    asked = Asked(query=query, client=CLIENT, hinted=lambda token: "sub")
    return checked(asked, redirect_uri=redirect_uri, redirect_uri_sent=sent)


def _forwarded(header: Any) -> Callable[[str], object]:
    trusted = [checks.network("192.0.2.0/24")]
    addresses = CallerAddresses(trusted=trusted, header=header, note=lambda *_: None)
    return lambda text: addresses._settled(("192.0.2.7", 1), text)


def _registration(document: dict[str, Any]) -> object:
    return registered(asked_for(document), scopes=Scope.parse("openid profile"))


def _metadata(document: dict[str, Any]) -> object:
    return accepted(registered(asked_for(document), scopes=Scope.parse("openid")), offer=OFFER)


METADATA = {
    **{
        "redirect_uris": ["https://app.example/cb"],
        "client_name": "App",
        "logo_uri": "https://app.example/l.png",
    },
    **{"jwks": JWKS, "scope": "openid", "default_max_age": 60, "contacts": ["a@b.example"]},
}

PARSERS: tuple[Parser, ...] = (
    Parser(
        "a form",
        parse_form,
        (b"grant_type=password&scope=a+b&resource=x",),
        (OAuthError,),
        ("domain/oauth/parameters.py",),
    ),
    Parser("a component of a form", form_decode, (b"a%20b+c",), (ValueError,)),
    Parser(
        "an authorization request",
        _authorization_request,
        (QUERY,),
        (OAuthError,),
        ("domain/oauth/authorize_request.py",),
    ),
    Parser("Basic credentials", _basic, ("client:secret",), (OAuthError,), ("domain/oauth/client_auth.py",)),
    Parser(
        "an Authorization header",
        lambda raw: parse_client_credentials([raw], Parameters({})),
        (b"Basic Yzpz",),
        (OAuthError,),
    ),
    Parser(
        "a bearer token",
        lambda text: bearer_token(Headers(raw=[(b"authorization", _utf8(text))])),
        ("Bearer abc.def",),
        (OAuthError, Problem),
        ("http/bearer.py",),
    ),
    Parser(
        "a signed token",
        lambda text: JwsVerifier(RING).verify(text, typ="at+jwt"),
        (TOKEN,),
        (UnverifiableToken,),
        ("adapters/jwt/jws.py", "adapters/jwt/algorithms.py"),
    ),
    Parser("base64url", from_base64url, (b"YWJj",), (ValueError,)),
    Parser(
        "a JSON object in a token",
        json_object,
        (_json(CLAIMS).encode(),),
        (ValueError,),
        ("adapters/jwt/encoding.py",),
    ),
    Parser("claims of an access token", _of_object(from_claims), (_json(CLAIMS),), (MalformedClaims,)),
    Parser(
        "whose assertion it is",
        claimed_client,
        (TOKEN,),
        (OAuthError,),
        ("domain/oauth/client_assertion.py",),
    ),
    Parser(
        "claims of an assertion",
        _of_object(
            partial(judge_assertion, typ="jwt", client_id="c", audiences={"https://id.example"}, now=NOW)
        ),
        (_json(CLAIMS),),
        (OAuthError,),
    ),
    Parser(
        "claims of a request object",
        _of_object(partial(judge_request, typ="jwt", client_id="c", issuer="https://id.example", now=NOW)),
        (_json(CLAIMS | {"state": "s"}),),
        (OAuthError,),
        ("domain/oauth/request_object.py",),
    ),
    Parser("a JSON body", parsed_json, (_json(METADATA).encode(),), (ValueError,), ("http/raw_json.py",)),
    Parser(
        "a claims request",
        parse_claims_request,
        (_json({"id_token": {"acr": {"essential": True, "values": ["a"]}, "sub": {"value": "x"}}}),),
        (OAuthError,),
        ("domain/oauth/claims_request.py",),
    ),
    Parser(
        "a JWK set that is registered",
        _of_object(JwkKeySets().check),
        (_json(JWKS),),
        (UnusableKey,),
        ("adapters/jwt/jwk.py", "adapters/jwt/client_key_set.py", "adapters/jwt/small_order.py"),
    ),
    Parser("a JWK set that is published", JwkKeySets().parse, (_json(JWKS).encode(),), (ValueError,)),
    Parser(
        "a registration",
        _of_object(_registration),
        (_json(METADATA),),
        (Unacceptable, OAuthError),
        ("domain/oauth/client_registration.py",),
    ),
    Parser(
        "metadata of a client",
        _of_object(_metadata),
        (_json(METADATA),),
        (Unacceptable, OAuthError),
        ("domain/oauth/client_values.py",),
    ),
    Parser(
        "a software statement",
        refuse_statement,
        (TOKEN,),
        (OAuthError,),
        ("domain/oauth/software_statement.py",),
    ),
    Parser(
        "a sector identifier",
        listed_in,
        (b'["https://app.example/cb"]',),
        (ValueError,),
        ("domain/oauth/sector_identifier.py",),
    ),
    Parser(
        "a redirect URI to register",
        RedirectUri.parse,
        ("https://app.example:8443/a/b?c=d", "http://[::1]:80/", "com.example.app:/cb"),
        (OAuthError, ValueError),
        ("domain/value_objects/redirect_uri.py",),
    ),
    Parser(
        "a redirect URI to compare",
        lambda text: matches("http://127.0.0.1:1/cb", text),
        ("http://127.0.0.1:80/cb",),
    ),
    Parser("a scope", Scope.parse, ("openid a:b",), (OAuthError,)),
    Parser(
        "a PKCE challenge",
        lambda text: parse_challenge(text, "S256", required=True),
        (CHALLENGE,),
        (OAuthError,),
        ("domain/oauth/pkce.py",),
    ),
    Parser(
        "a PKCE verifier",
        lambda text: verify(CHALLENGE, text),
        ("dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk",),
        (OAuthError,),
    ),
    Parser(
        "an opaque token",
        partial(is_opaque_token, OpaqueKind.REFRESH_TOKEN),
        (OPAQUE,),
        (),
        ("domain/value_objects/secret.py",),
    ),
    Parser(
        "an identifier",
        is_uuid,
        ("01a20125-6b4b-728c-bf13-0aac99541335",),
        (),
        ("domain/value_objects/ids.py",),
    ),
    Parser(
        "the id of a client",
        acceptable_client_id,
        ("my-client",),
        (Unacceptable,),
        ("domain/oauth/client_credentials.py",),
    ),
    Parser("the secret of a client", acceptable_secret, ("a secret of some length",), (Unacceptable,)),
    Parser("a username", PrecisNames().username, ("alice", "ålice"), (InvalidName,)),
    Parser(
        "an e-mail address",
        PrecisNames().email,
        ("alice@bücher.example",),
        (InvalidName,),
        ("adapters/names/precis.py",),
    ),
    Parser(
        "a date of birth",
        partial(acceptable, "birthdate"),
        ("1990-02-28", "0000-02-29"),
        (Unacceptable,),
        ("domain/services/profile_rules.py",),
    ),
    Parser("a time zone", partial(acceptable, "zoneinfo"), ("Europe/Berlin",), (Unacceptable,)),
    Parser(
        "a cursor",
        partial(CURSORS.read, QUESTION),
        (CURSORS.make(QUESTION, ("a", "b")),),
        (Unacceptable,),
        ("application/cursors.py",),
    ),
    Parser(
        "X-Forwarded-For",
        _forwarded("x-forwarded-for"),
        ("203.0.113.1, [2001:db8::1]:443",),
        (),
        ("http/caller_address.py",),
    ),
    Parser("Forwarded", _forwarded("forwarded"), ('for="[2001:db8::1]:1";by=x, for=203.0.113.1',)),
    Parser(
        "cookies",
        lambda text: browser(_request(("cookie", text))),
        ("__Host-identity-session=x; a=b",),
        (),
        ("web/cookies.py",),
    ),
    Parser("a user agent", in_words, ("Mozilla/5.0 (X11; Linux) Firefox/130",)),
    Parser(
        "a request id",
        lambda text: choose({"headers": [(b"x-request-id", _utf8(text))]}),
        ("abc-1",),
        (),
        ("http/request_id.py",),
    ),
    Parser("a content type", content_type_of, ('application/json; charset="utf-8"',)),
    Parser("wanted languages", languages_of, ("de-CH;q=0.8, fr, *;q=0",), (), ("i18n/languages.py",)),
    Parser(
        "seen versions",
        lambda text: seen_versions(_request(("if-match", text))),
        ('"1", W/"2"',),
        (Problem,),
        ("api/preconditions.py",),
    ),
    Parser(
        "the query of a listing",
        lambda text: (in_utf8(_request(query=text)), each_once(_request(query=text))),
        ("limit=5&cursor=%41",),
        (Problem,),
        ("api/listing.py",),
    ),
    Parser(
        "a URL to fetch",
        partial(target_of, exceptions=("localhost:80",)),
        ("https://user@app.example:8443/a?b#c",),
        (Failed,),
        ("adapters/http_client/target.py",),
    ),
    Parser(
        "an address",
        is_public,
        ("::ffff:192.0.2.1", "fe80::1%eth0"),
        (),
        ("domain/value_objects/public_address.py",),
    ),
    Parser(
        "a picture",
        media_type_of,
        (
            b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR\0\0\0\1\0\0\0\1\0\0\0\0IEND\xaeB`\x82",
            b"\xff\xd8\xff\xc0\0\x11\x08\0\1\0\1\xff\xd9",
            b"GIF89a\1\0\1\0\0\0\0;",
            b"RIFF\x1e\0\0\0WEBPVP8X" + bytes(22),
        ),
        (NoPicture,),
        ("domain/services/pictures.py",),
    ),
    Parser("a link on a page", harmless, ("https://app.example",), (), ("web/pages.py",)),
    Parser(
        "where a form leads", form_target, ("https://app.example:1/cb",), (ValueError,), ("web/headers.py",)
    ),
    Parser(
        "a private key",
        load_private_key,
        (to_pem(KEY.private_key), b64encode(to_pem(KEY.private_key).encode()).decode()),
        (ValueError,),
    ),
    Parser("a public key", load_public_key, (to_public_pem(KEY.private_key.public_key()),), (ValueError,)),
    Parser("a sealed key, opened", from_pkcs8, (to_pkcs8(KEY.private_key),), (ValueError,)),
    Parser(
        "MASTER_KEY",
        parse_master_key,
        (b64encode(bytes(32)).decode(), "00" * 32),
        (ValueError,),
        ("adapters/crypto/aes_gcm_sealer.py",),
    ),
    Parser(
        "ISSUER",
        checks.issuer,
        ("https://id.example/tenant",),
        (ValueError,),
        ("infrastructure/config/checks.py",),
    ),
    Parser("DATABASE_URL", checks.database_url, ("postgresql://u:p@h:5432/db?ssl=require",), (ValueError,)),
    Parser("REDIS_URL", checks.redis_url, ("rediss://:p@h:6379/0",), (ValueError,)),
    Parser("an address to listen on", checks.listen_address, ("127.0.0.1:9090", "[::1]:1"), (ValueError,)),
    Parser("FETCH_EXCEPTIONS", checks.host_and_port, ("localhost:8001",), (ValueError,)),
    Parser("ALLOWED_ORIGINS", checks.origin, ("https://app.example:1",), (ValueError,)),
    Parser("TRUSTED_PROXIES", checks.network, ("10.0.0.0/8",), (ValueError,)),
    Parser(
        "a Host header",
        lambda raw: HOSTS.takes(raw, "/oauth2/token"),
        (b"id.example:443", b"[::1]:80"),
        (),
        ("http/hosts.py",),
    ),
    Parser(
        "a cookie of devices",
        lambda text: list(entries_of(Secret(text))),
        ("A" * 43 + "." + "A" * 64,),
        (),
        ("application/authentication/devices.py",),
    ),
    Parser(
        "where a try comes from",
        source_of,
        ("203.0.113.1", "2001:db8::1"),
        (),
        ("domain/value_objects/network.py",),
    ),
    Parser(
        "where a sign-in comes from",
        lambda text: (Origin.of(text, text).network, Origin.of(text, text).device),
        ("203.0.113.1",),
        (),
        ("domain/value_objects/network.py",),
    ),
    Parser(
        "a line of a statement",
        parse_statement,
        ('{"type":"checkpoint"}',),
        (NotAStatement,),
        ("domain/audit/statement.py",),
    ),
)
"""Those of requests first, then those of clients' sites, of storage, and of operators."""

NOT_FROM_OUTSIDE: dict[str, str] = {
    "adapters/redis/endings_carrier.py": "messages that a key of ours has signed",
    "adapters/prometheus/board.py": "counts that processes of ours have written",
    "adapters/sql/events.py": "rows of ours",
    "adapters/sql/hot_statements.py": "rows of ours",
    "adapters/sql/paging.py": "the inside of a cursor, whose MAC was right",
    "application/liveness/ready_answers.py": "bytes that this process packed",
    "application/use_cases/clients/show_logo.py": "a path that is compared with one pattern",
    "http/site.py": "the setting ISSUER, which was checked",
    "infrastructure/pages.py": "the setting ISSUER, which was checked",
    "adapters/audit/syslog.py": "a setting, which was checked",
    "adapters/places/network_file.py": "a file of the operator's; the address is a connection's",
    "adapters/sql/data_keys.py": "rows of ours",
    "adapters/sql/family_desk.py": "rows of ours",
    "application/use_cases/audit/personal_data.py": "rows of ours, opened by a key of ours",
    "domain/posture/places.py": "settings and registrations, which were checked",
    "domain/posture/seen.py": "keys of ours",
    "domain/services/quota_policy.py": "a file of the operator's",
    "infrastructure/admitting.py": "the setting TRUSTED_PROXIES, which was checked",
    "infrastructure/mail.py": "the setting ISSUER, which was checked",
    "infrastructure/passwords.py": "the setting ISSUER, which was checked",
    "infrastructure/site.py": "the setting ISSUER, which was checked",
    "probes/families/tokens.py": "texts of its own",
    "probes/target.py": "a server that the operator has pointed at",
    "web/routes/account.py": "a number of nine digits at most",
}
"""Modules that decode something, and why nobody outside has a say in it."""
ELSEWHERE: dict[str, str] = {
    name: "tests/properties/test_password_properties.py"
    for name in (
        "adapters/crypto/hash_form.py",
        "adapters/crypto/bcrypt_hasher.py",
        "adapters/crypto/argon2_hasher.py",
        "adapters/crypto/django_pbkdf2.py",
    )
}
"""Modules whose reading is fuzzed with more care: a stored hash says itself how long it takes."""
PACKAGE = Path(__file__).resolve().parents[2] / "identity_service"

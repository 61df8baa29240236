"""Does the certificate that `serve` speaks https with last, and is it one for the issuer?"""

from datetime import UTC, datetime, timedelta
from ipaddress import ip_address
from pathlib import Path
from urllib.parse import urlsplit

from cryptography import x509

from identity_service.cli.doctor.finding import Finding, fail, ok, warn
from identity_service.infrastructure.config.settings import Settings, WrongSettings
from identity_service.server.tls import certificate_of

CHECK = "certificate"
SOON = timedelta(days=30)
RENEW = "put a new certificate in its place: a running server takes it within seconds"


def check_certificate(settings: Settings, *, now: datetime | None = None) -> Finding:
    """TLS_CERT_FILE and TLS_KEY_FILE, as a start would take them."""
    try:
        found = certificate_of(settings)
    except WrongSettings as error:
        return fail(CHECK, str(error), "correct the variable, or the file; a start is refused like this")
    if found is None or settings.tls_cert_file is None:
        return ok(CHECK, "none is set: `serve` speaks http, for a proxy in front")
    return _judged(settings.tls_cert_file, settings.issuer, now or datetime.now(UTC))


def _judged(path: Path, issuer: str, now: datetime) -> Finding:
    chain = x509.load_pem_x509_certificates(path.read_bytes())
    ends = min(each.not_valid_after_utc for each in chain)
    if ends <= now:
        return fail(CHECK, f"TLS_CERT_FILE {path} ended on {ends:%Y-%m-%d}", RENEW)
    if ends - now < SOON:
        return warn(CHECK, f"TLS_CERT_FILE {path} ends on {ends:%Y-%m-%d}", RENEW)
    host = urlsplit(issuer).hostname or ""
    if not _is_for(chain[0], host):
        return warn(
            CHECK,
            f"TLS_CERT_FILE {path} is not one for {host}, the host of ISSUER",
            "get a certificate that names it; clients refuse this one",
        )
    return ok(CHECK, f"TLS_CERT_FILE {path} is for {host}, until {ends:%Y-%m-%d}")


def _is_for(certificate: x509.Certificate, host: str) -> bool:
    """RFC 9525 §6: names and addresses of the extension, a star for one label."""
    try:
        names = certificate.extensions.get_extension_for_class(x509.SubjectAlternativeName).value
    except x509.ExtensionNotFound:
        return False
    try:
        return ip_address(host) in names.get_values_for_type(x509.IPAddress)
    except ValueError:
        known = {name.lower() for name in names.get_values_for_type(x509.DNSName)}
        return bool({host, f"*.{host.partition('.')[2]}"} & known)

"""Certificates of a test's own: quick keys, any name, any time."""

from datetime import UTC, datetime, timedelta
from ipaddress import ip_address
from pathlib import Path
from typing import Any

from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import (
    BestAvailableEncryption,
    Encoding,
    NoEncryption,
    PrivateFormat,
)
from cryptography.x509.oid import NameOID


def write_pair(
    folder: Path,
    *,
    host: str = "127.0.0.1",
    days: int = 365,
    passphrase: bytes | None = None,
    name: str = "tls",
) -> tuple[Path, Path]:
    """A self-signed certificate for a host, and its key; `days` may have passed."""
    key = ec.generate_private_key(ec.SECP256R1())
    cert, kept = folder / f"{name}.crt", folder / f"{name}.key"
    cert.write_bytes(_signed(key, host, days).public_bytes(Encoding.PEM))
    lock = BestAvailableEncryption(passphrase) if passphrase else NoEncryption()
    kept.write_bytes(key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, lock))
    return cert, kept


def _signed(key: Any, host: str, days: int) -> x509.Certificate:
    subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, host)])
    ends = datetime.now(UTC) + timedelta(days=days)
    made = x509.CertificateBuilder().subject_name(subject).issuer_name(subject).public_key(key.public_key())
    made = made.serial_number(x509.random_serial_number())
    made = made.not_valid_before(ends - timedelta(days=730)).not_valid_after(ends)
    return made.add_extension(x509.SubjectAlternativeName([_named(host)]), critical=False).sign(
        key, hashes.SHA256()
    )


def _named(host: str) -> x509.GeneralName:
    try:
        return x509.IPAddress(ip_address(host))
    except ValueError:
        return x509.DNSName(host)

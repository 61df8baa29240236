"""How `serve` speaks https: which versions and ciphers, and a certificate that may be exchanged while it serves."""

import logging
import os
import ssl
from collections.abc import Callable
from pathlib import Path
from typing import Any, Final

from identity_service.infrastructure.config.settings import Settings
from identity_service.infrastructure.config.sources import WrongSettings

log = logging.getLogger(__name__)

CIPHERS: Final = "ECDHE+AESGCM:ECDHE+CHACHA20"
"""For TLS 1.2: forward secrecy and authenticated encryption alone (RFC 9325 §4.2). Those of TLS 1.3 are all good."""
_PASSPHRASE: Final = "wants a private key without a passphrase (`openssl pkey -in KEY -out NEWKEY`)"


class Certificate:
    """A certificate and its key, in two files.

    It is what uvicorn makes a context by, in whichever process that is; until then it is two paths and can be handed to
    another process.
    """

    def __init__(self, cert: Path, key: Path) -> None:
        self._cert = cert
        self._key = key
        self._context: ssl.SSLContext | None = None
        self._seen: Any = None

    def __call__(self, config: Any, default: Callable[[], ssl.SSLContext]) -> ssl.SSLContext:
        """As `uvicorn.Config` calls it. Raises WrongSettings."""
        self._seen = self._stamp()
        self._context = self.loaded()
        return self._context

    def loaded(self) -> ssl.SSLContext:
        """TLS 1.2 or later, HTTP/1.1. Raises WrongSettings, with a line that names the file and what it wants."""
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.minimum_version = ssl.TLSVersion.TLSv1_2
        context.set_ciphers(CIPHERS)
        context.set_alpn_protocols(["http/1.1"])
        context.options |= ssl.OP_NO_COMPRESSION | ssl.OP_NO_RENEGOTIATION | ssl.OP_CIPHER_SERVER_PREFERENCE
        self._load_into(context)
        return context

    def refresh(self) -> None:
        """Takes a certificate that was put into the files meanwhile, for whoever connects from now on; one that cannot
        be used leaves the former in place, and is told of once."""
        stamp = self._stamp()
        if self._context is None or stamp == self._seen:
            return
        self._seen = stamp
        try:
            self.loaded()  # a pair that does not fit would leave the live context with a half of each
            self._load_into(self._context)
        except WrongSettings as error:
            log.error("the new certificate cannot be used, the former one is kept: %s", error)
        else:
            log.info("a new certificate is in use")

    def _load_into(self, context: ssl.SSLContext) -> None:
        for name, path in (("TLS_CERT_FILE", self._cert), ("TLS_KEY_FILE", self._key)):
            _check_readable(name, path)
        try:
            context.load_cert_chain(self._cert, self._key, password=_no_passphrase)
        except ssl.SSLError as error:
            raise WrongSettings(_explained(error, self._cert)) from None
        except _Encrypted:
            raise WrongSettings(f"TLS_KEY_FILE: {_PASSPHRASE}") from None

    def _stamp(self) -> Any:
        try:
            return [
                (found.st_mtime_ns, found.st_ino, found.st_size)
                for found in map(os.stat, (self._cert, self._key))
            ]
        except OSError:  # between two steps of whoever exchanges them
            return self._seen


class _Encrypted(Exception):
    """A key that wants a passphrase."""


def _no_passphrase() -> str:
    """Else OpenSSL would ask on the terminal, and the server would hang where there is one."""
    raise _Encrypted


def _check_readable(name: str, path: Path) -> None:
    try:
        path.read_bytes()
    except OSError as error:
        raise WrongSettings(f"{name}: cannot read {path} ({error.strerror})") from None


def _explained(error: ssl.SSLError, cert: Path) -> str:
    if error.reason == "KEY_VALUES_MISMATCH":
        return (
            "TLS_KEY_FILE: wants the private key of the certificate in TLS_CERT_FILE, and this is another one"
        )
    if b"-----BEGIN CERTIFICATE-----" not in cert.read_bytes():
        return "TLS_CERT_FILE: wants the path of a certificate in PEM (-----BEGIN CERTIFICATE-----)"
    if error.reason in ("EE_KEY_TOO_SMALL", "CA_KEY_TOO_SMALL", "CA_MD_TOO_WEAK"):
        return "TLS_CERT_FILE: wants a certificate with a key of 2048 bits at least, signed with SHA-256"
    return f"TLS_KEY_FILE: wants the path of a private key in PEM ({error.reason or error})"


def certificate_of(settings: Settings) -> Certificate | None:
    """None: http. Raises WrongSettings, also for what could be found out only when somebody connects."""
    cert, key = settings.tls_cert_file, settings.tls_key_file
    if cert is None and key is None:
        return None
    if cert is None or key is None:
        missing, there = (
            ("TLS_KEY_FILE", "TLS_CERT_FILE") if key is None else ("TLS_CERT_FILE", "TLS_KEY_FILE")
        )
        raise WrongSettings(f"{missing}: wants a value where {there} is set")
    found = Certificate(cert, key)
    found.loaded()
    return found

"""The certificate that `serve` speaks https with: what is refused at the start, and how it is exchanged."""

import logging
import pickle
import ssl
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from identity_service.infrastructure.config.sources import WrongSettings
from identity_service.server.tls import Certificate, certificate_of
from tests.certificates import write_pair
from tests.house import settings_for


def refusal(folder: Path, cert: Path | None, key: Path | None) -> str:
    with pytest.raises(WrongSettings) as refused:
        certificate_of(settings_for(folder, tls_cert_file=cert, tls_key_file=key))
    return str(refused.value)


def test_without_a_certificate_it_is_http(tmp_path: Path) -> None:
    assert certificate_of(settings_for(tmp_path)) is None


def test_asvs_12_1_nothing_below_tls_1_2_and_no_cipher_without_forward_secrecy(tmp_path: Path) -> None:
    cert, key = write_pair(tmp_path)
    made = certificate_of(settings_for(tmp_path, tls_cert_file=cert, tls_key_file=key))
    assert made is not None
    context = made.loaded()
    assert context.minimum_version is ssl.TLSVersion.TLSv1_2
    for cipher in context.get_ciphers():
        assert cipher["protocol"] == "TLSv1.3" or cipher["name"].startswith("ECDHE-"), cipher
        assert cipher["aead"], cipher


WRONG: dict[str, tuple[Callable[[Path, Path, Path], Any], str]] = {
    "no key named": (
        lambda folder, cert, key: (cert, None),
        "TLS_KEY_FILE: wants a value where TLS_CERT_FILE is set",
    ),
    "no cert named": (
        lambda folder, cert, key: (None, key),
        "TLS_CERT_FILE: wants a value where TLS_KEY_FILE is set",
    ),
    "no such key": (
        lambda folder, cert, key: (cert, folder / "none"),
        "TLS_KEY_FILE: cannot read {folder}/none (No such file or directory)",
    ),
    "a folder": (
        lambda folder, cert, key: (folder, key),
        "TLS_CERT_FILE: cannot read {folder} (Is a directory)",
    ),
    "another key": (
        lambda folder, cert, key: (cert, write_pair(folder, name="other")[1]),
        "TLS_KEY_FILE: wants the private key of the certificate in TLS_CERT_FILE, and this is another one",
    ),
    "a passphrase": (
        lambda folder, cert, key: write_pair(folder, name="locked", passphrase=b"geheim"),
        "TLS_KEY_FILE: wants a private key without a passphrase (`openssl pkey -in KEY -out NEWKEY`)",
    ),
    "the wrong way round": (
        lambda folder, cert, key: (key, cert),
        "TLS_CERT_FILE: wants the path of a certificate in PEM (-----BEGIN CERTIFICATE-----)",
    ),
    "no key in it": (
        lambda folder, cert, key: (cert, cert),
        "TLS_KEY_FILE: wants the path of a private key in PEM",
    ),
}


@pytest.mark.parametrize(("files", "line"), WRONG.values(), ids=WRONG)
def test_what_cannot_be_used_is_told_in_one_line(
    tmp_path: Path, files: Callable[[Path, Path, Path], Any], line: str
) -> None:
    told = refusal(tmp_path, *files(tmp_path, *write_pair(tmp_path)))
    assert told.startswith(line.format(folder=tmp_path))
    assert len(told.splitlines()) == 1


def served_certificate(context: ssl.SSLContext) -> bytes:
    """What somebody who connects is shown."""
    theirs = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    theirs.check_hostname, theirs.verify_mode = False, ssl.CERT_NONE
    to_server, to_client = ssl.MemoryBIO(), ssl.MemoryBIO()
    server = context.wrap_bio(to_server, to_client, server_side=True)
    client = theirs.wrap_bio(to_client, to_server)
    for side in (client, server, client, server):
        try:
            side.do_handshake()
        except ssl.SSLWantReadError:
            continue
    return client.getpeercert(binary_form=True) or b""


def in_use(cert: Path) -> bytes:
    return ssl.PEM_cert_to_DER_cert(cert.read_text())


def test_a_new_certificate_is_taken_by_who_connects_next(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO)
    cert, key = write_pair(tmp_path)
    certificate = Certificate(cert, key)
    context = certificate(None, lambda: context)
    first = in_use(cert)
    certificate.refresh()
    assert served_certificate(context) == first
    assert not caplog.messages

    write_pair(tmp_path)
    certificate.refresh()
    certificate.refresh()
    assert served_certificate(context) == in_use(cert) != first
    assert caplog.messages == ["a new certificate is in use"]


@pytest.mark.parametrize("broken", ["key", "cert", "half"])
def test_one_that_cannot_be_used_leaves_the_former_in_place(
    tmp_path: Path, caplog: pytest.LogCaptureFixture, broken: str
) -> None:
    cert, key = write_pair(tmp_path)
    certificate = Certificate(cert, key)
    context = certificate(None, lambda: context)
    first = in_use(cert)
    if broken == "half":  # the new certificate is there, its key is not yet
        cert.write_bytes(write_pair(tmp_path, name="new")[0].read_bytes())
    else:
        (key if broken == "key" else cert).write_text("nothing")
    for _ in range(3):
        certificate.refresh()
    assert served_certificate(context) == first
    assert len(caplog.messages) == 1
    assert "the former one is kept" in caplog.text

    write_pair(tmp_path)
    certificate.refresh()
    assert served_certificate(context) == in_use(cert) != first


def test_while_a_file_is_missing_nothing_changes(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    cert, key = write_pair(tmp_path)
    certificate = Certificate(cert, key)
    context = certificate(None, lambda: context)
    cert.rename(tmp_path / "away")
    certificate.refresh()
    assert served_certificate(context) == in_use(tmp_path / "away")
    assert not caplog.messages


def test_a_worker_is_handed_two_paths(tmp_path: Path) -> None:
    certificate = Certificate(*write_pair(tmp_path))
    copy = pickle.loads(pickle.dumps(certificate))  # noqa: S301 - our own
    assert served_certificate(copy(None, lambda: None)) == in_use(tmp_path / "tls.crt")

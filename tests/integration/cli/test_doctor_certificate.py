"""What the doctor says of the certificate that `serve` speaks https with."""

import json
from pathlib import Path

import pytest

from tests.certificates import write_pair
from tests.integration.cli.conftest import CommandLine


def found(cli: CommandLine) -> dict[str, str]:
    [one] = [
        each
        for each in json.loads(cli("doctor", "--json").stdout)["checks"]
        if each["check"] == "certificate"
    ]
    return one


@pytest.fixture
def doctor(cli: CommandLine) -> CommandLine:
    cli.set(ISSUER="https://id.example")
    return cli


def test_none_is_all_right(doctor: CommandLine) -> None:
    assert found(doctor)["status"] == "ok"


@pytest.mark.parametrize(
    ("host", "days", "status", "text"),
    [
        ("id.example", 365, "ok", "is for id.example, until "),
        ("*.example", 365, "ok", "is for id.example"),
        ("other.example", 365, "warn", "is not one for id.example"),
        ("id.example", 29, "warn", "ends on "),
        ("id.example", -1, "fail", "ended on "),
    ],
    ids=["good", "star", "other", "soon", "over"],
)
def test_how_long_and_for_whom(doctor: CommandLine, host: str, days: int, status: str, text: str) -> None:
    cert, key = write_pair(doctor.folder, host=host, days=days)
    doctor.set(TLS_CERT_FILE=str(cert), TLS_KEY_FILE=str(key))
    told = found(doctor)
    assert (told["status"], text in told["text"]) == (status, True), told
    assert bool(told["mend"]) is (status != "ok")


def test_an_address_is_a_name_too(doctor: CommandLine) -> None:
    cert, key = write_pair(doctor.folder, host="192.0.2.1")
    doctor.set(ISSUER="https://192.0.2.1", TLS_CERT_FILE=str(cert), TLS_KEY_FILE=str(key))
    assert found(doctor)["status"] == "ok"


def test_what_a_start_refuses_fails_here(doctor: CommandLine, tmp_path: Path) -> None:
    cert, _ = write_pair(tmp_path)
    doctor.set(TLS_CERT_FILE=str(cert))
    told = found(doctor)
    assert (told["status"], told["text"]) == (
        "fail",
        "TLS_KEY_FILE: wants a value where TLS_CERT_FILE is set",
    )
    assert doctor("serve", "--port", "0").exit_code == 1

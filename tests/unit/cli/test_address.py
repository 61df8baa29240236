"""Where a server listens, and under which URL it is reached."""

import socket

import pytest

from identity_service.cli import address


@pytest.mark.parametrize(
    ("host", "url"),
    [
        ("127.0.0.1", "http://127.0.0.1:80"),
        ("localhost", "http://localhost:80"),
        ("0.0.0.0", "http://127.0.0.1:80"),  # noqa: S104  # named, not bound
        ("::", "http://[::1]:80"),
        ("::1", "http://[::1]:80"),
        ("", "http://127.0.0.1:80"),
    ],
)
def test_the_url_is_one_that_works_on_this_machine(host: str, url: str) -> None:
    assert address.url(host, 80) == url


def test_a_default_port_that_is_taken_is_passed_over(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(address, "PASSED_OVER", 50)
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        with address.listening("127.0.0.1", None, first=port) as listener:
            assert port < listener.getsockname()[1] < port + 50


def test_a_named_port_that_is_taken_is_refused_with_what_to_do() -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        with pytest.raises(OSError, match=rf"port {port} of 127\.0\.0\.1 is in use.*--port"):
            address.listening("127.0.0.1", port)


def test_the_refusal_names_the_option_that_named_the_port() -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        with pytest.raises(OSError, match="choose another with --demo-port"):
            address.listening("127.0.0.1", port, option="--demo-port")


def test_a_host_of_another_machine_is_refused() -> None:
    with pytest.raises(OSError, match=r"cannot listen on 192\.0\.2\.1 port 0"):
        address.listening("192.0.2.1", 0)


def test_a_host_that_has_no_address_is_refused() -> None:
    with pytest.raises(OSError, match="--host no host"):
        address.listening("no host", 0)

"""Which `Host` is one of ours (RFC 9110 §7.4)."""

import pytest

from identity_service.http.hosts import MOST_KNOWN, Hosts

OURS = [
    b"id.example",
    b"ID.Example:8443",
    b"id.example.",
    b"id.internal",
    b"localhost:8000",
    b"127.0.0.1:8000",
    b"127.8.8.8",
    b"[::1]:8000",
    b"",
]
FOREIGN = [
    b"evil.example",
    b"evil.example:8443",
    b"id.example.evil.example",
    b"xid.example",
    b"localhost.evil.example",
    b"127.0.0.1.evil.example",
    b"id.example@evil.example",
    b"\xff",
    b"[",
]
ADDRESSES = [b"192.0.2.1", b"192.0.2.1:8000", b"[2001:db8::1]:8000"]


@pytest.fixture
def hosts() -> Hosts:
    return Hosts("https://id.example/tenant", ("id.internal",))


@pytest.mark.parametrize("host", OURS)
def test_a_name_of_ours_is_taken_and_known_from_then_on(hosts: Hosts, host: bytes) -> None:
    assert not hosts.knows(host)
    assert hosts.takes(host, "/oauth2/token")
    assert hosts.knows(host)


@pytest.mark.parametrize("host", FOREIGN)
def test_attack_26_a_name_of_somebody_else_is_not(hosts: Hosts, host: bytes) -> None:
    for path in ("/oauth2/token", "/health", "/"):
        assert not hosts.takes(host, path)
    assert not hosts.knows(host)


@pytest.mark.parametrize("host", ADDRESSES)
def test_an_address_is_taken_where_balancers_look_and_nowhere_else(hosts: Hosts, host: bytes) -> None:
    for path in ("/health", "/health/live", "/health/ready", "/metrics"):
        assert hosts.takes(host, path)
    assert not hosts.takes(host, "/oauth2/introspect")
    assert not hosts.knows(host), "the doors in front answer at other paths, too"


def test_an_address_may_be_set(hosts: Hosts) -> None:
    assert Hosts("https://id.example", ("192.0.2.1", "2001:db8::1")).takes(b"[2001:db8::1]:8000", "/")


def test_any_is_any() -> None:
    assert all(Hosts("https://id.example", ("*",)).takes(host, "/") for host in (*OURS, *FOREIGN, *ADDRESSES))


def test_attack_35_names_with_ports_are_not_remembered_without_end(hosts: Hosts) -> None:
    for port in range(MOST_KNOWN * 2):
        assert hosts.takes(b"id.example:%d" % port, "/")
    assert sum(hosts.knows(b"id.example:%d" % port) for port in range(MOST_KNOWN * 2)) == MOST_KNOWN

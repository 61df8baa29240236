"""Attack 22: an address that a client names is a public one, or nobody connects to it."""

import pytest

from identity_service.domain.value_objects.public_address import is_inside, is_public


@pytest.mark.parametrize(
    "address", ["93.184.215.14", "8.8.8.8", "2606:2800:220:1::1", "2a00:1450:4001::200e"]
)
def test_a22_a_public_address_may_be_connected_to(address: str) -> None:
    assert is_public(address)


@pytest.mark.parametrize(
    "address",
    [
        pytest.param("127.0.0.1", id="loopback"),
        pytest.param("127.8.8.8", id="loopback, another one"),
        pytest.param("0.0.0.0", id="this host"),  # noqa: S104 - to be refused
        pytest.param("10.1.2.3", id="private, 10/8"),
        pytest.param("172.16.0.1", id="private, 172.16/12"),
        pytest.param("192.168.0.1", id="private, 192.168/16"),
        pytest.param("100.64.0.1", id="carrier's NAT"),
        pytest.param("169.254.169.254", id="link-local, where clouds keep credentials"),
        pytest.param("168.63.129.16", id="a cloud's own, though it looks public"),
        pytest.param("192.0.0.192", id="IETF assignments"),
        pytest.param("192.0.2.1", id="documentation"),
        pytest.param("192.88.99.1", id="relay of 6to4"),
        pytest.param("198.18.0.1", id="benchmarks"),
        pytest.param("224.0.0.1", id="multicast"),
        pytest.param("240.0.0.1", id="reserved"),
        pytest.param("255.255.255.255", id="broadcast"),
        pytest.param("::", id="unspecified"),
        pytest.param("::1", id="loopback, IPv6"),
        pytest.param("::ffff:127.0.0.1", id="mapped loopback"),
        pytest.param("::ffff:8.8.8.8", id="mapped, even if public"),
        pytest.param("::127.0.0.1", id="compatible"),
        pytest.param("64:ff9b::7f00:1", id="NAT64"),
        pytest.param("64:ff9b:1::a00:1", id="NAT64, local use"),
        pytest.param("2002:7f00:1::1", id="6to4"),
        pytest.param("2001:0:1::1", id="Teredo"),
        pytest.param("2001:db8::1", id="documentation, IPv6"),
        pytest.param("fc00::1", id="unique local"),
        pytest.param("fd00:ec2::254", id="unique local, where clouds keep credentials"),
        pytest.param("fe80::1", id="link-local, IPv6"),
        pytest.param("fe80::1%eth0", id="link-local with a zone"),
        pytest.param("2606:2800:220:1::1%eth0", id="public with a zone"),
        pytest.param("fec0::1", id="site-local"),
        pytest.param("ff02::1", id="multicast, IPv6"),
        pytest.param("localhost", id="a name"),
        pytest.param("", id="nothing"),
    ],
)
def test_a22_any_other_is_not(address: str) -> None:
    assert not is_public(address)


@pytest.mark.parametrize(
    "host",
    [
        *(
            "127.0.0.1",
            "127.0.0.1.",
            "10.0.0.1",
            "169.254.169.254",
            "[::1]",
            "[::ffff:10.0.0.1]",
            "[fd00::1]",
        ),
        *("127.1", "2130706433", "0x7f000001", "0x7F.1", "0177.0.0.1", "keys.127", "8.8.8.0x8"),
        *("localhost", "LOCALHOST", "localhost.", "app.localhost"),
    ],
)
def test_a22_a_host_that_says_itself_that_it_is_inside_is_seen(host: str) -> None:
    assert is_inside(host)


@pytest.mark.parametrize(
    "host", ["app.example", "8.8.8.8", "[2606:2800:220:1::1]", "localhost.example", "0x7f.example", "10"[:0]]
)
def test_a22_a_name_and_a_public_address_are_not(host: str) -> None:
    assert not is_inside(host)

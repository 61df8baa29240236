"""How addresses are cut to networks: alike for all who count or compare."""

import pytest

from identity_service.domain.value_objects.network import NETWORK, SITE, network_of


@pytest.mark.parametrize(
    ("address", "site", "network"),
    [
        ("192.0.2.7", "192.0.2.7", "192.0.2.0/24"),
        ("::ffff:192.0.2.7", "192.0.2.7", "192.0.2.0/24"),
        ("2001:db8:1:2:3:4:5:6", "2001:db8:1:2::/64", "2001:db8:1::/48"),
        ("2001:db8:1:2::1", "2001:db8:1:2::/64", "2001:db8:1::/48"),
        ("fe80::1%eth0", "fe80::/64", "fe80::/48"),
    ],
)
def test_an_address_is_cut(address: str, site: str, network: str) -> None:
    assert (network_of(address, bits=SITE), network_of(address, bits=NETWORK)) == (site, network)


@pytest.mark.parametrize("text", ["", "unix:", "192.0.2", "192.0.2.256", "2001:db8::g"])
def test_what_is_no_address_is_in_no_network(text: str) -> None:
    assert network_of(text, bits=SITE) is None

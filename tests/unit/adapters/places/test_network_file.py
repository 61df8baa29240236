"""Where networks are, from a file (docs/decisions/0091)."""

from pathlib import Path

import pytest

from identity_service.adapters.places import network_file
from identity_service.adapters.places.network_file import NetworkFile, UnusablePlaces
from identity_service.domain.entities.origin import Place
from identity_service.infrastructure.config.settings import WrongSettings
from identity_service.infrastructure.places import places_of
from tests.house import settings_for

HEAD = "network,geoname_id,latitude,longitude,accuracy_radius\n"
LONDON, NEW_YORK, TOKYO = Place(51.5, -0.13), Place(40.7, -74.0), Place(35.7, 139.7)
LINES = (
    "192.0.2.0/24,1,51.5,-0.13,20\n"
    "192.0.2.128/25,2,40.7,-74.0,20\n"
    "2001:db8::/32,3,35.7,139.7,20\n"
    "203.0.113.0/24,4,,,\n"
)


def written(folder: Path, text: str | bytes) -> Path:
    path = folder / "places.csv"
    path.write_bytes(text if isinstance(text, bytes) else text.encode())
    return path


@pytest.mark.parametrize(
    ("address", "place"),
    [
        ("192.0.2.1", LONDON),
        ("192.0.2.129", NEW_YORK),
        ("::ffff:192.0.2.1", LONDON),
        ("2001:db8:7::1", TOKYO),
        ("198.51.100.1", None),
        ("203.0.113.1", None),
        ("2001:db9::1", None),
        ("testclient", None),
        (None, None),
    ],
)
def test_the_narrowest_network_says_where_an_address_is(
    tmp_path: Path, address: str | None, place: Place | None
) -> None:
    assert NetworkFile.read(written(tmp_path, HEAD + LINES)).of(address) == place


@pytest.mark.parametrize(
    ("text", "wrong"),
    [
        ("", "no column 'network'"),
        ("network,latitude\n", "no column 'longitude'"),
        (HEAD + "192.0.2.0/24,1,north,0,1\n", "line 2 has no network"),
        (HEAD + LINES + "192.0.2.1/24,1,1,1,1\n", "line 6 has no network"),
        (HEAD + "192.0.2.0/24,1,91,0,1\n", "line 2 names no place on Earth"),
        (HEAD + "192.0.2.0/24,1,nan,0,1\n", "line 2 names no place on Earth"),
        (HEAD + "192.0.2.0/24,1,1\n", "line 2 has no network"),
        (HEAD.encode() + b"\xff,1,1,1,1\n", "no CSV file in UTF-8"),
    ],
)
def test_a_file_that_is_none_is_refused_with_its_line(tmp_path: Path, text: str | bytes, wrong: str) -> None:
    with pytest.raises(UnusablePlaces, match=wrong):
        NetworkFile.read(written(tmp_path, text))


def test_a_file_that_would_fill_the_memory_is_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(network_file, "MOST_NETWORKS", 2)
    with pytest.raises(UnusablePlaces, match="more than 2 networks"):
        NetworkFile.read(written(tmp_path, HEAD + LINES))


def test_a_wrong_setting_is_one_line_that_names_it(tmp_path: Path) -> None:
    absent = settings_for(tmp_path, places_file=tmp_path / "absent.csv")
    broken = settings_for(tmp_path, places_file=written(tmp_path, "x"))

    for settings, line in ((absent, "PLACES_FILE: cannot read"), (broken, "PLACES_FILE: .* names no column")):
        with pytest.raises(WrongSettings, match=line):
            places_of(settings)
    assert places_of(settings_for(tmp_path)).of("192.0.2.1") is None

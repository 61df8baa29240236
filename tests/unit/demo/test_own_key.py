"""The demo's key is kept for its owner alone, and told without its private part."""

import json
import stat
from pathlib import Path

import pytest
from joserfc.jwk import ECKey

from identity_service.demo.own_key import key_in, make_key, public, read_key


def test_a_key_is_made_once_and_read_back(tmp_path: Path) -> None:
    path = tmp_path / "key.json"

    made = key_in(path)

    assert key_in(path).as_dict(private=True) == made.as_dict(private=True)
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert [each.name for each in tmp_path.iterdir()] == ["key.json"]


def test_another_one_takes_its_place_for_its_owner_alone(tmp_path: Path) -> None:
    path = tmp_path / "key.json"
    path.write_text("{}")
    path.chmod(0o644)

    made = make_key(path)

    assert read_key(path).kid == made.kid
    assert stat.S_IMODE(path.stat().st_mode) == 0o600


def test_what_is_told_has_no_private_part(tmp_path: Path) -> None:
    [told] = public(make_key(tmp_path / "key.json"))["keys"]
    assert sorted(told) == ["alg", "crv", "kid", "kty", "use", "x", "y"]


def other_keys() -> dict[str, str]:
    private = ECKey.generate_key("P-256", private=True, auto_kid=True)
    return {
        "a public one": json.dumps(private.as_dict(private=False)),
        "one without a name": json.dumps(ECKey.generate_key("P-256", private=True).as_dict(private=True)),
        "another curve": json.dumps(
            ECKey.generate_key("P-384", private=True, auto_kid=True).as_dict(private=True)
        ),
        "nothing": "",
        "no JSON": "-----BEGIN PRIVATE KEY-----",
        "no object": "[]",
        "no members": "{}",
        "no numbers": json.dumps(private.as_dict(private=True) | {"d": 1}),
    }


@pytest.mark.parametrize("content", other_keys().values(), ids=other_keys())
def test_what_is_no_key_of_the_demo_is_left_as_it_is(tmp_path: Path, content: str) -> None:
    path = tmp_path / "key.json"
    path.write_text(content)

    with pytest.raises(ValueError, match="holds no key of the demo"):
        key_in(path)

    assert path.read_text() == content

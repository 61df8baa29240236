"""JWT_PRIVATE_KEY and JWT_PUBLIC_KEY: used together, or refused by name."""

from base64 import b64encode
from pathlib import Path
from typing import Any

import pytest

from identity_service.adapters.jwt.jwk import generate_private_key, to_pem, to_public_pem
from identity_service.infrastructure.config.settings import WrongSettings
from identity_service.infrastructure.container import build
from tests.house import private_key, settings_for


def given(folder: Path, **settings: Any) -> Any:
    return build(settings_for(folder, **settings)).signing_keys.given()


def base64(pem: str) -> str:
    return b64encode(pem.encode()).decode()


@pytest.mark.parametrize("encode", [str, base64], ids=["PEM", "base64 of PEM"])
def test_a_public_key_that_belongs_to_the_private_one_is_accepted(tmp_path: Path, encode: Any) -> None:
    pair = generate_private_key("RS256")

    key = given(
        tmp_path,
        jwt_private_key=encode(to_pem(pair)),
        jwt_public_key=encode(to_public_pem(pair.public_key())),
    )

    assert key.signs
    assert key.alg == "RS256"


@pytest.mark.parametrize(
    "public",
    [
        pytest.param(to_public_pem(generate_private_key("RS256").public_key()), id="of another pair"),
        pytest.param(to_public_pem(generate_private_key("ES256").public_key()), id="of another type"),
        pytest.param(to_pem(generate_private_key("ES256")), id="a private key"),
        pytest.param("nonsense", id="no key"),
    ],
)
def test_a_public_key_that_does_not_belong_there_is_refused_by_name(tmp_path: Path, public: str) -> None:
    with pytest.raises(WrongSettings, match=r"\AJWT_PUBLIC_KEY: ") as refused:
        given(tmp_path, jwt_public_key=public)

    assert "\n" not in str(refused.value)


def test_a_public_key_without_a_private_one_is_refused(tmp_path: Path) -> None:
    with pytest.raises(WrongSettings, match=r"\AJWT_PUBLIC_KEY: wants its JWT_PRIVATE_KEY"):
        given(tmp_path, jwt_private_key=None, jwt_public_key="x")


@pytest.mark.parametrize(
    "private",
    [
        pytest.param("nonsense", id="no key"),
        pytest.param(to_pem(generate_private_key("ES256")), id="of another algorithm"),
        pytest.param(to_pem(generate_private_key("EdDSA")), id="of a third algorithm"),
        pytest.param(to_public_pem(generate_private_key("ES256").public_key()), id="a public key"),
    ],
)
def test_a_private_key_that_cannot_sign_is_refused_by_name(tmp_path: Path, private: str) -> None:
    with pytest.raises(WrongSettings, match=r"\AJWT_PRIVATE_KEY: "):
        given(tmp_path, jwt_private_key=private)


def test_without_either_the_keys_are_those_of_the_database(tmp_path: Path) -> None:
    assert given(tmp_path, jwt_private_key=None) is None


def test_a_private_key_alone_is_enough(tmp_path: Path) -> None:
    assert given(tmp_path, jwt_private_key=private_key()) is not None


@pytest.mark.parametrize("alg", ["PS256", "ES256", "EdDSA"])
def test_a_private_key_is_for_the_algorithm_of_the_server(tmp_path: Path, alg: str) -> None:
    pem = to_pem(generate_private_key(alg))

    assert given(tmp_path, jwt_private_key=pem, signing_algorithm=alg).alg == alg

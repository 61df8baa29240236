"""One key for each of our algorithms, made once."""

import pytest

from identity_service.adapters.jwt.algorithms import ALGORITHMS
from identity_service.adapters.jwt.jwk import generate_private_key, signing_key
from identity_service.adapters.jwt.jws import JwsSigner, JwsVerifier, VerificationKeys


@pytest.fixture(scope="session")
def signing_keys():
    """A key by the name of its algorithm."""
    return {name: signing_key(generate_private_key(name), name) for name in ALGORITHMS}


@pytest.fixture(scope="session")
def key(signing_keys):
    return signing_keys["RS256"]


@pytest.fixture
def signer(key):
    return JwsSigner(key)


@pytest.fixture
def verifier(signing_keys):
    """Knows the public halves of all the keys."""
    return JwsVerifier(VerificationKeys(each.verification_key() for each in signing_keys.values()))

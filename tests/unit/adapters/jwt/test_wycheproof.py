"""Our verification held to the Wycheproof vectors: no invalid one passes, each valid one of our algorithms
does.
"""

import json
from base64 import urlsafe_b64decode

import pytest

from identity_service.adapters.jwt.algorithms import ALGORITHMS
from identity_service.adapters.jwt.jwk import verification_key
from identity_service.adapters.jwt.jws import VerificationKeys
from identity_service.ports.tokens.signer import UnverifiableToken
from tests.wycheproof import VECTORS

pytestmark = pytest.mark.vectors

FILES = {"json_web_signature_test.json": (401, 16), "json_web_key_test.json": (26, 1)}
"""By file: how many vectors there are, and how many of them are valid and of an algorithm of ours."""


def vectors(folder, name):
    for group in json.loads((folder / name).read_text())["testGroups"]:
        jwk = group.get("public") or group["private"]
        for test in group["tests"]:
            yield jwk.get("keys", [jwk]), test


def is_ours(jws):
    """Whether the header names one of our algorithms."""
    return json.loads(urlsafe_b64decode(jws.split(".")[0] + "==")).get("alg") in ALGORITHMS


def accepts(jwks, jws):
    try:
        VerificationKeys([verification_key(jwk) for jwk in jwks]).open(jws.encode())
    except (ValueError, UnverifiableToken):
        return False
    return True


def pytest_generate_tests(metafunc):
    folder = metafunc.config.stash[VECTORS]
    if "jws" in metafunc.fixturenames:
        cases = [
            pytest.param(jwks, test["jws"], test["result"], id=f"{name}-{test['tcId']}-{test['comment']}")
            for name in FILES
            for jwks, test in (vectors(folder, name) if folder else ())
        ]
        metafunc.parametrize(("jwks", "jws", "result"), cases)


def test_each_vector_is_accepted_exactly_when_it_is_valid_and_of_our_algorithms(jwks, jws, result):
    assert accepts(jwks, jws) == (result == "valid" and is_ours(jws))


@pytest.mark.parametrize(("name", "counts"), FILES.items())
def test_the_vectors_are_all_there(name, counts, pytestconfig):
    found = [test for _, test in vectors(pytestconfig.stash[VECTORS], name)]
    ours = [test for test in found if test["result"] == "valid" and is_ours(test["jws"])]
    assert (len(found), len(ours)) == counts

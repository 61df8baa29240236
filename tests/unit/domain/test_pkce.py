"""RFC 7636: which challenges are taken, and which verifier fits."""

from typing import LiteralString

import pytest

from identity_service.domain.oauth.errors import InvalidGrant, InvalidRequest
from identity_service.domain.oauth.pkce import parse_challenge, verify

VERIFIER = "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk"
CHALLENGE = "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM"

MISSING = "code_challenge is missing"
NO_S256 = "code_challenge_method must be S256"
NO_DIGEST = "code_challenge is not the base64url of a SHA-256 digest"
REFUSED_CHALLENGES: dict[str, tuple[str | None, str | None, LiteralString]] = {
    "none, though it is required": (None, None, f"{MISSING}, this client has to use PKCE"),
    "a method alone": (None, "S256", MISSING),
    "no method, which means plain": (CHALLENGE, None, NO_S256),
    "plain": (CHALLENGE, "plain", NO_S256),
    "another case": (CHALLENGE, "s256", NO_S256),
    "an unknown method": (CHALLENGE, "S512", NO_S256),
    "one character short": (CHALLENGE[:-1], "S256", NO_DIGEST),
    "one character long": (f"{CHALLENGE}A", "S256", NO_DIGEST),
    "with padding": (f"{CHALLENGE}=", "S256", NO_DIGEST),
    "of the other base64": (CHALLENGE.replace("-", "+"), "S256", NO_DIGEST),
    "with a newline behind": (f"{CHALLENGE}\n", "S256", NO_DIGEST),
}
UNFIT: dict[str, str] = {
    "another verifier": VERIFIER[:-1] + "l",
    "the challenge itself": CHALLENGE,
    "42 characters": VERIFIER[:-1],
    "129 characters": "a" * 129,
    "a character outside the grammar": VERIFIER[:-1] + "+",
    "no ASCII": VERIFIER[:-1] + "ä",
    "a newline behind": VERIFIER + "\n",
}


def test_rfc7636_appendix_b_the_verifier_fits_its_challenge() -> None:
    assert parse_challenge(CHALLENGE, "S256", required=True) == CHALLENGE
    verify(CHALLENGE, VERIFIER)


@pytest.mark.parametrize(
    ("length", "challenge"),
    [
        (43, "ZtNPunH49FD35FWYhT5Tv8I7vRKQJ8uxMaL0_9eHjNA"),
        (128, "aDbPE7rEAOkQUHHNavRwhN-srU5eMCyUv-0k4BOvtz4"),
    ],
)
def test_rfc7636_s4_1_the_shortest_and_the_longest_verifier_are_taken(length: int, challenge: str) -> None:
    verify(challenge, "a" * length)


@pytest.mark.parametrize(
    ("challenge", "method", "description"), REFUSED_CHALLENGES.values(), ids=REFUSED_CHALLENGES
)
def test_rfc7636_s4_3_a_challenge_is_refused_that_is(
    challenge: str | None, method: str | None, description: str
) -> None:
    with pytest.raises(InvalidRequest) as refused:
        parse_challenge(challenge, method, required=True)
    assert refused.value.description == description


def test_a_client_that_need_not_use_it_may_leave_it_out_whole_but_not_half() -> None:
    assert parse_challenge(None, None, required=False) is None
    assert parse_challenge(CHALLENGE, "S256", required=False) == CHALLENGE
    with pytest.raises(InvalidRequest):
        parse_challenge(None, "S256", required=False)
    with pytest.raises(InvalidRequest):
        parse_challenge(CHALLENGE, "plain", required=False)


@pytest.mark.parametrize("verifier", UNFIT.values(), ids=UNFIT)
def test_rfc7636_s4_6_a_verifier_does_not_fit_that_is(verifier: str) -> None:
    with pytest.raises(InvalidGrant, match="does not match"):
        verify(CHALLENGE, verifier)


def test_rfc9700_s2_1_1_verifier_and_challenge_are_both_there_or_neither() -> None:
    verify(None, None)
    for challenge, verifier in ((CHALLENGE, None), (None, VERIFIER)):
        with pytest.raises(InvalidGrant, match="does not belong"):
            verify(challenge, verifier)

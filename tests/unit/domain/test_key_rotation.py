"""When keys are published, put to use and forgotten."""

from datetime import UTC, datetime, timedelta

import pytest

from identity_service.domain.entities.signing_key import SigningKey
from identity_service.domain.oauth.access_token import LONGEST_LIFE_SECONDS
from identity_service.domain.services.key_rotation import (
    RETIRED_FOR_SECONDS,
    SPREAD_SECONDS,
    Due,
    RotationPolicy,
)

NOW = datetime(2026, 1, 1, tzinfo=UTC)
DAY = 86_400
POLICY = RotationPolicy(jwks_max_age=300, rotate_after=90 * DAY)
PUBLISHED = 300 + SPREAD_SECONDS


def key(status: str, *, age: int) -> SigningKey:
    made = NOW - timedelta(seconds=age)
    return SigningKey(
        kid=status,
        alg="RS256",
        status=status,
        public_jwk={},
        sealed=b"",
        created_at=made,
        activated_at=made if status == "current" else None,
        verify_until=None,
    )


@pytest.mark.parametrize(
    ("current", "waiting", "due"),
    [
        pytest.param(0, None, Due.NOTHING, id="a young key stays"),
        pytest.param(90 * DAY - PUBLISHED - 1, None, Due.NOTHING, id="not a second early"),
        pytest.param(90 * DAY - PUBLISHED, None, Due.PUBLISH, id="so early that it can be used in time"),
        pytest.param(900 * DAY, None, Due.PUBLISH, id="late is better than never"),
        pytest.param(90 * DAY - 1, DAY, Due.NOTHING, id="a next key waits for its turn"),
        pytest.param(90 * DAY, PUBLISHED, Due.PROMOTE, id="old enough and published long enough"),
        pytest.param(90 * DAY, PUBLISHED - 1, Due.NOTHING, id="never before others can know it"),
        pytest.param(900 * DAY, 0, Due.NOTHING, id="however old the current key is"),
    ],
)
def test_a_key_is_published_and_promoted_in_time(current: int, waiting: int | None, due: Due) -> None:
    keys = [key("current", age=current), *([] if waiting is None else [key("next", age=waiting)])]

    assert POLICY.due([*keys, key("retired", age=1000 * DAY)], now=NOW) is due


def test_without_a_schedule_nothing_is_due() -> None:
    policy = RotationPolicy(jwks_max_age=300, rotate_after=0)

    assert policy.due([key("current", age=900 * DAY)], now=NOW) is Due.NOTHING


@pytest.mark.parametrize("keys", [[], [key("next", age=DAY)]], ids=["no key", "no current key"])
def test_without_a_current_key_the_schedule_leaves_it_to_the_start_of_a_process(
    keys: list[SigningKey],
) -> None:
    assert POLICY.due(keys, now=NOW) is Due.NOTHING


@pytest.mark.parametrize("max_age", [0, 300, 86_400])
def test_s3_a_next_key_is_published_at_least_one_max_age_of_the_key_set(max_age: int) -> None:
    policy = RotationPolicy(jwks_max_age=max_age, rotate_after=DAY)
    waiting = key("next", age=0)

    assert policy.usable_from(waiting) - waiting.created_at >= timedelta(seconds=max_age + SPREAD_SECONDS)


def test_s3_a_retired_key_outlives_every_token_it_can_have_signed() -> None:
    assert RETIRED_FOR_SECONDS > LONGEST_LIFE_SECONDS

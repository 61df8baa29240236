"""RFC 9562 §4: one spelling of an identifier is ours."""

import pytest

from identity_service.domain.value_objects.ids import is_uuid

OURS = "0190b7e4-6c2f-7a31-9d5e-3f8a1c2b4d6e"


def test_s4_the_spelling_we_give_out_is_an_identifier() -> None:
    assert is_uuid(OURS)


@pytest.mark.parametrize(
    "text",
    [
        pytest.param("", id="empty"),
        pytest.param(OURS.upper(), id="upper case"),
        pytest.param(OURS.replace("-", ""), id="no hyphens"),
        pytest.param("{" + OURS + "}", id="braces"),
        pytest.param("urn:uuid:" + OURS, id="a URN"),
        pytest.param(OURS + "\n", id="a line end"),
        pytest.param(OURS[:-1], id="too short"),
        pytest.param(OURS + "0", id="too long"),
        pytest.param(OURS.replace("0", "٠"), id="other digits"),
        pytest.param("' or 1=1 --", id="SQL"),
        pytest.param("me", id="a word"),
    ],
)
def test_s4_any_other_spelling_is_none(text: str) -> None:
    assert not is_uuid(text)

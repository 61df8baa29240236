"""Which versions an If-Match header names."""

import pytest
from starlette.requests import Request

from identity_service.api.errors import Problem
from identity_service.api.preconditions import seen_versions, versioned
from identity_service.application.dto.user_view import UserView


def request(*values: str) -> Request:
    headers = [(b"if-match", value.encode("latin-1")) for value in values]
    return Request({"type": "http", "headers": headers})


@pytest.mark.parametrize(
    ("values", "versions"),
    [
        ((), None),
        (("*",), None),
        (('"3"',), {3}),
        (('"3", "4"', '"x"'), {3, 4}),
        (('W/"3"',), set()),
        (('W/"3", "4"',), {4}),
        (('"03"',), set()),
        (('"-1"',), set()),
        ((f'"{"9" * 5000}"',), set()),
        (('"somebody else\'s"'.replace(" ", "_"),), set()),
        (('"a,b"',), set()),
    ],
)
def test_rfc9110_s13_1_1_only_strong_tags_of_ours_name_versions(
    values: tuple[str, ...], versions: set[int] | None
) -> None:
    assert seen_versions(request(*values)) == versions


@pytest.mark.parametrize("value", ["", "3", '"3', '"3" "4"', '"3",,"4"', "*, *", 'w/"3"'])
def test_rfc9110_s8_8_3_what_is_no_list_of_tags_is_refused(value: str) -> None:
    with pytest.raises(Problem) as refused:
        seen_versions(request(value))

    assert refused.value.status == 400


def test_the_tag_of_an_answer_names_its_version() -> None:
    view = UserView.model_construct(id="1", version=12)

    assert seen_versions(request(versioned(view).headers["etag"])) == {12}

"""The one byte form of an event's payload: whoever writes it by another library gets the same bytes."""

import json
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from identity_service.adapters.sql.events import canonical

WHOLE = json.JSONEncoder(sort_keys=True, separators=(",", ":"), ensure_ascii=False)
TEXTS = st.text(st.characters(exclude_categories=["Cs"]))
VALUES = st.one_of(TEXTS, st.booleans(), st.integers(-(2**53), 2**53), st.lists(TEXTS).map(tuple))


@given(st.dictionaries(TEXTS, VALUES))
def test_members_are_sorted_without_spaces_in_utf_8(members: dict[str, Any]) -> None:
    assert canonical(members) == WHOLE.encode(members).encode()

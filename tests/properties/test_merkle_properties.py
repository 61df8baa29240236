"""The tree of the audit log against the definitions of RFC 9162 §2.1, written down as they stand there."""

from hashlib import sha256

from hypothesis import given
from hypothesis import strategies as st

from identity_service.domain.audit.merkle import (
    Frontier,
    fits,
    grown,
    inclusion_proof,
    leaf_hash,
    root_from_inclusion,
    root_of,
    tree_head,
)

ENTRIES = st.lists(st.binary(max_size=40), max_size=40)


def largest_power_below(n: int) -> int:
    k = 1
    while k * 2 < n:
        k *= 2
    return k


def mth(entries: list[bytes]) -> bytes:
    """§2.1.1, word for word."""
    if not entries:
        return sha256().digest()
    if len(entries) == 1:
        return sha256(b"\x00" + entries[0]).digest()
    k = largest_power_below(len(entries))
    return sha256(b"\x01" + mth(entries[:k]) + mth(entries[k:])).digest()


@given(ENTRIES)
def test_s2_1_1_growing_leaf_by_leaf_gives_the_head_of_the_definition_at_every_size(
    entries: list[bytes],
) -> None:
    frontier: Frontier = ()
    for size, entry in enumerate(entries):
        assert root_of(frontier) == mth(entries[:size])
        assert fits(frontier, size)
        frontier = grown(frontier, size, leaf_hash(entry))

    assert root_of(frontier) == mth(entries) == tree_head([leaf_hash(entry) for entry in entries])


@given(ENTRIES.filter(bool), st.data())
def test_s2_1_3_a_proof_leads_from_its_leaf_to_the_head(entries: list[bytes], data: st.DataObject) -> None:
    index = data.draw(st.integers(0, len(entries) - 1))
    leaves = [leaf_hash(entry) for entry in entries]

    path = inclusion_proof(leaves, index)

    assert root_from_inclusion(leaves[index], index=index, size=len(entries), path=path) == mth(entries)


@given(ENTRIES.filter(bool), st.data())
def test_s2_1_3_another_leaf_place_size_or_path_leads_elsewhere(
    entries: list[bytes], data: st.DataObject
) -> None:
    index = data.draw(st.integers(0, len(entries) - 1))
    leaves = [leaf_hash(entry) for entry in entries]
    path, head = inclusion_proof(leaves, index), mth(entries)

    def leads(
        leaf: bytes = leaves[index], at: int = index, size: int = len(entries), by: list[bytes] = path
    ) -> bool:
        return root_from_inclusion(leaf, index=at, size=size, path=by) == head

    assert leads()
    assert not leads(leaf=leaf_hash(entries[index] + b"!"))
    assert not leads(by=[*path, head])
    if path:
        assert not leads(by=path[:-1])
        flipped = data.draw(st.integers(0, len(path) - 1))
        other = bytes([path[flipped][0] ^ 1]) + path[flipped][1:]
        assert not leads(by=[*path[:flipped], other, *path[flipped + 1 :]])
    assert not leads(at=len(entries))


@given(ENTRIES.filter(bool), st.data())
def test_any_change_of_the_entries_changes_the_head(entries: list[bytes], data: st.DataObject) -> None:
    at = data.draw(st.integers(0, len(entries) - 1))
    changes = {
        "altered": [*entries[:at], entries[at] + b"!", *entries[at + 1 :]],
        "removed": [*entries[:at], *entries[at + 1 :]],
        "inserted": [*entries[:at], b"!" + entries[at], *entries[at:]],
    }
    for changed in changes.values():
        assert tree_head([leaf_hash(entry) for entry in changed]) != mth(entries)

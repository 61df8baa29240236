"""The tree against the heads that implementations of certificate transparency are tested with."""

from binascii import unhexlify

import pytest

from identity_service.domain.audit.merkle import (
    EMPTY_ROOT,
    fits,
    inclusion_proof,
    leaf_hash,
    node_hash,
    tree_head,
)

LEAVES = [
    unhexlify(entry)
    for entry in (
        "", "00", "10", "2021", "3031", "40414243", "5051525354555657", "606162636465666768696a6b6c6d6e6f",
    )
]  # fmt: skip
HEADS = [
    "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855",
    "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d",
    "fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125",
    "aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77",
    "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
    "4e3bbb1f7b478dcfe71fb631631519a3bca12c9aefca1612bfce4c13a86264d4",
    "76e67dadbcdf1e10e1b74ddc608abd2f98dfb16fbce75277b5232a127f2087ef",
    "ddb89be403809e325750d3d263cd78929c2942b7942a34b77e122c9594a74c8c",
    "5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328",
]


@pytest.mark.parametrize("size", range(len(HEADS)))
def test_s2_1_1_the_heads_of_the_known_trees(size: int) -> None:
    assert tree_head([leaf_hash(leaf) for leaf in LEAVES[:size]]).hex() == HEADS[size]


def test_s2_1_3_1_the_paths_of_the_example_of_seven_leaves() -> None:
    """The tree of §2.1.5: names as there."""
    d = [leaf_hash(b"d%d" % n) for n in range(7)]
    a, b, c, f, j = d[0], d[1], d[2], d[5], d[6]
    g, h, i = node_hash(a, b), node_hash(c, d[3]), node_hash(d[4], f)
    k, l = node_hash(g, h), node_hash(i, j)  # noqa: E741 - the name that the figure has

    assert inclusion_proof(d, 0) == [b, h, l]
    assert inclusion_proof(d, 3) == [c, g, l]
    assert inclusion_proof(d, 4) == [f, j, k]
    assert inclusion_proof(d, 6) == [i, k]
    assert tree_head(d) == node_hash(k, l)


def test_an_index_outside_has_no_path() -> None:
    with pytest.raises(IndexError):
        inclusion_proof([leaf_hash(b"")], 1)


@pytest.mark.parametrize(("size", "roots"), [(0, 1), (4, 2), (5, 1), (7, 2)])
def test_a_frontier_has_as_many_roots_as_its_size_has_bits(size: int, roots: int) -> None:
    assert not fits((EMPTY_ROOT,) * roots, size)
    assert fits((EMPTY_ROOT,) * size.bit_count(), size)
    assert size == 0 or not fits((EMPTY_ROOT[:31],) * size.bit_count(), size)

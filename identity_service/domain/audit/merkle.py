"""The tree of RFC 9162 §2.1 over the entries of a log: grown leaf by leaf, and what proves that a leaf is in it."""

from collections.abc import Sequence
from hashlib import sha256

HASH_BYTES = 32
_LEAF, _NODE = b"\x00", b"\x01"

EMPTY_ROOT = sha256(b"").digest()
"""Of a tree without leaves (§2.1.1)."""

Frontier = tuple[bytes, ...]
"""The roots of the perfect trees that a tree consists of, the largest first: as many as its size has bits set."""


def leaf_hash(entry: bytes) -> bytes:
    """§2.1.1. No leaf is ever taken for a node: they begin differently."""
    return sha256(_LEAF + entry).digest()


def node_hash(left: bytes, right: bytes) -> bytes:
    """§2.1.1."""
    return sha256(_NODE + left + right).digest()


def grown(frontier: Frontier, size: int, leaf: bytes) -> Frontier:
    """The frontier of a tree of `size` leaves with another leaf: perfect trees of one size become the next larger."""
    roots = list(frontier)
    while size & 1:
        leaf = node_hash(roots.pop(), leaf)
        size >>= 1
    return (*roots, leaf)


def root_of(frontier: Frontier) -> bytes:
    """The head of the tree (§2.1.1)."""
    if not frontier:
        return EMPTY_ROOT
    root = frontier[-1]
    for left in reversed(frontier[:-1]):
        root = node_hash(left, root)
    return root


def fits(frontier: Frontier, size: int) -> bool:
    """Whether a tree of this size can have such a frontier at all."""
    return size.bit_count() == len(frontier) and all(len(root) == HASH_BYTES for root in frontier)


def tree_head(leaves: Sequence[bytes]) -> bytes:
    """The head of the tree over these leaf hashes."""
    frontier: Frontier = ()
    for size, leaf in enumerate(leaves):
        frontier = grown(frontier, size, leaf)
    return root_of(frontier)


def inclusion_proof(leaves: Sequence[bytes], index: int) -> list[bytes]:
    """PATH of §2.1.3.1: with these, and the leaf at `index`, anybody computes the head. Raises IndexError."""
    if not 0 <= index < len(leaves):
        raise IndexError(index)
    if len(leaves) == 1:
        return []
    split = _split(len(leaves))
    if index < split:
        return [*inclusion_proof(leaves[:split], index), tree_head(leaves[split:])]
    return [*inclusion_proof(leaves[split:], index - split), tree_head(leaves[:split])]


def root_from_inclusion(leaf: bytes, *, index: int, size: int, path: Sequence[bytes]) -> bytes | None:
    """The head that the proof leads to (§2.1.3.2); None for a path that no such leaf can have."""
    if not 0 <= index < size:
        return None
    at, last, root = index, size - 1, leaf
    for other in path:
        if last == 0:
            return None
        if at & 1 or at == last:
            root = node_hash(other, root)
            at, last = _up_to_a_right_child(at, last)
        else:
            root = node_hash(root, other)
        at, last = at >> 1, last >> 1
    return root if last == 0 else None


def _up_to_a_right_child(at: int, last: int) -> tuple[int, int]:
    """A node without a brother is its own parent."""
    while at and not at & 1:
        at, last = at >> 1, last >> 1
    return at, last


def _split(size: int) -> int:
    """The largest power of two below."""
    return int(1 << (size - 1).bit_length() - 1)

"""The measurements: each sets up what it compares, lets the load take turns, and says what it found."""

from collections.abc import Callable

from benchmarks.bench import Bench, Findings
from benchmarks.studies.documents import documents
from benchmarks.studies.flood import flood
from benchmarks.studies.footprint import footprint
from benchmarks.studies.founding_mix import founding_mix
from benchmarks.studies.growth import growth
from benchmarks.studies.idle import idle
from benchmarks.studies.introspection import introspection
from benchmarks.studies.refreshing import refreshing
from benchmarks.studies.revocation import revocation
from benchmarks.studies.signing_in import signing_in
from benchmarks.studies.tokens import tokens
from benchmarks.studies.workers import workers

STUDIES: dict[str, Callable[[Bench], Findings]] = {
    "introspection": introspection,
    "tokens": tokens,
    "refreshing": refreshing,
    "signing in": signing_in,
    "documents": documents,
    "founding mix": founding_mix,
    "flood": flood,
    "revocation": revocation,
    "growth": growth,
    "footprint": footprint,
    "idle connections": idle,
    "workers": workers,
}

"""The room that a run measures in: its folder, its stores, its plan, and servers of ours in it."""

from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from benchmarks.load.wrk import Plan
from benchmarks.ours import Ours, Prepared, prepare, serving
from benchmarks.series import Series
from benchmarks.stores import Stores, stores
from benchmarks.subjects import SEEDS_OF_A_TURN


@dataclass
class Findings:
    """What one study has found: series of targets, single figures, and labels that say what they are of."""

    series: dict[str, Series] = field(default_factory=dict)
    figures: dict[str, float] = field(default_factory=dict)
    labels: dict[str, str] = field(default_factory=dict)
    points: dict[str, list[tuple[float, float]]] = field(default_factory=dict)


@dataclass
class Bench:
    """One run."""

    folder: Path
    plan: Plan
    peers: Path
    full: bool
    growth: tuple[int, ...]
    rate: float
    stack: ExitStack
    _stores: Stores | None = None
    _count: int = 0
    _model: Prepared | None = None

    def stores(self) -> Stores:
        """The run's PostgreSQL and Redis, started when first asked for. Raises Missing."""
        if self._stores is None:
            self.plan.say("  starting PostgreSQL and Redis")
            self._stores = self.stack.enter_context(stores(self.plan.load_core))
        return self._stores

    def place(self) -> Path:
        """A new folder."""
        self._count += 1
        made = self.folder / str(self._count)
        made.mkdir()
        return made

    def seeds(self) -> int:
        """Refresh tokens for all turns of one target."""
        return SEEDS_OF_A_TURN * (self.plan.rounds + self.plan.repeats + 1)

    @contextmanager
    def embedded(self) -> Iterator[Ours]:
        """Our server on SQLite, caches in the process. Raises Void."""
        place = self.place()
        with serving(prepare(place), name="SQLite", core=self.plan.server_core, folder=place) as ours:
            yield ours

    @contextmanager
    def on_postgres(
        self, *, redis: bool = False, workers: int = 1, settings: Mapping[str, str] | None = None
    ) -> Iterator[Ours]:
        """Our server on a database of its own in the run's PostgreSQL. Raises Void, Missing."""
        place, there, prepared = self.place(), self.stores(), self._prepared()
        url = there.database(like=prepared.environment["DATABASE_URL"])
        where = {"DATABASE_URL": url, "DATA_DIR": str(place), "REDIS_URL": there.redis_url if redis else ""}
        try:
            with serving(
                prepared.at(**where),
                name="PostgreSQL",
                core=self.plan.server_core,
                folder=place,
                backends=(there.postgres_pid, there.redis_pid) if redis else (there.postgres_pid,),
                workers=workers,
                settings=settings,
            ) as ours:
                yield ours
        finally:
            there.drop(url)

    def _prepared(self) -> Prepared:
        """A database to copy: migrations and accounts are made once for all servers on PostgreSQL."""
        if self._model is None:
            self._model = prepare(self.place(), database_url=self.stores().database())
        return self._model

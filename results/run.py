"""A whole recording, read once: its snapshot, and the requests of each level."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path

from results.gaps import Stretch
from results.samples import Collector, Requests, Sample, steady, steady_from
from results.stream import Stream
from session.events import Header
from session.view import LevelView, Snapshot

_PASSING = 256
"""Events between two calls: some milliseconds of reading."""


@dataclass(frozen=True, slots=True, eq=False)
class LevelRun:
    """One level with its requests."""

    view: LevelView
    sample: Sample
    requests: Requests

    @property
    def steady_gaps(self) -> list[Stretch]:
        """Gaps between tokens of the steady part, or of the whole level where it has none, by stretches of time."""
        return self.requests.stretches.since(self.view.started_s + steady_from(self.view))

    @property
    def steady_s(self) -> float:
        """How long that lasted."""
        return self.view.duration_s - steady_from(self.view)


@dataclass(frozen=True, slots=True, eq=False)
class Run:
    """One recording."""

    name: str
    """What it is called in tables: the file's name without its suffix."""
    snapshot: Snapshot
    levels: tuple[LevelRun, ...]

    @property
    def header(self) -> Header:
        """What was run."""
        return self.snapshot.header

    @property
    def tp(self) -> int | None:
        """Tensor parallelism: what was said, else the number of GPUs in use; ``None`` where neither is known."""
        said = self.snapshot.setup.tp if self.snapshot.setup else None
        used = (level.view.efficiency.gpus for level in self.levels if level.view.efficiency is not None)
        return said or next(used, None)


def load(
    path: Path,
    name: str | None = None,
    passing: Callable[[float], None] = lambda _: None,
    slo: Mapping[str, float] | None = None,
) -> Run:
    """Read a recording, by other bounds where ``slo`` has them; raise ``OSError`` or ``NotARecording``.

    ``passing`` is called now and then with the time of the event that is read, in seconds; what it raises ends it.
    """
    collector = Collector()
    with Stream(path, slo) as stream:
        for number, event in enumerate(stream):
            collector.apply(event)
            if number % _PASSING == 0:
                passing(event.t_s)
        return of(name or short_name(path), stream.snapshot(), collector)


def of(name: str, snapshot: Snapshot, collector: Collector) -> Run:
    """Put together what was gathered of one recording."""
    gathered = ((view, collector.levels[view.number - 1]) for view in snapshot.levels)
    return Run(name, snapshot, tuple(LevelRun(view, steady(requests, view), requests) for view, requests in gathered))


def short_name(path: Path) -> str:
    """Return a file's name without ``.rooftop`` and ``.gz``."""
    return path.name.removesuffix(".gz").removesuffix(".rooftop") or path.name

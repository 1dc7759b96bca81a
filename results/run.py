"""A whole recording, read once: its snapshot, and the requests of each level."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from results.samples import Collector, Requests, Sample, steady
from session.events import Header
from session.fold import State
from session.recording import Reader
from session.view import LevelView, Snapshot


@dataclass(frozen=True, slots=True, eq=False)
class LevelRun:
    """One level with its requests."""

    view: LevelView
    sample: Sample
    requests: Requests


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


def load(path: Path, name: str | None = None) -> Run:
    """Read a recording; raise ``OSError`` or :class:`session.codec.NotARecording`."""
    reader = Reader(path)
    try:
        state, collector = State(reader.header), Collector()
        for event in reader.poll():
            state.apply(event)
            collector.apply(event)
        state.unread = reader.unread
    finally:
        reader.close()
    snapshot = state.snapshot()
    gathered = ((view, collector.levels[view.number - 1]) for view in snapshot.levels)
    levels = tuple(LevelRun(view, steady(requests, view), requests) for view, requests in gathered)
    return Run(name or short_name(path), snapshot, levels)


def short_name(path: Path) -> str:
    """Return a file's name without ``.rooftop`` and ``.gz``."""
    return path.name.removesuffix(".gz").removesuffix(".rooftop") or path.name

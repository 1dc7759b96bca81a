"""A recording read once for a page."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from results.page.timeline import Timeline
from results.run import Run, short_name
from results.run import of as run_of
from results.samples import Collector
from results.stream import Stream


@dataclass(frozen=True, slots=True, eq=False)
class Source:
    """All that plots are made of."""

    run: Run
    timeline: Timeline


def read(path: Path) -> Source:
    """Read it; raise ``OSError`` or :class:`session.codec.NotARecording`."""
    timeline, collector = Timeline(), Collector()
    with Stream(path) as stream:
        for event in stream:
            timeline.apply(event)
            collector.apply(event)
        return Source(run_of(short_name(path), stream.snapshot(), collector), timeline)

"""A recording read once for a page."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from results.page.timeline import Timeline
from results.run import Run, short_name
from results.run import of as run_of
from results.samples import Collector
from results.stream import Stream
from session.running import is_running


@dataclass(frozen=True, slots=True, eq=False)
class Source:
    """All that plots are made of."""

    run: Run
    timeline: Timeline
    running: bool = False
    """It was being recorded when it was read."""


def read(path: Path, slo: Mapping[str, float] | None = None) -> Source:
    """Read it, by other bounds where ``slo`` has them; raise ``OSError`` or :class:`session.codec.NotARecording`."""
    running = is_running(path)
    timeline, collector = Timeline(), Collector()
    with Stream(path, slo) as stream:
        for event in stream:
            timeline.apply(event)
            collector.apply(event)
        return Source(run_of(short_name(path), stream.snapshot(), collector), timeline, running)

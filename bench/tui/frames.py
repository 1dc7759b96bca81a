"""What frames cost, view by view, without a terminal: CPU time on a clock that is set by hand."""

from __future__ import annotations

import asyncio
import gc
import time
from dataclasses import dataclass, field
from pathlib import Path

from bench.tui.measures import Figures, quantile
from bench.tui.rows import of_view
from bench.tui.terminal import COLUMNS, LINES
from session.playback import ReplaySession
from tests.tui.wiretap import tapped
from tui.app import RooftopApp
from tui.pace import BEATS
from tui.views.registry import VIEWS

SETTLE = 3
"""Frames after a seek that are not counted."""


@dataclass(slots=True)
class Costs:
    """CPU milliseconds in which the screen hears no key."""

    frames: list[float] = field(default_factory=list)
    """Of summing up, drawing and encoding, once a second."""
    beats: list[float] = field(default_factory=list)
    """Of those, and of the reads: five a second, the last right before a frame, with keys in between."""


def frames(recording: Path, begin_s: float, seconds: int = 20) -> Figures:
    """Return what frames and beats cost at the default pace: of each view, and of all together."""
    found = {view: asyncio.run(_costs(view, recording, begin_s, seconds)) for view in VIEWS}
    every = Costs(
        [ms for one in found.values() for ms in one.frames], [ms for one in found.values() for ms in one.beats]
    )
    figures = _figures(every)
    for view, costs in found.items():
        figures |= {of_view(view, key): value for key, value in _figures(costs).items()}
    return figures


def _figures(costs: Costs) -> Figures:
    return {
        "frame_p50_ms": quantile(costs.frames, 0.5),
        "frame_p99_ms": quantile(costs.frames, 0.99),
        "beat_max_ms": max(costs.beats),
    }


async def _costs(view: str, recording: Path, begin_s: float, seconds: int) -> Costs:
    clock = [0.0]
    session = ReplaySession(recording, clock=lambda: clock[0])
    app = RooftopApp(session, None, theme_folder=Path("/nonexistent"), refresh_s=3600)
    costs = Costs()
    async with tapped(app, (COLUMNS, LINES)) as (pilot, _):
        session.seek(begin_s + SETTLE)
        app.act(view)
        gc.freeze()  # as rooftop.screen does
        for frame in range(SETTLE + seconds):
            beats = [_read(session, clock) for _ in range(BEATS)]
            began = time.process_time()
            app.tick()
            await asyncio.sleep(0)
            app.screen._on_timer_update()
            cost_ms = (time.process_time() - began) * 1e3
            await pilot.pause()
            if frame >= SETTLE:
                costs.frames.append(cost_ms)
                costs.beats += [*beats, cost_ms]
    return costs


def _read(session: ReplaySession, clock: list[float]) -> float:
    clock[0] += 1.0 / BEATS
    began = time.process_time()
    session.read()
    return (time.process_time() - began) * 1e3

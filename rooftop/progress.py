"""How a headless run shows where it is: a bar per level on a terminal, plain lines in a pipe."""

from __future__ import annotations

import contextlib
import sys
from collections.abc import Iterator
from typing import Protocol

from loadgen.plan import Ramp
from session.view import LevelView, Snapshot


class Progress(Protocol):
    """Follows a run."""

    def began(self, amount: float, before: Snapshot) -> None:
        """Show that a level was asked for; ``before`` does not have it yet."""

    def update(self, snapshot: Snapshot) -> None:
        """Show the present state."""

    def ended(self, snapshot: Snapshot) -> None:
        """Show that the level ended."""


@contextlib.contextmanager
def progress(ramp: Ramp) -> Iterator[Progress]:
    """Give what suits the terminal."""
    if not sys.stderr.isatty():
        yield Lines(ramp)
        return
    from rich.console import Console
    from rich.progress import BarColumn, TextColumn, TimeElapsedColumn
    from rich.progress import Progress as Bars

    columns = (TextColumn("{task.description}", markup=False), BarColumn(), TimeElapsedColumn(),
               TextColumn("{task.fields[now]}", markup=False))  # fmt: skip
    with Bars(*columns, console=Console(stderr=True)) as bars:
        yield LevelBars(bars, ramp)


def level_name(ramp: Ramp) -> str:
    """Return what a ramp's levels are."""
    return "requests/s" if ramp.mode == "open" else "concurrency"


def now_line(level: LevelView | None) -> str:
    """Return a level's figures in one line."""
    if level is None or level.rates.output_tok_s is None:
        return "waiting for the first token"
    tpot, ttft = level.latencies.itl.p50, level.latencies.ttft.p50
    parts = [
        f"{level.rates.output_tok_s:,.0f} tok/s",
        f"TTFT {ttft * 1e3:.1f} ms" if ttft is not None else "",
        f"ITL {tpot * 1e3:.2f} ms" if tpot is not None else "",
        level.verdict.step or "",
        f"errors {sum(level.errors.values())}" if level.errors else "",
    ]
    return "  ".join(p for p in parts if p)


class Lines:
    """One line as a level begins and one as it ends, on standard error."""

    def __init__(self, ramp: Ramp) -> None:
        self._name = level_name(ramp)

    def began(self, amount: float, before: Snapshot) -> None:  # noqa: ARG002
        """Print that a level began."""
        print(f"{self._name} {amount:g}", file=sys.stderr, flush=True)

    def update(self, snapshot: Snapshot) -> None:
        """Nothing: a pipe gets lines, not frames."""

    def ended(self, snapshot: Snapshot) -> None:
        """Print a level's figures."""
        print(f"  {now_line(snapshot.level)}", file=sys.stderr, flush=True)


class LevelBars:
    """A bar per level."""

    def __init__(self, bars: object, ramp: Ramp) -> None:
        from rich.progress import Progress as Bars

        assert isinstance(bars, Bars)
        self._bars = bars
        self._hold_s = ramp.hold_s
        self._tasks = [
            bars.add_task(f"{level_name(ramp)} {level:>5g}", total=ramp.hold_s, start=False, now="")
            for level in ramp.levels
        ]
        self._at = -1
        self._before = 0

    def began(self, amount: float, before: Snapshot) -> None:  # noqa: ARG002
        """Start the next bar."""
        self._at += 1
        self._before = before.level.number if before.level else 0
        self._bars.start_task(self._tasks[self._at])

    def update(self, snapshot: Snapshot) -> None:
        """Move the bar."""
        level = snapshot.level
        if level is None or level.number <= self._before or not level.amount:
            return
        done_s = min(level.duration_s, self._hold_s)
        self._bars.update(self._tasks[self._at], completed=done_s, now=now_line(level))

    def ended(self, snapshot: Snapshot) -> None:
        """Fill the bar."""
        self._bars.update(self._tasks[self._at], completed=self._hold_s)
        self._bars.stop_task(self._tasks[self._at])
        del snapshot

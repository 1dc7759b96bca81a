"""What should be known of the sides besides their figures."""

from __future__ import annotations

from collections.abc import Iterator

from results.compare.comparison import Comparison
from results.run import Run
from session.lost import lost_lines
from session.slo import SHARE, slo_of


def slo_lines(found: Comparison, share: float = SHARE) -> list[str]:
    """Return which loads of each recording meet its bounds; ``share`` of their requests have to be good, 0 to 1."""
    results = ((name, slo_of(run.snapshot, share)) for name, run in _runs(found))
    return [f"{name}: {line}" for name, slo in results if slo is not None for line in slo.lines]


def damage(found: Comparison) -> list[str]:
    """Return what of each recording cannot be read, and which have no end."""
    return [f"{name}: {line}" for name, run in _runs(found) for line in _damage(run)]


def _damage(run: Run) -> Iterator[str]:
    snapshot = run.snapshot
    yield from lost_lines(snapshot.lost)
    if snapshot.unread:
        yield f"{snapshot.unread} lines of the recording could not be read"
    if snapshot.ended is None:
        yield "it has no end: cut off, or still running"


def _runs(found: Comparison) -> Iterator[tuple[str, Run]]:
    """Yield every recording with what to call it: its side, and its own name where the side has several."""
    for side in found.sides:
        for run in side.runs:
            yield (side.name if len(side.runs) == 1 else f"{side.name}, {run.name}"), run

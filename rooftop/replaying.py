"""A trace without a screen: what is shown while it is sent, and when it is over."""

from __future__ import annotations

import contextlib
import sys
import time
from collections.abc import Callable, Iterator

from rooftop.progress import now_line
from rooftop.session import Begun
from rooftop.trace_options import Replayed
from session.playback import LiveSession
from session.view import Snapshot

POLL_S = 0.1


def follow_trace(trace: Replayed, begun: Begun, session: LiveSession) -> None:
    """Wait until the trace's last request has ended; raise :class:`rooftop.errors.Failure` where it cannot."""
    with _progress(trace) as show:
        snapshot = session.refresh()
        while not _over(snapshot):
            time.sleep(POLL_S)
            snapshot = session.refresh()
            begun.check(snapshot)
            show(snapshot)


def _over(snapshot: Snapshot) -> bool:
    return snapshot.level is not None and snapshot.speed == 0


@contextlib.contextmanager
def _progress(trace: Replayed) -> Iterator[Callable[[Snapshot], None]]:
    """Give what shows a state: a bar on a terminal; a pipe gets a line as it begins and one as it ends."""
    name = f"trace {trace.info.name} ×{trace.speed:g}"
    if sys.stderr.isatty():
        with _bar(name, trace.info.requests) as show:
            yield show
        return
    took_s = trace.info.duration_s / trace.speed
    print(f"{name}: requests {trace.info.requests}, seconds {took_s:.0f}", file=sys.stderr, flush=True)
    last: list[Snapshot] = []
    yield lambda snapshot: last.__setitem__(slice(None), [snapshot])
    if last:
        print(f"  {_now(last[0])}", file=sys.stderr, flush=True)


@contextlib.contextmanager
def _bar(name: str, requests: int) -> Iterator[Callable[[Snapshot], None]]:
    from rich.console import Console
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

    columns = (TextColumn("{task.description}", markup=False), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn(),
               TextColumn("{task.fields[now]}", markup=False))  # fmt: skip
    with Progress(*columns, console=Console(stderr=True)) as bars:
        task = bars.add_task(name, total=requests, now="")
        yield lambda snapshot: bars.update(
            task, completed=snapshot.trace.ended if snapshot.trace else 0, now=_now(snapshot)
        )


def _now(snapshot: Snapshot) -> str:
    return now_line(snapshot.levels[-1] if snapshot.levels else None)

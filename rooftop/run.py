"""``rooftop run``: a ramp without a screen, by the same engine."""

from __future__ import annotations

import argparse
import contextlib
import signal
import sys
import time
from collections.abc import Callable, Iterator
from types import FrameType

from loadgen.plan import Ramp
from loadgen.target import Target
from rooftop.errors import Failure, Usage
from rooftop.progress import Progress, progress
from rooftop.remarks import client_bound
from rooftop.replaying import follow_trace
from rooftop.session import Begun, begin, ramp_of, target_of
from rooftop.simulated import simulated_server
from session.playback import LiveSession
from session.view import Snapshot
from sim.flags import words
from telemetry.server import preflight

POLL_S = 0.1
GONE_S = 5.0
"""A server that answers nobody and sends nothing for so long is not waited for any more."""
STRETCH = 10
"""A level in which nothing has ended yet is held up to so many times as long as asked."""


class Interrupted(Exception):
    """A signal asked to stop."""


def run(args: argparse.Namespace) -> int:
    """Run a ramp and print the levels."""
    if args.demo == (args.url is not None):
        raise Usage("say a URL or --demo: rooftop run http://localhost:8000 --concurrency 1,2,4,8")
    if args.demo:
        with simulated_server(args.gpu or "h200", args.model or "llama-3.1-8b", args.tp or 1, words(args)) as url:
            return _run(args, target_of(args, url), simulated=True)
    if words(args):
        raise Usage("--sim-slow, --sim-kv-tokens and --sim-freeze are for the simulated server: say --demo, not a URL")
    return _run(args, target_of(args, args.url), simulated=False)


def _run(args: argparse.Namespace, target: Target, *, simulated: bool) -> int:
    found = preflight(target.url, None if simulated else args.model, target.authorization)
    if found.problem:
        raise Failure(found.problem)
    opened = begin(args, target, concurrency=0, simulated=simulated, model=found.model, model_len=found.max_model_len)
    with opened as begun:
        if begun.warning:
            print(f"rooftop: {begun.warning}", file=sys.stderr)
        session = LiveSession(begun.path)
        try:
            with _interruptible():
                if args.trace is not None:
                    follow_trace(args.trace, begun, session)
                else:
                    _drive(ramp_of(args), begun, session)
                _drain(begun, session, args.timeout)
        except Interrupted as error:
            begun.engine.stop(0.0, str(error))
            print(f"rooftop: {error}; recorded {begun.path}", file=sys.stderr)
            if (late := client_bound(session.refresh())) is not None:
                print(f"rooftop: {late}", file=sys.stderr)
            return 1
        begun.engine.stop(0.0, "done")
        snapshot = session.refresh()
        session.close()
    from rooftop.table import print_report  # Rich: a tenth of a second that the first request need not wait for

    print_report(snapshot)
    print(f"recorded {begun.path}")
    return _verdict(snapshot)


def _drive(ramp: Ramp, begun: Begun, session: LiveSession) -> None:
    """Set one level after the other until the last has been held."""
    with progress(ramp) as show:
        snapshot = session.refresh()
        while not ramp.done:
            now = time.monotonic()
            _stretch(ramp, snapshot, now)
            if (amount := ramp.due(now)) is not None:
                _announce(show, ramp, amount, snapshot)
                begun.engine.set_load(ramp.mode, amount, "plan")
            time.sleep(POLL_S)
            snapshot = session.refresh()
            show.update(snapshot)
            begun.check(snapshot)


def _announce(show: Progress, ramp: Ramp, amount: float, snapshot: Snapshot) -> None:
    if ramp.at > 0:
        show.ended(snapshot)
    if amount:
        show.began(amount, snapshot)


def _stretch(ramp: Ramp, snapshot: Snapshot, now: float) -> None:
    """Hold a level on while none of its requests has ended: it could not say anything yet."""
    level = snapshot.level
    if level is None or not level.amount or level.requests or level.errors:
        return
    if level.duration_s < ramp.hold_s * STRETCH:
        ramp.extend(now + POLL_S)


def _drain(begun: Begun, session: LiveSession, limit_s: float) -> None:
    """Let the requests in flight end: their tokens count. Of a server that has gone, nothing is waited for."""
    began = moved = time.monotonic()
    while (now := time.monotonic()) < began + limit_s and begun.engine.problem() is None:
        snapshot = session.refresh()
        if snapshot.amount == 0 and snapshot.in_flight == 0 and snapshot.server.running in (0, None):
            return
        if not _gone(snapshot):
            moved = now
        elif now - moved > GONE_S:
            held = f"{snapshot.in_flight} requests in flight are given up"
            print(f"rooftop: {held}: the server does not answer, and sends nothing", file=sys.stderr)
            return
        time.sleep(POLL_S)


def _gone(snapshot: Snapshot) -> bool:
    """Whether the server, or its ``/metrics``, answers nobody, and no token has come for ten seconds."""
    silent = any(source.ok is False for name, source in snapshot.sources.items() if name in ("server", "metrics"))
    return silent and not snapshot.rates.output_tok_s


def _verdict(snapshot: Snapshot) -> int:
    """Return the exit code: a run in which nothing came back has failed."""
    if snapshot.requests:
        return 0
    why = f": {snapshot.last_error.text}" if snapshot.last_error else ""
    print(f"rooftop: no request was answered{why}", file=sys.stderr)
    return 1


@contextlib.contextmanager
def _interruptible() -> Iterator[None]:
    """Turn signals into :class:`Interrupted`, so that the recording ends in order."""

    def stop(number: int, frame: FrameType | None) -> None:
        del frame
        raise Interrupted(f"stopped by {signal.Signals(number).name}")

    before: dict[int, Callable[[int, FrameType | None], object] | int | None] = {
        number: signal.signal(number, stop) for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)
    }
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)

"""``rooftop [URL]`` and ``rooftop demo``: the screen over a running session."""

from __future__ import annotations

import argparse
import os
import signal
import sys
import threading
from types import FrameType
from typing import TYPE_CHECKING

from engine.handle import EngineHandle
from loadgen.plan import Ramp
from loadgen.target import Target
from rooftop.errors import Usage
from rooftop.remarks import client_bound
from rooftop.session import begin, ramp_of, target_of
from rooftop.simulated import simulated_server
from rooftop.terminal import has_terminal
from session.playback import LiveSession
from session.timeshift import TimeShift
from sim.flags import words

if TYPE_CHECKING:
    from tui.app import RooftopApp

DEMO_LEVELS = (1, 4, 16, 64, 128, 256, 512)
DEMO_HOLD_S = 8.0
LEAVE_S = 5.0


def watch(args: argparse.Namespace) -> int:
    """Watch a server, and load it when asked."""
    _need_terminal("rooftop run URL --concurrency 1,2,4,8")
    return _show(args, target_of(args, args.url), args.concurrency, args.rate)


def demo(args: argparse.Namespace) -> int:
    """Watch the simulated server answer a ramp."""
    with simulated_server(args.gpu, args.model, args.tp or 1, words(args)) as url:
        ramp = ramp_of(args) if args.trace is None else None
        return _show(args, target_of(args, url), 0, ramp=ramp, simulated=True)


def _need_terminal(instead: str) -> None:
    if not has_terminal():
        raise Usage(f"the screen needs a terminal; without one use: {instead}")


def _show(
    args: argparse.Namespace,
    target: Target,
    concurrency: int,
    rate: float | None = None,
    ramp: Ramp | None = None,
    *,
    simulated: bool = False,
) -> int:
    from tui.app import RooftopApp  # Textual takes a third of a second: only the screen pays for it

    with begin(args, target, concurrency=concurrency, rate=rate, simulated=simulated) as begun:
        session = TimeShift(LiveSession(begun.path))
        app = RooftopApp(session, begun.engine, theme=args.theme, ramp=ramp)
        end_on_signals(app, begun.engine)
        app.run(mouse=app.config.mouse)
        problem = begun.engine.problem()
        late = client_bound(session.refresh())
        session.close()
    if begun.warning:
        print(f"rooftop: {begun.warning}", file=sys.stderr)
    print(f"recorded {begun.path}")
    print(f"  rooftop replay {begun.path}\n  rooftop report {begun.path}")
    if late:
        print(late)
    if problem:
        print(f"rooftop: {problem}", file=sys.stderr)
        return 1
    return app.return_code or 0


def end_on_signals(app: RooftopApp, engine: EngineHandle | None = None) -> None:
    """Leave the screen in order when the terminal goes away or somebody ends the process.

    The load stops first. A screen whose terminal is gone may hang in writing to it: it gets a few seconds, and the
    engine completes the recording without it.
    """

    def leave(number: int, frame: FrameType | None) -> None:
        del frame
        if engine is not None:
            engine.ask_to_stop(f"ended by {signal.Signals(number).name}")
        app.leave_soon(128 + number)
        last = threading.Timer(LEAVE_S, os._exit, (128 + number,))
        last.daemon = True
        last.start()

    for number in (signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, leave)

"""``rooftop [URL]`` and ``rooftop demo``: the screen over a running session."""

from __future__ import annotations

import argparse
import sys

from loadgen.plan import Ramp
from loadgen.target import Target
from rooftop.collecting import uncollected
from rooftop.errors import Usage
from rooftop.remarks import client_bound
from rooftop.screen import run_screen
from rooftop.session import begin, ramp_of, target_of
from rooftop.simulated import simulated_server
from rooftop.terminal import cannot_draw, sense_of
from session.playback import LiveSession
from session.timeshift import TimeShift
from sim.flags import words

DEMO_LEVELS = (1, 4, 16, 64, 128, 256, 512)
DEMO_HOLD_S = 8.0


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
    if why := cannot_draw():
        raise Usage(f"{why}; without one use: {instead}")


def _show(
    args: argparse.Namespace,
    target: Target,
    concurrency: int,
    rate: float | None = None,
    ramp: Ramp | None = None,
    *,
    simulated: bool = False,
) -> int:
    with uncollected():
        from tui.app import RooftopApp  # Textual takes a third of a second: only the screen pays for it

    with begin(args, target, concurrency=concurrency, rate=rate, simulated=simulated) as begun:
        session = TimeShift(LiveSession(begun.path))
        app = RooftopApp(session, begun.engine, theme=args.theme, ramp=ramp, sense=sense_of(args))
        code = run_screen(app, begun.engine, mouse=app.config.mouse)
        problem = begun.engine.problem()
        late = client_bound(session.refresh()) if app.crash is None else None
        session.close()
    if begun.warning:
        print(f"rooftop: {begun.warning}", file=sys.stderr)
    print(f"recorded {begun.path}")
    print(f"  rooftop replay {begun.path}\n  rooftop report {begun.path}")
    args.onward = app.onward
    if late:
        print(late)
    if problem:
        print(f"rooftop: {problem}", file=sys.stderr)
        return 1
    return code

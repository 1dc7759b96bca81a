"""The figures of any program in a terminal: what it sends and takes, from its start, at rest and at work."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass

from bench.tui.processes import cpu_s, peak_mib
from bench.tui.terminal import Picture, Taken, Terminal, first_that_shows

Figures = dict[str, float | None]


@dataclass(frozen=True, slots=True)
class Program:
    """A program to be measured, and what its user would do."""

    name: str
    argv: list[str]
    env: dict[str, str]
    full: Callable[[str], bool]
    """Whether a screen's text is the first full frame."""
    work: tuple[str, ...] = ()
    """Keys that lead from its start to its busiest, one after another."""
    rest: str | None = None
    """Key that holds the picture; ``None``: it has none."""
    ready_s: float = 3.0
    """How long its start is watched."""
    settle_s: float = 3.0
    views: tuple[tuple[str, str], ...] = ()
    """Names of its views, each with the key that shows it."""


def measure(program: Program, seconds: float) -> Figures:
    """Run a program once; return its figures."""
    with Terminal(program.argv, program.env) as terminal:
        terminal.read(program.ready_s)
        if terminal.closed or not terminal.alive():
            raise ChildProcessError(_last_words(terminal.taken))
        figures = _start(program, terminal)
        for key in program.work:
            terminal.press(key)
            terminal.read(0.5)
        terminal.read(program.settle_s)
        figures |= _stretch(terminal, seconds, "busy") | _of_views(program, terminal, seconds / 2, "busy")
        if program.rest is not None:
            terminal.press(program.rest)
            terminal.read(3.0)
            figures |= _stretch(terminal, min(seconds, 10.0), "idle") | _of_views(program, terminal, 4.0, "idle")
        figures["memory_mib"] = peak_mib(terminal.pid)
    return figures


def _start(program: Program, terminal: Terminal) -> Figures:
    found = first_that_shows(terminal.taken, program.full)
    if found is None:
        raise ChildProcessError(f"no full frame in {program.ready_s:g} s: {_last_words(terminal.taken)}")
    return {"first_frame_s": found[0], "start_kb": found[1] / 1e3}


def _stretch(terminal: Terminal, seconds: float, name: str) -> Figures:
    """Return bytes and CPU over so many seconds."""
    begin_s, cpu = terminal.now_s, cpu_s(terminal.pid)
    terminal.read(seconds)
    span_s = terminal.now_s - begin_s
    return {
        f"{name}_kb_s": terminal.taken.size(begin_s) / span_s / 1e3,
        f"{name}_cpu_pct": 100 * (cpu_s(terminal.pid) - cpu) / span_s,
    }


def _of_views(program: Program, terminal: Terminal, seconds: float, name: str) -> Figures:
    """Return the same of each view."""
    figures: Figures = {}
    for view, key in program.views:
        terminal.press(key)
        terminal.read(3.0)
        figures |= {f"{view}/{figure}": value for figure, value in _stretch(terminal, seconds, name).items()}
    return figures


def _last_words(taken: Taken) -> str:
    """Return the last line that a program said before it failed, without escapes."""
    text = b"".join(data for _, data in taken.chunks[-4:]).decode(errors="replace")
    lines = ["".join(c for c in line if c.isprintable()).strip() for line in text.splitlines()]
    return next((line[-160:] for line in reversed(lines) if line), "it said nothing")


def key_to_bytes(terminal: Terminal, keys: tuple[str, ...], presses: int, apart_s: float = 0.15) -> list[float]:
    """Return, for each press, how long the first byte after it took; on a screen that sends nothing by itself."""
    taken: list[float] = []
    for press in range(presses):
        terminal.read_until_quiet(apart_s)
        at = terminal.press(keys[press % len(keys)])
        terminal.read_until(lambda at=at: terminal.taken.first(at) is not None, 2.0)
        came = terminal.taken.first(at)
        taken.append(came - at if came is not None else float("inf"))
    return taken


def key_to_sign(terminal: Terminal, key: str, sign: str, presses: int, apart_s: float = 0.33) -> list[float]:
    """Return how long it took until the screen showed a sign, or showed it no longer, while it is at work.

    The picture is drawn afterwards, so that drawing delays nothing.
    """
    pressed: list[float] = []
    for _ in range(presses):
        pressed.append(terminal.press(key))
        terminal.read(apart_s)
    return _changes(terminal.taken, sign, pressed)


def _changes(taken: Taken, sign: str, pressed: list[float]) -> list[float]:
    picture, showing = Picture(), False
    changed: list[float] = []
    for t_s, data in taken.chunks:
        picture.feed(data)
        if t_s >= pressed[0] and (sign in picture.text()) != showing:
            showing = not showing
            changed.append(t_s)
    return [came - at for at, came in zip(pressed, changed, strict=False)]


def quantile(values: list[float], share: float) -> float | None:
    """Return the value that so many of them do not exceed (nearest rank)."""
    ordered = sorted(values)
    return ordered[min(len(ordered) - 1, round(share * (len(ordered) - 1)))] if ordered else None


def wait_until(done: Callable[[], bool], limit_s: float = 10.0) -> float | None:
    """Return the monotonic time at which something first held."""
    end = time.monotonic() + limit_s
    while time.monotonic() < end:
        if done():
            return time.monotonic()
        time.sleep(0.002)
    return None

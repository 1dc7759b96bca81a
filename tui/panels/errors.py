"""Errors by kind: how many, when, and what the last of each said."""

from __future__ import annotations

from session.finished import ErrorKind
from tui.draw.clean import clean
from tui.draw.fmt import clock, whole
from tui.lines import EMPTY, Block, Line, join, lpad, pad, say
from tui.panels.text import wrap
from tui.scene import Scene

_KIND = 22


def errors(scene: Scene, width: int, height: int) -> Block:
    """Return a row for each kind, the most frequent first, with its text as far as it fits."""
    snap = scene.snapshot
    kinds = snap.finished.kinds
    title = say("Errors by kind", "title")
    if height < 1:
        return Block((), title)
    if not kinds:
        ended = f"none in {whole(snap.requests)} requests" if snap.requests else "none"
        return Block((say(ended, "good" if snap.requests else "dim"),), title)
    failed = sum(kind.count for kind in kinds)
    share = failed / (failed + snap.requests)
    said = f"{whole(failed)} of {whole(failed + snap.requests)} requests, {100 * share:.2g} %"
    shown = kinds if len(kinds) <= height else kinds[: max(1, height - 1)]
    spare = max(0, height - len(shown)) // len(shown)
    lines = [line for kind in shown for line in _rows(kind, snap.now_s, width, 1 + spare)]
    if len(shown) < len(kinds) and height > 1:
        lines.append(say(f"and {len(kinds) - len(shown)} kinds more", "dim"))
    return Block(tuple(lines[:height]), title, say(said, "bad"))


def _rows(kind: ErrorKind, now_s: float, width: int, most: int) -> list[Line]:
    status = f" {kind.status}" if kind.status is not None else ""
    name = pad(f"{clean(kind.kind)}{status}", _KIND)
    lead: Line = (("✗ ", "bad"), (lpad(whole(kind.count), 6), "bad"), (f"  {name}", "text"))
    when = f"last {clock(kind.last_s)}, {_ago(now_s - kind.last_s)} ago"
    begin = 2 + 6 + 2 + _KIND + 2
    text = wrap(clean(kind.detail or ""), max(12, width - begin - len(when) - 2), most)
    first = join([lead, say(when, "dim"), say(text[0], "text") if text else EMPTY])
    return [first, *(say(" " * (begin + len(when) + 2) + line) for line in text[1:])]


def _ago(seconds: float) -> str:
    seconds = max(0.0, seconds)
    if seconds < 120:
        return f"{seconds:.0f} s"
    return f"{seconds / 60:.0f} min" if seconds < 7200 else f"{seconds / 3600:.0f} h"

"""Errors by kind: how many, when, and what the last of each said."""

from __future__ import annotations

from session.finished import ErrorKind
from tui.draw.clean import clean
from tui.draw.fmt import clock, whole
from tui.lines import Block, Line, join, lpad, pad, say, width_of
from tui.panels.remedies import named, remedy
from tui.panels.text import wrap
from tui.scene import Scene

_WIDE = 90
_KIND, _SHORT, _INDENT = 22, 14, 9


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
    """Return a kind's line, with its text behind it, or below it where that is narrow and there is room."""
    when = f"last {clock(kind.last_s)}, {_ago(now_s - kind.last_s)} ago"
    name = pad(named(clean(kind.kind), kind.status), _KIND if width >= _WIDE else _SHORT)
    head: Line = (("✗ ", "bad"), (lpad(whole(kind.count), 5), "bad"), (f"  {name}  ", "text"), (when, "dim"))
    said, begin = clean(kind.detail or ""), width_of(head) + 2
    todo = remedy(kind.kind)
    do = [f"→ {todo}"] if todo else []
    if width < _WIDE and most > 1:
        return [head, *_below(said, do, _INDENT, width - _INDENT, most - 1)]
    first, *more = wrap(said, max(12, width - begin), most) or [""]
    return [join([head, say(first)]), *_below(" ".join(more), do, begin, max(12, width - begin), most - 1)]


def _below(said: str, do: list[str], indent: int, width: int, most: int) -> list[Line]:
    """Return the rest of what was said, and below it, where there is room, what to do."""
    lines = wrap(said, width, most)
    todo = [line for text in do for line in wrap(text, width, most - len(lines))]
    return [say(" " * indent + line) for line in lines] + [say(" " * indent + line, "accent") for line in todo]


def _ago(seconds: float) -> str:
    seconds = max(0.0, seconds)
    if seconds < 120:
        return f"{seconds:.0f} s"
    return f"{seconds / 60:.0f} min" if seconds < 7200 else f"{seconds / 3600:.0f} h"

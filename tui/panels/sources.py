"""Where figures come from: whether each source answers, how old its last answer is, and why there is none."""

from __future__ import annotations

from session.view import SourceView
from tui.draw.clean import clean
from tui.draw.fmt import age, lasting
from tui.lines import Block, Line, pad, say
from tui.panels.text import stale, wrap
from tui.scene import Scene


def sources(scene: Scene, width: int, height: int) -> Block:
    """Return one source a row, its reason below it where there is room."""
    title = say("Sources", "title")
    found = sorted(scene.snapshot.sources.values(), key=lambda source: source.name)
    lines: list[Line] = []
    for source in found:
        lines.extend(_source(source, width))
    return Block(tuple(lines or [say("none heard of yet", "dim")])[: max(0, height)], title)


def _source(source: SourceView, width: int) -> list[Line]:
    sign, role, word = {True: ("✓", "good", "answers"), False: ("✗", "warn", "missing")}.get(
        bool(source.ok) if source.ok is not None else None,  # type: ignore[arg-type]
        ("·", "dim", "waiting"),
    )
    old = "" if source.age_s is None else f"for {lasting(source.age_s)}" if source.ok is False else age(source.age_s)
    head: Line = (
        (f"{sign} ", role),
        (pad(clean(source.name), 10), "text"),
        (pad(word, 9), role),
        (old, "warn" if stale(source.age_s) else "dim"),
    )
    reason = wrap(clean(source.reason), max(1, width - 2), 3) if source.reason else []
    return [head, *(say("  " + line, "dim") for line in reason)]

"""What the server says of itself."""

from __future__ import annotations

from session.view import ServerView
from tui.draw.bars import gauge
from tui.draw.clean import clean
from tui.draw.fmt import DASH, kilo, ms_unit, share, sig3, whole
from tui.lines import EMPTY, Block, Line, join, lpad, pad, say, width_of
from tui.panels.text import age_note, missing, stale
from tui.scene import Scene

_WHAT = "the server's metrics"
_COLUMNS = (14, 18, 17, 17)
"""Widths of the columns of figures."""


def server(scene: Scene, width: int, height: int) -> Block:
    """Return the server's figures in a grid, or in one line where the panel is low."""
    view = scene.snapshot.server
    source = scene.snapshot.sources.get("metrics")
    title = say("Server" if view.kind == "vLLM" else f"Server ({clean(view.kind)})", "title")
    partly = clean(source.reason) if source is not None and source.ok and source.reason else ""
    corner = age_note(view.age_s) or say(f"{view.engines} engines" if view.engines > 1 else partly, "dim")
    if source is not None and source.ok is False and view.age_s is None:
        return Block(missing(source, _WHAT, width, height), title)
    if view.age_s is None and view.running is None:
        return Block(missing(None, _WHAT, width, height), title)
    dull = stale(view.age_s)
    if height < 3:
        return Block(_flow(_facts(view, dull), width), title, corner)
    return Block(_grid(view, width, dull), title, corner)


def _facts(view: ServerView, dull: bool) -> list[tuple[str, str, str]]:
    """Return label, value and role of every figure, the most telling first."""
    waiting = "warn" if view.waiting else "value"
    preempted = "warn" if view.preemptions else "value"
    facts = [
        ("running", whole(view.running), "value"),
        ("waiting", whole(view.waiting), waiting),
        ("KV cache", share(view.kv_usage), "value"),
        ("step", ms_unit(view.step_s), "value"),
        ("batch", sig3(view.batch), "value"),
        ("decode", _tok_s(view.generation_tok_s), "value"),
        ("hit rate", share(view.prefix_hit_rate), "value"),
        ("preempt", whole(view.preemptions), preempted),
        ("made", _tok(view.generation_tokens_total), "value"),
        ("queue", ms_unit(view.queue_s), "value"),
        ("its TTFT p50", ms_unit(view.ttft_p50_s), "value"),
        ("its TTFT p99", ms_unit(view.ttft_p99_s), "value"),
    ]
    return [(label, value, "dim" if dull else role) for label, value, role in facts]


def _tok_s(value: float | None) -> str:
    return DASH if value is None else f"{kilo(value)} tok/s"


def _tok(value: float | None) -> str:
    return DASH if value is None else f"{kilo(value)} tok"


def _grid(view: ServerView, width: int, dull: bool) -> tuple[Line, ...]:
    """Draw three rows of as many columns as fit, and a bar for the KV cache below them."""
    facts = _facts(view, dull)
    columns = [facts[start : start + 3] for start in range(0, len(facts), 3)]
    while len(columns) > 1 and sum(_COLUMNS[: len(columns)]) + 3 * (len(columns) - 1) > width:
        columns.pop()
    room = (width - 3 * (len(columns) - 1) - sum(_COLUMNS[: len(columns)])) // len(columns)
    wide = [_COLUMNS[i] + min(6, max(0, room)) for i in range(len(columns))]
    rows = [join([_fact(c[row], wide[i]) for i, c in enumerate(columns)], "   ") for row in range(3)]
    level = gauge(view.kv_usage, max(0, width - 9), "dim" if dull else "accent")
    return (*rows, (*say(pad("KV cache", 9), "dim"), *level))


def _fact(fact: tuple[str, str, str], width: int) -> Line:
    label, value, role = fact
    return ((label, "dim"), (lpad(value, width - len(label)), role))


def _flow(facts: list[tuple[str, str, str]], width: int) -> tuple[Line, ...]:
    """Fill lines with figures."""
    lines: list[Line] = [EMPTY]
    for label, value, role in facts:
        fact: Line = ((f"{label} ", "dim"), (value, role))
        longer = join([lines[-1], fact], "  ")
        if width_of(longer) > width and lines[-1]:
            lines.append(fact)
        else:
            lines[-1] = longer
    return tuple(lines)

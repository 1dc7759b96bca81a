"""What the model foresees for each level, beside what was measured."""

from __future__ import annotations

from session.forecast import FIT_UP_TO, Foreseen
from session.roofline import roofline
from session.view import LevelView
from tui.draw.clean import clean
from tui.draw.fmt import DASH, kilo, ms
from tui.lines import Block, Line, say
from tui.panels.levelchart import comparable
from tui.panels.text import table_row, trust_mark, wrap
from tui.scene import Scene

_TITLE: Line = (("Predicted", "title"), (" and measured", "dim"))
_HEADS = ("conc", "tok/s", "foreseen", "off", "TPOT ms", "foreseen", "off")
_WIDTHS = (6, 6, 8, 6, 8, 8, 6)
_FAR = 0.15
"""From here on a prediction is off."""


def predicted(scene: Scene, width: int, height: int) -> Block:
    """Return a row for each closed level of the present lengths; why nothing is foreseen where nothing is."""
    snap = scene.snapshot
    found = roofline(snap)
    levels = comparable(snap.levels, snap.prompt_tokens, snap.output_len)
    if found.forecast is None or not levels:
        why = clean(f"nothing is foreseen: {found.forecast_missing or 'no closed level has these lengths'}")
        lines = wrap(why, max(1, width), max(1, height))
        return Block(tuple(say(line, "dim") for line in lines[: max(0, height)]), _TITLE)
    keep = len(_HEADS) if width >= sum(_WIDTHS) + 2 * (len(_WIDTHS) - 1) else 4
    rows = [_row(level, found.forecast.at(level.concurrency), keep) for level in levels]
    head = table_row([(name, "dim") for name in _HEADS[:keep]], _WIDTHS[:keep])
    shown = [head, *rows[-max(1, height - 1) :]][: max(0, height)]
    corner = f"fitted to {found.forecast.fitted} level{'s' * (found.forecast.fitted != 1)} up to {FIT_UP_TO}"
    return Block(tuple(shown), _TITLE, say(corner, "dim"))


def _row(level: LevelView, foreseen: Foreseen, keep: int) -> Line:
    rate, tpot = level.rates.output_tok_s, level.latencies.tpot.p50
    cells = (
        (f"{trust_mark(level)}{level.concurrency}", "value"),
        (kilo(rate), "tok_s"),
        (kilo(foreseen.tokens_s), "dim"),
        _off(rate, foreseen.tokens_s),
        (ms(tpot), "tpot"),
        (ms(foreseen.tpot_s), "dim"),
        _off(tpot, foreseen.tpot_s),
    )
    return table_row(cells[:keep], _WIDTHS[:keep])


def _off(measured: float | None, foreseen: float) -> tuple[str, str]:
    """Say by how much a prediction is off what was measured."""
    if not measured:
        return DASH, "dim"
    off = foreseen / measured - 1
    return f"{round(off * 100):+d} %".replace("+0", "0"), "warn" if abs(off) > _FAR else "text"

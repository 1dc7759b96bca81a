"""The table of load levels."""

from __future__ import annotations

from session.view import LevelView
from tui.draw.clean import clean
from tui.draw.fmt import clock, kilo, ms, pct, whole
from tui.lines import Block, Line, say
from tui.panels.text import limit_mark, table_row, trust_legend, trust_mark
from tui.scene import Scene

_Cell = tuple[str, str]
_HEADS = (
    *(("conc", 8, 0), ("time", 7, 8), ("tok/s", 5, 0), ("±%", 4, 6), ("req/s", 5, 7)),
    *(("TTFT p50", 8, 1), ("p99", 6, 5), ("TPOT p50", 8, 0), ("p99", 6, 4), ("good%", 5, 3)),
    *(("DRAM%", 5, 9), ("tensor%", 7, 9), ("err", 5, 2)),
)
"""Heading, width, and rank: the highest goes first where it gets narrow."""
_STEP = 15
_GOOD = 9
"""Column of the goodput: only where the user set bounds."""


def levels(scene: Scene, width: int, height: int) -> Block:
    """Return the newest levels, the running one last."""
    found = scene.snapshot.levels
    title = (("Levels", "title"), (" ms", "dim"))
    if not found:
        return Block((say("every level of load that runs a few seconds is kept here", "dim"),), title)
    shown = found[-max(1, height - 1) :]
    keep = _kept(width, good=bool(scene.snapshot.header.slo))
    mixed = len({(level.prompt_tokens, level.output_len) for level in found}) > 1
    rows = [_row(level, keep, mixed=mixed) for level in shown]
    names = [*_HEADS]
    if any(level.mode != "closed" for level in shown):
        names[0] = ("load", *names[0][1:])
    head = (*table_row([(names[i][0], "dim") for i in keep], [_HEADS[i][1] for i in keep]), ("  limited by", "dim"))
    more = f"{len(shown)} of {len(found)}" if len(found) > len(shown) else ""
    return Block((head, *rows), (*title, *say(f"  {trust_legend(shown)}", "dim")), say(more, "dim"))


def _kept(width: int, *, good: bool) -> list[int]:
    """Return the columns that fit beside the limiter."""
    keep = [i for i in range(len(_HEADS)) if good or i != _GOOD]
    while len(keep) > 3 and sum(_HEADS[i][1] + 2 for i in keep) + _STEP > width:
        worst = max(_HEADS[i][2] for i in keep)
        keep = [i for i in keep if _HEADS[i][2] != worst]
    return keep


def _row(level: LevelView, keep: list[int], *, mixed: bool) -> Line:
    cells = _cells(level)
    letter, role = limit_mark(level.verdict.step)
    step = clean(level.verdict.step or "cannot tell")
    lengths = f"  {level.prompt_tokens}→{level.output_len}" if mixed else ""
    return (
        *table_row([cells[i] for i in keep], [_HEADS[i][1] for i in keep]),
        (f"  {letter} ", role),
        (step, "text" if level.verdict.step else "dim"),
        *say(lengths, "dim"),
    )


def _cells(level: LevelView) -> tuple[_Cell, ...]:
    lat = level.latencies
    failed = sum(level.errors.values())
    mark = trust_mark(level)
    error = level.trust.output_error if level.trust else None
    good = level.goodput.share if level.goodput else None
    return (
        (f"{mark}{'▶ ' if level.open else ' ' if mark else ''}{_amount(level)}", "accent" if level.open else "value"),
        (clock(level.duration_s), "dim"),
        (kilo(level.rates.output_tok_s), "tok_s"),
        ("–" if error is None else f"{error * 100:.1f}" if error < 0.1 else f"{error * 100:.0f}", "dim"),
        (kilo(level.rates.requests_s), "text"),
        (ms(lat.ttft.p50), "text"),
        (ms(lat.ttft.p99), "text"),
        (ms(lat.tpot.p50), "tpot"),
        (ms(lat.tpot.p99), "text"),
        (pct(None if good is None else good * 100), "text"),
        (pct(_mean([gpu.reading.dram_pct for gpu in level.gpus])), "text"),
        (pct(_mean([gpu.reading.tensor_pct for gpu in level.gpus])), "text"),
        (whole(failed), "bad" if failed else "dim"),
    )


def _amount(level: LevelView) -> str:
    return {"open": f"{level.amount:g}/s", "trace": f"×{level.amount:g}"}.get(level.mode, str(level.concurrency))


def _mean(values: list[float | None]) -> float | None:
    known = [value for value in values if value is not None]
    return sum(known) / len(known) if known else None

"""What the report says of the verdict below the table: what stands beside it, what to change, how the step grows."""

from __future__ import annotations

from collections.abc import Sequence

from regime.verdict import Verdict
from rooftop.remarks import asked
from session.growth import growth_against
from session.view import LevelView, Snapshot

MOST_TURNS = 8
"""Verdicts of earlier levels that are told, the latest of them."""


def verdict_lines(snapshot: Snapshot) -> list[str]:
    """Return the lines of the levels' verdicts, of the session's growth, and of the price."""
    lines = [f"at {asked(level)}: {level.verdict.line}" for level in turns(snapshot.levels)[-MOST_TURNS:]]
    if snapshot.levels:
        lines.extend(beside(snapshot.levels[-1].verdict))
    if snapshot.scaling is not None:
        lines.append(snapshot.scaling.words)
        if (budget := growth_against(snapshot.levels, snapshot.scaling)) is not None:
            lines.append(f"  {budget.words}")
    if snapshot.header.gpu_hour is not None:
        lines.append(f"cost/M: a million output tokens at {snapshot.header.gpu_hour:g} per GPU and hour")
    return lines


def turns(levels: Sequence[LevelView]) -> list[LevelView]:
    """Return the last level of each run of levels that the same limits: what a ramp tells, without its repetitions."""
    return [
        level
        for at, level in enumerate(levels)
        if at + 1 == len(levels) or levels[at + 1].verdict.step != level.verdict.step
    ]


def beside(verdict: Verdict) -> list[str]:
    """Return what stands beside a label: modifiers, what limits the batch and why, and what to change."""
    because = f": {verdict.batch_why}" if verdict.batch_why else ""
    lines = [
        f"  beside it: {', '.join(verdict.modifiers)}" if verdict.modifiers else "",
        f"  batch limited by {verdict.batch_words or 'what cannot be told'}{because}" if verdict.step != "idle" else "",
        f"  advice: {verdict.advice}" if verdict.advice else "",
    ]
    return [line for line in lines if line]

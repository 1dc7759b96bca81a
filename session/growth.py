"""The scaling witness over a session's levels."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from regime.scaling import Point, Scaling, fit
from regime.witness import Against, against, weighed
from session.view import LevelView

RELATIVE_ERROR = 0.01
"""Of a level's mean step time: what a straight line cannot follow grows with the step, so levels count by ratio."""


def growth(levels: Sequence[LevelView]) -> Scaling | None:
    """Fit step time over batch of the levels that can be compared with the newest; ``None`` below three batches."""
    told = [level for level in levels if tells(level)]
    newest = told[-1] if told else None
    peers = [level for level in told if newest is not None and alike(level, newest)]
    return fit([_point(level) for level in peers])


def with_growth(levels: Sequence[LevelView], scaling: Scaling | None) -> tuple[LevelView, ...]:
    """The levels with the witness's say in their confidence."""
    if scaling is None:
        return tuple(levels)
    return tuple(replace(level, verdict=weighed(level.verdict, scaling, level.server.batch)) for level in levels)


def growth_against(levels: Sequence[LevelView], scaling: Scaling | None) -> Against | None:
    """The fit beside the budget of the level with the largest batch; ``None`` where no level has a budget."""
    told = [(level.server.batch, level.verdict.budget) for level in levels if tells(level)]
    known = [(batch, budget) for batch, budget in told if batch and budget is not None]
    if scaling is None or not known:
        return None
    return against(scaling, *max(known, key=lambda pair: pair[0]))


def tells(level: LevelView) -> bool:
    """Whether a level has a batch and a step time of a steady server that was not held back by the client."""
    unsteady = {"transient", "client-bound"} & set(level.verdict.modifiers)
    return bool(level.server.batch and level.server.step_s) and not unsteady


def alike(level: LevelView, other: LevelView) -> bool:
    """Whether both have requests of the same lengths."""
    return (level.prompt_tokens, level.output_len) == (other.prompt_tokens, other.output_len)


def _point(level: LevelView) -> Point:
    assert level.server.batch is not None
    assert level.server.step_s is not None
    return Point(level.server.batch, level.server.step_s, RELATIVE_ERROR * level.server.step_s)

"""Which level of one side belongs to which of another."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from results.compare.estimate import Estimate, pooled
from results.compare.metrics import Metric
from results.run import LevelRun, Run


@dataclass(frozen=True, slots=True, order=True)
class Key:
    """What makes two levels the same work."""

    mode: str
    amount: float
    """In flight, requests a second in an open loop, or a trace's speed."""
    prompt_tokens: int
    output_len: int

    @property
    def words(self) -> str:
        """``conc 8``, ``rate 4/s``, ``trace ×2``."""
        named = {"closed": f"conc {self.amount:g}", "open": f"rate {self.amount:g}/s"}
        return named.get(self.mode, f"trace ×{self.amount:g}")

    @property
    def whole(self) -> str:
        """The same with its lengths: ``conc 8, 128 + 256 tokens``."""
        return f"{self.words}, {self.prompt_tokens} + {self.output_len} tokens"


@dataclass(frozen=True, slots=True, eq=False)
class Side:
    """What is compared: one recording, or several of the same thing."""

    name: str
    runs: tuple[Run, ...]

    @property
    def origin(self) -> str | None:
        """The other tools that measured it; ``None`` where rooftop did."""
        return ", ".join(sorted({run.header.origin for run in self.runs if run.header.origin})) or None


@dataclass(frozen=True, slots=True, eq=False)
class Point:
    """The levels of one side with one key: one, or repeats."""

    side: Side
    levels: tuple[LevelRun, ...]

    def estimate(self, metric: Metric) -> Estimate:
        """Return a figure, pooled over repeats."""
        return pooled([metric.estimate(level) for level in self.levels])

    @property
    def verdict(self) -> str | None:
        """What limits the step; of repeats that disagree both, with a slash."""
        found = dict.fromkeys(level.view.verdict.step for level in self.levels)
        return "/".join(step or "cannot tell" for step in found) if any(found) else None


@dataclass(frozen=True, slots=True, eq=False)
class Matched:
    """One kind of work, and who did it; the first side's point is what the others are held against."""

    key: Key
    points: tuple[Point, ...]


def key_of(level: LevelRun) -> Key:
    """Return the work of a level."""
    view = level.view
    return Key(view.mode, view.amount, view.prompt_tokens, view.output_len)


def match(sides: Sequence[Side]) -> tuple[tuple[Matched, ...], tuple[tuple[Side, Key], ...]]:
    """Return the work that the first side shares with another, in order, and what stands alone."""
    tables = [_by_key(side) for side in sides]
    matched: list[Matched] = []
    alone: list[tuple[Side, Key]] = []
    for key in sorted({key for table in tables for key in table}):
        points = [Point(side, table[key]) for side, table in zip(sides, tables, strict=True) if key in table]
        if key in tables[0] and len(points) > 1:
            matched.append(Matched(key, tuple(points)))
        else:
            alone.extend((point.side, key) for point in points)
    return tuple(matched), tuple(alone)


def _by_key(side: Side) -> dict[Key, tuple[LevelRun, ...]]:
    found: dict[Key, list[LevelRun]] = {}
    for run in side.runs:
        for level in run.levels:
            found.setdefault(key_of(level), []).append(level)
    return {key: tuple(levels) for key, levels in found.items()}

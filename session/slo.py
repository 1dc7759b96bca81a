"""Which loads meet the bounds that the user set: the service level objective, level by level."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from session.view import LevelView, Snapshot

SHARE = 0.95
"""Of its requests that must be good for a load to meet the bounds, where the user says nothing else."""


@dataclass(frozen=True, slots=True)
class Judged:
    """One load: a level, or levels that asked for the same."""

    amount: float
    """In flight, requests/s, or a trace's speed."""
    good: float | None
    """Share of good requests, 0 to 1, of the worst of those levels; ``None`` where none told."""
    met: bool | None
    """Whether every one of those levels met the bounds; ``None`` where that cannot be told."""


@dataclass(frozen=True, slots=True)
class Reach:
    """How far load can grow, of one kind of load with the same lengths."""

    mode: str
    prompt_tokens: int
    output_len: int
    loads: tuple[Judged, ...]
    """In order of load."""

    @property
    def highest(self) -> Judged | None:
        """The highest load that meets the bounds as every lower one does; ``None`` where the lowest does not."""
        found = None
        for one in self.loads:
            if not one.met:
                break
            found = one
        return found

    @property
    def above(self) -> Judged | None:
        """The lowest load that does not meet them, or of which nothing can be told."""
        return next((one for one in self.loads if not one.met), None)

    @property
    def words(self) -> str:
        """``met up to concurrency 64 (99.2 % good), not at 256 (12.0 % good)``."""
        highest, above = self.highest, self.above
        lowest_fails = bool(self.loads) and self.loads[0].met is False
        told = f"met up to {self._asked(highest)}" if highest else "met at no load" if lowest_fails else "cannot tell"
        if above is None:
            return f"{told}, the highest measured"
        refused = f"not at {above.amount:g}{_good(above)}" if above.met is False else f"unknown at {above.amount:g}"
        return f"{told}, {refused}" if highest or above.met is False else told

    def _asked(self, one: Judged) -> str:
        unit = {"open": f"{one.amount:g} requests/s", "trace": f"the trace's speed ×{one.amount:g}"}
        return unit.get(self.mode, f"concurrency {one.amount:g}") + _good(one)


@dataclass(frozen=True, slots=True)
class Slo:
    """What the bounds are, and how far each kind of load meets them."""

    bounds_s: Mapping[str, float]
    share: float
    reaches: tuple[Reach, ...]

    @property
    def lines(self) -> tuple[str, ...]:
        """A line for each kind of load: ``SLO ttft 500 ms for 95 % of requests: met up to concurrency 64 (…)``."""
        bounds = bound_words(self.bounds_s)
        if not self.reaches:
            return (f"SLO {bounds}: no level to judge",)
        several = len({(one.prompt_tokens, one.output_len) for one in self.reaches}) > 1
        return tuple(
            f"SLO {bounds} for {100 * self.share:g} % of requests: {one.words}"
            + (f" ({one.prompt_tokens} + {one.output_len} tokens)" if several else "")
            for one in self.reaches
        )


def slo_of(snapshot: Snapshot, share: float = SHARE) -> Slo | None:
    """Judge a session's levels by its bounds; ``None`` where there are none."""
    bounds = snapshot.header.slo
    return Slo(bounds, share, tuple(_reaches(snapshot.levels, share))) if bounds else None


def good_share(level: LevelView) -> float | None:
    """Return the share of a level's requests that met every bound, 0 to 1; ``None`` where none ended.

    The level's goodput counts those that finished. Here one that failed met nothing; cancelled ones are left out.
    """
    failed = sum(count for kind, count in level.errors.items() if kind != "cancelled")
    if level.goodput is None:
        return None
    if level.goodput.share is None:
        return 0.0 if failed and not level.requests else None
    return level.goodput.share * level.requests / (level.requests + failed) if level.requests else 0.0


def met(level: LevelView, share: float = SHARE) -> bool | None:
    """Whether a level met the bounds; ``None`` where it cannot be told."""
    good = good_share(level)
    return None if good is None else good >= share


def bound_words(bounds_s: Mapping[str, float]) -> str:
    """``ttft 500 ms, tpot 50 ms``."""
    return ", ".join(f"{name} {bound_s * 1e3:g} ms" for name, bound_s in bounds_s.items())


def _reaches(levels: Sequence[LevelView], share: float) -> Iterator[Reach]:
    kinds: dict[tuple[str, int, int], dict[float, list[LevelView]]] = {}
    for level in levels:
        kind = kinds.setdefault((level.mode, level.prompt_tokens, level.output_len), {})
        kind.setdefault(level.amount, []).append(level)
    for (mode, prompt_tokens, output_len), loads in kinds.items():
        judged = tuple(_judged(amount, loads[amount], share) for amount in sorted(loads))
        yield Reach(mode, prompt_tokens, output_len, judged)


def _judged(amount: float, levels: Sequence[LevelView], share: float) -> Judged:
    """Take the worst of repeats; one of which nothing is known leaves a load that the others met unknown."""
    known = [good for level in levels if (good := good_share(level)) is not None]
    if not known:
        return Judged(amount, None, None)
    worst = min(known)
    return Judged(amount, worst, False if worst < share else True if len(known) == len(levels) else None)


def _good(one: Judged) -> str:
    """Return the share, rounded down: 94.96 % is not 95."""
    return "" if one.good is None else f" ({int(1000 * one.good + 1e-9) / 10:.1f} % good)"

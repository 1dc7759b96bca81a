"""A whole comparison: what the outputs and the screen show."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from results.compare.crossings import Crossing, crossings
from results.compare.gate import Finding, Rule, check
from results.compare.match import By, Key, Matched, Side, match
from results.run import Run

SINGLE = "one run a side: what differs from run to run is in no interval"
GROUPS = ("tp", "model", "gpu", "version", "rooftop")


@dataclass(frozen=True, slots=True, eq=False)
class Comparison:
    """Sides, the first of which is the base, with their common levels."""

    sides: tuple[Side, ...]
    matched: tuple[Matched, ...]
    alone: tuple[tuple[Side, Key], ...]
    """Levels that the base or everybody else lacks."""
    crossings: tuple[Crossing, ...]
    findings: tuple[Finding, ...]
    rules: tuple[Rule, ...]

    @property
    def caveat(self) -> str | None:
        """What no interval holds where every side has one run; ``None`` where some have more, or nothing matched."""
        return SINGLE if self.matched and all(len(side.runs) == 1 for side in self.sides) else None


def compare(sides: Sequence[Side], rules: Sequence[Rule] = (), by: By | None = None) -> Comparison:
    """Compare two or more sides, along ``by`` where it is said."""
    matched, alone = match(sides, by)
    findings = tuple(finding for rule in rules for one in matched for finding in check(rule, one))
    return Comparison(tuple(sides), matched, alone, tuple(crossings(matched, by)), findings, tuple(rules))


def one_each(runs: Sequence[Run]) -> tuple[Side, ...]:
    """Return a side for each recording; equal names are told apart by a number."""
    names: dict[str, int] = {}
    sides: list[Side] = []
    for run in runs:
        names[run.name] = names.get(run.name, 0) + 1
        sides.append(Side(run.name if names[run.name] == 1 else f"{run.name} ({names[run.name]})", (run,)))
    return tuple(sides)


def grouped(runs: Sequence[Run], by: str) -> tuple[Side, ...]:
    """Return a side for each value of what they are grouped by, in the order in which these come."""
    found: dict[str, list[Run]] = {}
    for run in runs:
        found.setdefault(_group(run, by), []).append(run)
    return tuple(Side(name, tuple(members)) for name, members in found.items())


def _group(run: Run, by: str) -> str:
    snapshot = run.snapshot
    values = {
        "tp": f"TP={run.tp}" if run.tp else None,
        "model": snapshot.model,
        "gpu": snapshot.gpus[0].info.name if snapshot.gpus else None,
        "version": snapshot.server_version,
        "rooftop": snapshot.header.rooftop,
    }
    return values[by] or f"{by} not known"

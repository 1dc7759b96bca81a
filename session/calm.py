"""The live verdict's memory: a label stands until windows in a row, or one clear window, say another.

Fed once a second of recorded time, whatever draws in between: a replay shows what the live screen showed.
"""

from __future__ import annotations

import msgspec

from regime.evidence import Evidence
from regime.shares import Shares
from regime.verdict import Standing, Verdict, judge, name

IN_A_ROW = 3
"""Windows that must agree on another label before it is taken."""
CLEAR_LEAD = 0.25
"""By which another cause must lead the one that stands to be taken at once."""
_FACTS = (None, "idle")
"""Labels of the step that are taken and left at once: they are no matter of degree."""


class Calm(msgspec.Struct, array_like=True):
    """What stands, and what has been said against it."""

    standing: Standing = msgspec.field(default_factory=Standing)
    _rivals: dict[str, tuple[str | None, int]] = {}

    def feed(self, evidence: Evidence) -> None:
        """Take in one window."""
        verdict = name(evidence, self.standing)
        step, limit = self.standing.step, self.standing.batch
        at_once = not _differ(verdict.step, step) or _leads(verdict.shares, verdict.step or "", step or "")
        if self._taken("step", verdict.step, step, at_once=at_once):
            step = verdict.step
        idle = limit is None or "idle" in (verdict.batch.name, limit.name)
        same = limit is not None and verdict.batch.name == limit.name
        if self._taken("batch", verdict.batch.name, limit.name if limit else None, at_once=idle) or same:
            limit = verdict.batch  # another, or the same with newer numbers
        self.standing = Standing(step, limit)

    def show(self, evidence: Evidence) -> Verdict:
        """Return the verdict of a window under the labels that stand; changes nothing."""
        verdict, last = judge(evidence, self.standing), self.standing
        hold_step = _differ(verdict.step, last.step)
        stands = last.batch.name if last.batch is not None else verdict.batch
        hold_batch = stands != verdict.batch and "idle" not in (stands, verdict.batch)
        if not hold_step and not hold_batch:
            return verdict
        return judge(evidence, last, hold_step=hold_step, hold_batch=hold_batch)

    def _taken(self, what: str, new: str | None, stands: str | None, *, at_once: bool) -> bool:
        """Whether ``new`` takes the place of what stands; counts the windows in a row that were for it."""
        rival, times = self._rivals.pop(what, (None, 0))
        if new == stands:
            return False
        times = times + 1 if rival == new else 1
        if at_once or times >= IN_A_ROW:
            return True
        self._rivals[what] = (new, times)
        return False


def _differ(new: str | None, stands: str | None) -> bool:
    """Whether two labels of the step differ by degree."""
    return new != stands and new not in _FACTS and stands not in _FACTS


def _leads(shares: Shares | None, new: str, stands: str) -> bool:
    """Whether the new label's first cause leads that of the label that stands clearly, by the newest shares."""
    return shares is not None and _first_share(shares, new) - _first_share(shares, stands) >= CLEAR_LEAD


def _first_share(shares: Shares, label: str) -> float:
    return max(shares.memory, shares.compute) if label == "balanced" else shares.of(label.split("+")[0])

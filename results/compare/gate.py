"""``--fail-on``: whether a figure got worse by more than is allowed, got not, or cannot be told."""

from __future__ import annotations

import re
from dataclasses import dataclass

from results.compare.difference import difference
from results.compare.match import Matched, Point
from results.compare.metrics import METRICS, Metric

REGRESSED, FINE, UNDECIDED = "regressed", "fine", "undecided"


class BadRule(ValueError):
    """A rule that cannot be read; the text says how to write it."""


@dataclass(frozen=True, slots=True)
class Rule:
    """``tpot_p99:+10%``, at every level or at one: ``tpot_p99@64:+10%``."""

    metric: Metric
    limit: float
    """As a share, above 0 whichever way is worse."""
    at: float | None
    text: str


@dataclass(frozen=True, slots=True, eq=False)
class Finding:
    """What one rule says of one level of one side."""

    rule: Rule
    matched: Matched
    point: Point
    outcome: str
    text: str


def parse_rule(text: str) -> Rule:
    """Read a rule; raise :class:`BadRule`."""
    found = re.fullmatch(r"\s*([a-z0-9_]+)(?:@(\d+(?:\.\d+)?))?\s*:\s*([+-])\s*(\d+(?:\.\d+)?)\s*%\s*", text)
    if not found:
        raise BadRule(
            f"{text!r} is no rule; write it like tpot_p99:+10% or output_tok_s:-5%, at one level tpot_p99@64:+10%"
        )
    name, at, sign, percent = found.groups()
    if name not in METRICS:
        raise BadRule(f"{name} is no figure that can be compared; there are {', '.join(METRICS)}")
    metric = METRICS[name]
    worse = "-" if metric.more_is_better else "+"
    if sign != worse:
        way = "falling" if metric.more_is_better else "rising"
        raise BadRule(f"{name} gets worse by {way}: write {name}:{worse}{percent}%")
    return Rule(metric, float(percent) / 100, float(at) if at else None, text.strip())


def check(rule: Rule, matched: Matched) -> list[Finding]:
    """Hold every side but the first to the rule."""
    if rule.at is not None and rule.at != matched.key.amount:
        return []
    base, *others = matched.points
    return [_check(rule, matched, base, other) for other in others]


def _check(rule: Rule, matched: Matched, base: Point, other: Point) -> Finding:
    found = difference(base.estimate(rule.metric), other.estimate(rule.metric))
    where = f"{rule.metric.title} at {matched.key.whole} ({other.side.name} against {base.side.name})"
    if found.low is None or found.high is None:
        said = "" if found.change is None else f" {found.change:+.1%}, but it"
        return Finding(rule, matched, other, UNDECIDED, _percent(f"{where}{said} {found.why or 'is not known'}"))
    low, high = (-found.high, -found.low) if rule.metric.more_is_better else (found.low, found.high)
    outcome = REGRESSED if low > rule.limit else FINE if high <= rule.limit else UNDECIDED
    words = {REGRESSED: "is beyond", FINE: "is within", UNDECIDED: "may or may not be within"}[outcome]
    said = f"{found.change:+.1%} [{found.low:+.1%}, {found.high:+.1%}]"
    return Finding(
        rule, matched, other, outcome, _percent(f"{where}: {said} {words} {rule.text.split(':')[1].strip()}")
    )


def exit_code(findings: list[Finding]) -> int:
    """Return 1 on a regression, 3 where something cannot be decided or nothing could be compared, else 0."""
    outcomes = {finding.outcome for finding in findings}
    if REGRESSED in outcomes:
        return 1
    return 3 if UNDECIDED in outcomes or not outcomes else 0


def _percent(text: str) -> str:
    return text.replace("%", " %").replace("  %", " %")

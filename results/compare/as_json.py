"""A comparison for scripts; later versions add fields and rename none."""

from __future__ import annotations

from typing import Any

from results.compare.comparison import Comparison
from results.compare.difference import Difference, difference
from results.compare.gate import exit_code
from results.compare.match import Matched, Point, Side
from results.compare.metrics import METRICS


def as_json(found: Comparison) -> dict[str, Any]:
    """Return it; figures in the unit of their name's ending, or seconds."""
    return {
        "sides": [_side(side) for side in found.sides],
        "levels": [_matched(one) for one in found.matched],
        "alone": [
            {"side": side.name, "level": key.words, "prompt_tokens": key.prompt_tokens} for side, key in found.alone
        ],
        "crossings": [
            {"metric": one.metric, "better": one.better, "other": one.other, "axis": one.axis, "at": round(one.at, 3),
             "between": list(one.between), "line": one.words}
            for one in found.crossings
        ],
        "rules": [
            {"rule": one.rule.text, "level": one.matched.key.words, "side": one.point.side.name, "outcome": one.outcome,
             "line": one.text}
            for one in found.findings
        ],
        "exit_code": exit_code(list(found.findings)) if found.rules else 0,
    }  # fmt: skip


def _side(side: Side) -> dict[str, Any]:
    return {
        "name": side.name,
        "recordings": [
            {"name": run.name, "started_at": run.header.started_at, "model": run.snapshot.model, "tp": run.tp,
             "server_version": run.snapshot.server_version, "rooftop": run.header.rooftop, "origin": run.header.origin,
             "gpu": run.snapshot.gpus[0].info.name if run.snapshot.gpus else None}
            for run in side.runs
        ],
    }  # fmt: skip


def _matched(one: Matched) -> dict[str, Any]:
    key = one.key
    return {
        "mode": key.mode, "amount": key.amount, "prompt_tokens": key.prompt_tokens, "output_len": key.output_len,
        "sides": [_point(point, one.points[0]) for point in one.points],
    }  # fmt: skip


def _point(point: Point, base: Point) -> dict[str, Any]:
    figures: dict[str, Any] = {}
    for name, metric in METRICS.items():
        mine = point.estimate(metric)
        told: dict[str, Any] = {"value": mine.value, "count": mine.count}
        if point is not base:
            told |= _difference(difference(base.estimate(metric), mine))
        figures[name] = told
    return {"side": point.side.name, "repeats": len(point.levels), "limited_by": point.verdict, "figures": figures}


def _difference(found: Difference) -> dict[str, Any]:
    return {
        "change": found.change, "low": found.low, "high": found.high,
        "significant": found.significant, "why_no_interval": found.why,
    }  # fmt: skip

"""The roofline in figures, for the report."""

from __future__ import annotations

from typing import Any

from regime.roofline import OperatingPoint
from session.forecast import Forecast
from session.roofline import Placed, Roof, roofline
from session.view import LevelView, Snapshot


def roofline_report(snapshot: Snapshot) -> dict[str, Any]:
    """Return roof, levels and forecast; SI units per GPU, times in ms, ``None`` with its reason in ``missing``."""
    found = roofline(snapshot)
    return {
        "missing": found.missing,
        **_roof(found.roof),
        "ridge_batch": _round(found.ridge_batch, 2),
        "now": _placed(found.now) if found.now else None,
        "levels": [_placed(placed) for placed in found.levels],
        "predicted": {
            "missing": found.forecast_missing,
            **_rest(found.forecast),
            "levels": [_foreseen(found.forecast, level) for level in _alike(snapshot)] if found.forecast else [],
        },
    }


def _roof(roof: Roof | None) -> dict[str, Any]:
    return {
        "peak_flops_s": _round(roof.flops_s if roof else None, 0),
        "peak_bytes_s": _round(roof.bytes_s if roof else None, 0),
        "clock_ratio": _round(roof.clock_ratio if roof else None, 4),
        "ridge_intensity": _round(roof.ridge if roof else None, 3),
    }


def _placed(placed: Placed) -> dict[str, Any]:
    level = placed.level
    return {
        "mode": level.mode if level else None,
        "concurrency": level.concurrency if level else None,
        "missing": placed.missing,
        "source": placed.source,
        **_point(placed.point),
        "possible_flops_s": _round(placed.possible_flops_s, 0),
        "clock_ratio": _round(placed.roof.clock_ratio if placed.roof else None, 4),
    }


def _point(point: OperatingPoint | None) -> dict[str, Any]:
    return {
        "intensity": _round(point.intensity if point else None, 3),
        "flops_s": _round(point.flops_s if point else None, 0),
        "bytes_s": _round(point.bytes_s if point else None, 0),
        "roof": point.roof if point else None,
    }


def _rest(forecast: Forecast | None) -> dict[str, Any]:
    rest = forecast.decoding_rest if forecast else None
    return {
        "fitted_levels": forecast.fitted if forecast else 0,
        "fixed_ms": _round(rest.fixed_s * 1e3 if rest else None, 4),
        "per_sequence_ms": _round(rest.per_sequence_s * 1e3 if rest else None, 5),
        "prompt_per_token": _round(forecast.loaded.prompt_per_token if forecast else None, 4),
    }


def _foreseen(forecast: Forecast, level: LevelView) -> dict[str, Any]:
    foreseen = forecast.at(level.concurrency)
    tpot_s = level.latencies.tpot.p50
    return {
        "concurrency": level.concurrency,
        "tpot_ms": _round(foreseen.tpot_s * 1e3, 4),
        "output_tok_s": _round(foreseen.tokens_s, 2),
        "measured_tpot_ms": _round(None if tpot_s is None else tpot_s * 1e3, 4),
        "measured_output_tok_s": _round(level.rates.output_tok_s, 2),
    }


def _alike(snapshot: Snapshot) -> list[LevelView]:
    """Return the levels of the lengths that the forecast is for."""
    lengths = snapshot.prompt_tokens, snapshot.output_len
    return [
        level
        for level in snapshot.levels
        if level.mode == "closed" and level.concurrency > 0 and (level.prompt_tokens, level.output_len) == lengths
    ]


def _round(value: float | None, digits: int) -> float | None:
    return None if value is None else round(value, digits)

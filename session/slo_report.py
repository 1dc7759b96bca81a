"""The bounds and how far load can grow within them, in figures, for the report."""

from __future__ import annotations

from typing import Any

from session.slo import Judged, Reach, Slo


def slo_report(slo: Slo | None) -> dict[str, Any] | None:
    """Return it; bounds in ms, ``None`` where the user set none."""
    if slo is None:
        return None
    return {
        "bounds": {f"{name}_ms": round(bound_s * 1e3, 4) for name, bound_s in slo.bounds_s.items()},
        "share": slo.share,
        "lines": list(slo.lines),
        "reaches": [_reach(one) for one in slo.reaches],
    }


def _reach(one: Reach) -> dict[str, Any]:
    return {
        "mode": one.mode,
        "prompt_tokens": one.prompt_tokens,
        "output_len": one.output_len,
        "met_up_to": one.highest.amount if one.highest else None,
        "not_met_at": one.above.amount if one.above and one.above.met is False else None,
        "loads": [_load(load) for load in one.loads],
    }


def _load(load: Judged) -> dict[str, Any]:
    return {"amount": load.amount, "good": None if load.good is None else round(load.good, 5), "met": load.met}

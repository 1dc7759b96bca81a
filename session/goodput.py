"""Goodput: how many of the requests that finished met every bound that the user set."""

from __future__ import annotations

from collections.abc import Mapping

from session.events import Request
from session.window import tpot_s


def meets(request: Request, slo: Mapping[str, float]) -> bool:
    """Whether a request that finished met all bounds (seconds, by ``ttft``, ``tpot``, ``e2e``).

    A request of one token has no TPOT and meets any. One without any token has no TTFT either and meets none.
    """
    if not slo:
        return True
    tpot = tpot_s(request)
    return (
        _within(request.ttft_s, slo.get("ttft"))
        and _within(request.last_s, slo.get("e2e"))
        and ("tpot" not in slo or tpot is None or tpot <= slo["tpot"])
    )


def _within(value_s: float | None, bound_s: float | None) -> bool:
    return bound_s is None or (value_s is not None and value_s <= bound_s)

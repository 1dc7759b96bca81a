"""Changes and failures in words, for the log."""

from __future__ import annotations

import math

from session.events import Header, Level, Request


def arrivals_cv(header: Header) -> float:
    """Return the coefficient of variation of the gaps between an open loop's arrivals."""
    return 0.0 if header.arrivals == "constant" else 1 / math.sqrt(max(1e-4, header.burstiness))


def change_text(before: Level, after: Level) -> str:
    """Say how the load changed: ``concurrency 4 → 8``, ``rate 4/s → 8/s``, ``concurrency 4 → rate 8/s``."""
    old, new = load_text(before), load_text(after)
    return f"{old} → {new.removeprefix(old.split()[0]).strip()}"


def load_text(load: Level) -> str:
    """Say what is asked for."""
    if load.speed is not None:
        return f"trace ×{load.speed:g}"
    return f"concurrency {load.concurrency}" if load.rate is None else f"rate {load.rate:g}/s"


def error_text(request: Request) -> str:
    """Say how a request failed."""
    status = f" {request.status}" if request.status is not None else ""
    return f"{request.error}{status}" + (f": {request.detail}" if request.detail else "")

"""The line above a GPU's strips: who it is, what is wrong with it, and what the strips do not show."""

from __future__ import annotations

from collections.abc import Collection, Mapping

from session.gpu_history import throttling
from session.view import GpuView
from tui.draw.clean import clean
from tui.draw.fmt import DASH, gib, whole
from tui.lines import Line, say, width_of
from tui.panels.gpumetrics import METRICS
from tui.panels.text import age_note
from tui.panels.throttle import throttle_reasons, throttled_shares

_USUAL = ("NVIDIA", "Tesla", "GeForce")


def facts_line(view: GpuView, shown: Collection[str], throttled_s: Mapping[str, float], width: int) -> Line:
    """Return who and what, the most urgent first, as much as fits; ``shown`` are left out."""
    line = _who(view)
    for fact in _facts(view, shown, throttled_s):
        if fact and width_of(line) + 2 + width_of(fact) <= width:
            line = (*line, ("  ", "text"), *fact)
    return line


def _who(view: GpuView) -> Line:
    info = view.info
    words = [word for word in clean(info.name).split() if word not in _USUAL]
    host = f" on {clean(info.host)}" if info.host else ""
    instance = f" instance {info.instance}" if info.instance is not None else ""
    branch = "└ " if info.parent is not None else ""
    name = f" {' '.join(words) or DASH}{instance}"
    return ((branch, "dim"), (f"{info.index}", "accent"), (name, "title"), (host, "dim"))


def _facts(view: GpuView, shown: Collection[str], throttled_s: Mapping[str, float]) -> list[Line]:
    reading = view.reading
    if reading.missing is not None:
        return [say(f"✗ {clean(reading.missing)}", "bad")]
    return [
        age_note(view.age_s),
        *_throttle(view, throttled_s),
        *_memory_errors(view),
        *(_value(view, metric.key) for metric in METRICS if metric.key not in shown),
        say(f"HBM {whole(reading.hbm_temp_c)} °C", "dim") if reading.hbm_temp_c is not None else (),
    ]


def _value(view: GpuView, key: str) -> Line:
    """Return a quantity without a strip, where it is known."""
    metric = next(metric for metric in METRICS if metric.key == key)
    value = metric.now(view)
    if value is None:
        return ()
    limit = metric.top(view) if metric.limit else None
    of = f"/{gib(limit) if metric.unit == 'GiB' else metric.said(limit)}" if limit else ""
    return ((f"{metric.short} ", "dim"), (metric.said(value), "text"), (f"{of} {metric.unit}", "dim"))


def _throttle(view: GpuView, throttled_s: Mapping[str, float]) -> list[Line]:
    """Say what holds the clocks down now, and for how long it was in the session."""
    reading = view.reading
    now = throttled_shares(throttling(reading.throttled_pct)) or throttle_reasons(reading.throttle)
    ranked = sorted(((held, cause) for cause, held in throttled_s.items() if held >= 0.5), reverse=True)
    total = ", ".join(f"{clean(cause)} {whole(held)} s" for held, cause in ranked)
    if now:
        return [say(f"! throttled by {now}" + (f" (so far {total})" if total else ""), "warn")]
    known = now is not None or bool(reading.throttled_pct)
    was = f" now, so far {total}" if total else ""
    return [say(f"not throttled{was}", "dim")] if known else []


def _memory_errors(view: GpuView) -> list[Line]:
    reading = view.reading
    facts: list[Line] = []
    if reading.remap_failed:
        facts.append(say("! row remapping failed", "bad"))
    if reading.remap_pending:
        facts.append(say("! row remap pending: reset the GPU", "warn"))
    if reading.ecc_uncorrected is not None:
        errors = reading.ecc_uncorrected
        facts.append(say(f"{'! ' if errors else ''}ECC uncorrected {whole(errors)}", "bad" if errors else "dim"))
    if reading.remapped_rows is not None:
        facts.append(say(f"remapped rows {whole(reading.remapped_rows)}", "warn" if reading.remapped_rows else "dim"))
    return facts

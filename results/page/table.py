"""The tables of a page, as HTML; everything that came from a recording is escaped."""

from __future__ import annotations

from collections.abc import Iterator
from html import escape

from results.page.evenly import evenly
from results.page.source import Source
from results.run import LevelRun
from session.lost import lost_lines
from session.plain import plain
from session.slo import slo_of
from session.view import MARKS, Stats, mark_of

HEADINGS = ("load", "tok/s", "±", "req/s", "TTFT p50", "p99", "TPOT p50", "p99", "good", "errors", "DRAM", "tensor",
            "W", "tok/s/GPU", "tok/J", "limited by", "why")  # fmt: skip
MOST_ROWS = 200
_TEXT = (0, len(HEADINGS) - 2, len(HEADINGS) - 1)


def facts(source: Source) -> str:
    """Return what was run, as a list of terms."""
    snapshot, header = source.run.snapshot, source.run.header
    gpu = snapshot.gpus[0].info.name if snapshot.gpus else None
    told = {
        "model": snapshot.model,
        "server": " ".join(part for part in (snapshot.server.kind, snapshot.server_version) if part),
        "GPUs": f"{len(snapshot.gpus)} × {gpu}" if gpu else "none seen",
        "TP": None if source.run.tp is None else str(source.run.tp),
        "started": header.started_at,
        "lasted": f"{snapshot.now_s:.0f} s",
        "prompt + output": f"{header.prompt_tokens} + {header.output_tokens} tokens",
        "requests": f"{snapshot.requests:,}",
        "errors": ", ".join(f"{kind} {count:,}" for kind, count in sorted(snapshot.errors.items())) or None,
        "trace": f"{header.trace.name}, {header.trace.requests:,} requests" if header.trace else None,
        "knee": snapshot.scaling.words if snapshot.scaling else None,
        "rooftop": header.rooftop + (" · SIMULATED" if snapshot.simulated else ""),
    }
    items = "".join(
        f"<div><dt>{escape(name)}</dt><dd>{escape(plain(text))}</dd></div>" for name, text in told.items() if text
    )
    return f"<dl>{items}</dl>"


def warnings(source: Source) -> str:
    """Return what of the recording cannot be read, and whether it has an end."""
    snapshot = source.run.snapshot
    lines = [*lost_lines(snapshot.lost)]
    if snapshot.unread:
        lines.append(f"{snapshot.unread:,} lines of the recording could not be read")
    if snapshot.ended is None:
        lines.append("still running: this is what it had recorded so far" if source.running
                     else "the recording was cut off; this is what it holds")  # fmt: skip
    return "".join(f"<p class=warning>{escape(plain(line))}</p>" for line in lines)


def slo(source: Source, share: float) -> str:
    """Return which loads meet the bounds; nothing where there are none."""
    found = slo_of(source.run.snapshot, share)
    return "" if found is None else "".join(f"<p class=slo>{escape(line)}</p>" for line in found.lines)


def levels(source: Source) -> str:
    """Return the levels as a table; of very many a part, which it says."""
    shown = evenly(source.run.levels, MOST_ROWS)
    head = "".join(f"<th{_left(at)}>{escape(name)}</th>" for at, name in enumerate(HEADINGS))
    rows = "".join(
        "<tr>"
        + "".join(f"<td{_left(at)}>{escape(plain(cell))}</td>" for at, cell in enumerate(_cells(level)))
        + "</tr>"
        for level in shown
    )
    some = len(shown) < len(source.run.levels)
    left = f"<p class=lead>{len(shown)} of {len(source.run.levels):,} levels</p>" if some else ""
    table = f"<table><thead><tr>{head}</tr></thead><tbody>{rows}</tbody></table>"
    return f"{left}<div class=wide>{table}</div>{_legend(source)}"


def _legend(source: Source) -> str:
    """Return what the marks mean, with the first level's reason of each."""
    found: dict[str, str] = {}
    for level in source.run.levels:
        if (name := mark_of(level.view.trust)) and level.view.trust is not None:
            found.setdefault(name, f"{MARKS[name]} {level.view.trust.reason}")
    return f"<p class=lead>{escape(plain(' · '.join(found.values())))}</p>" if found else ""


def _cells(level: LevelRun) -> Iterator[str]:
    view = level.view
    gpu = view.gpus[0].reading if view.gpus else None
    mark = MARKS.get(mark_of(view.trust) or "", "")
    unit = {"open": "/s", "trace": "×"}.get(view.mode, "")
    yield f"{mark} {view.amount:g}{unit}".strip()
    yield _number(view.rates.output_tok_s, 0)
    yield _share(view.trust.output_error if view.trust else None)
    yield _number(view.rates.requests_s, 2)
    for stats in (view.latencies.ttft, view.latencies.tpot):
        yield from _milliseconds(stats)
    yield _share(view.goodput.share if view.goodput else None)
    yield str(sum(n for kind, n in view.errors.items() if kind != "cancelled"))
    yield _percent(gpu.dram_pct if gpu else None)
    yield _percent(gpu.tensor_pct if gpu else None)
    yield _number(view.efficiency.power_w if view.efficiency else None, 0)
    yield _number(view.efficiency.output_tok_s_per_gpu if view.efficiency else None, 0)
    yield _number(view.efficiency.tokens_per_joule if view.efficiency else None, 2)
    yield view.verdict.step or "cannot tell"
    yield view.verdict.line


def _milliseconds(stats: Stats) -> Iterator[str]:
    for value in (stats.p50, stats.p99):
        yield "–" if value is None else f"{value * 1e3:.4g}"


def _number(value: float | None, digits: int) -> str:
    return "–" if value is None else f"{value:,.{digits}f}"


def _share(value: float | None) -> str:
    return "–" if value is None else f"{100 * value:.1f} %"


def _percent(value: float | None) -> str:
    return "–" if value is None else f"{value:.0f} %"


def _left(at: int) -> str:
    return " class=text" if at in _TEXT else ""

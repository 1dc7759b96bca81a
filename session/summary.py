"""From what was folded to a snapshot."""

from __future__ import annotations

from collections.abc import Iterable

from regime.witness import weighed
from session.events import GpuReading
from session.finished import FinishedView
from session.growth import growth, with_growth
from session.kept import Kept
from session.level_views import LevelViews
from session.lost import Lost
from session.present import evidence, limited, load_of
from session.setup import Setup
from session.view import ClientView, Goodput, GpuView, Snapshot, SourceView, TraceView


def snapshot_of(
    kept: Kept, setup: Setup, views: LevelViews, now_s: float, unread: int, lost: tuple[Lost, ...]
) -> Snapshot:
    """Return the state at ``now_s``, which is not before the newest event."""
    views.judge_by(kept, setup)
    asked, level, server = load_of(kept), kept.book.last(), kept.recent_server.view(now_s, mean=False)
    current = views.of(level, kept, setup, now_s) if level else None
    levels = [
        current if current is not None and x is level else views.of(x, kept, setup, now_s)
        for x in kept.book.levels
        if x.says_something(now_s)
    ]
    scaling = growth(levels)
    since_s = level.start_s if level else 0.0
    return Snapshot(
        header=kept.header,
        simulated=kept.header.simulated or bool(kept.server and kept.server.simulated),
        model=kept.server.model if kept.server else None,
        server_version=kept.server.version if kept.server else None,
        now_s=now_s,
        concurrency=asked.concurrency,
        paused=kept.paused,
        resume_to=kept.resume_to,
        in_flight=sum(kept.in_flight.values()),
        prompt_tokens=kept.prompt_tokens,
        output_len=kept.output_len,
        window=kept.window.latencies(now_s),
        rates=kept.window.rates(now_s, since_s),
        level=current,
        levels=with_growth(levels, scaling),
        errors=dict(kept.errors),
        last_error=kept.last_error,
        requests=kept.requests,
        output_tokens=kept.output_tokens,
        server=server,
        gpus=tuple(_gpu_views(kept, now_s)),
        sources={name: _source_view(kept, name, now_s) for name in ("server", "metrics", "gpus")},
        verdict=weighed(kept.memory.calm.show(evidence(kept, setup, now_s)), scaling, server.batch),
        series=kept.series.view(),
        log=tuple(kept.log),
        client=_client_view(kept),
        ended=kept.ended,
        unread=unread,
        lost=lost,
        mode=asked.mode,
        rate_s=asked.rate,
        setup=setup,
        goodput=Goodput(*kept.window.good(now_s, since_s)) if kept.header.slo else None,
        scaling=scaling,
        speed=asked.speed,
        trace=_trace_view(kept),
        finished=FinishedView.of(kept.finished),
    )


def _trace_view(kept: Kept) -> TraceView | None:
    trace = kept.header.trace
    return None if trace is None else TraceView(trace.name, trace.requests, kept.replayed)


def _client_view(kept: Kept) -> ClientView:
    ticks = kept.health.values()
    return ClientView(
        max((t.lag_p99_s for t in ticks if t.lag_p99_s is not None), default=None),
        max((t.cpu for t in ticks if t.cpu is not None), default=None),
        limited(kept),
        kept.lost_workers,
    )


def _gpu_views(kept: Kept, now_s: float) -> Iterable[GpuView]:
    for index, info in sorted(kept.gpus.items()):
        recent = kept.recent_gpus.get(index)
        if recent is None:
            yield GpuView(info, GpuReading(index=index))
        else:
            t_s, reading = recent.latest()
            yield GpuView(info, reading, max(0.0, now_s - t_s) + (reading.age_s or 0.0))


def _source_view(kept: Kept, name: str, now_s: float) -> SourceView:
    said = kept.sources.get(name)
    seen_s = kept.seen_s.get(name)
    return SourceView(
        name,
        said.ok if said else (True if seen_s is not None else None),
        said.reason if said else None,
        max(0.0, now_s - seen_s) if seen_s is not None else None,
    )

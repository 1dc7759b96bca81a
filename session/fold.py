"""The one fold: events in, a snapshot out. Live views, replays, reports and tests all use it."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import replace
from typing import Any

from session.changes import arrivals_cv, change_text, error_text
from session.devices import RecentReadings
from session.distributions import Distributions
from session.events import (
    End,
    Event,
    Gpu,
    GpuSample,
    Header,
    Lengths,
    Level,
    Log,
    Metrics,
    Model,
    Note,
    Request,
    Server,
    Source,
    Tick,
    Told,
)
from session.gaps import weight_of
from session.goodput import meets
from session.gpu_history import GpuHistory, GpuHistoryView
from session.kept import RECENT_S, Kept
from session.level_views import LevelViews
from session.levels import LevelFold
from session.lost import Lost
from session.present import evidence, late, load_of, setup_of
from session.setup import Setup
from session.summary import snapshot_of
from session.view import LogLine, Snapshot, amount_of


class State:
    """Everything known of one session so far: what is kept, and what is remembered of it to be quick."""

    def __init__(self, header: Header, kept: Kept | None = None) -> None:
        self.kept = kept if kept is not None else Kept.of(header)
        self.unread = 0
        self.lost: tuple[Lost, ...] = ()
        self._second = int(self.kept.t_s)
        self._setup: Setup | None = None
        self.views = LevelViews()
        """May be shared by all states of one recording."""
        self.gpu_history = GpuHistory()
        """What was folded here: too large for checkpoints."""
        self._gpu_past = GpuHistoryView(self.gpu_history)
        self._distributions = Distributions()
        self._on: dict[type, Callable[[Any], None]] = {
            Tick: self._on_tick,
            Request: self._on_request,
            Told: self._on_told,
            GpuSample: self._on_gpus,
            Metrics: self._on_metrics,
            Level: self._on_level,
            Lengths: self._on_lengths,
            Server: self._on_server,
            Model: self._on_model,
            Gpu: self._on_gpu,
            Source: self._on_source,
            Note: self._on_note,
            Log: self._on_log,
            End: self._on_end,
        }

    @property
    def header(self) -> Header:
        """What was run."""
        return self.kept.header

    @property
    def t_s(self) -> float:
        """Time of the newest event."""
        return self.kept.t_s

    def apply_all(self, events: Iterable[Event]) -> None:
        """Apply events in order."""
        for event in events:
            self.apply(event)

    def apply(self, event: Event) -> None:
        """Apply one event."""
        t_s = event.t_s
        if t_s > self.kept.t_s:
            if int(t_s) > self._second:
                self._seconds_pass(t_s)
            self.kept.t_s = t_s
        self._on[type(event)](event)

    def snapshot(self, now_s: float | None = None) -> Snapshot:
        """Return the state at ``now_s`` (the newest event's time where it is left out)."""
        now_s = max(self.t_s, now_s or 0.0)
        if self.kept.ended is None:
            self._advance(now_s)
        ended = self.kept.ended is not None
        return replace(
            snapshot_of(self.kept, self.setup, self.views, now_s, self.unread, self.lost),
            gpu_history=self._past(),
            shapes=self._distributions.of(self.kept.book.levels, now_s, ended=ended),
        )

    def _past(self) -> GpuHistoryView:
        """Return the GPUs' past; the same view until there is more, for it remembers what it was asked."""
        if self._gpu_past.t_s != self.gpu_history.t_s:
            self._gpu_past = GpuHistoryView(self.gpu_history)
        return self._gpu_past

    @property
    def setup(self) -> Setup:
        """What the arithmetic rests on."""
        if self._setup is None:
            self._setup = setup_of(self.kept)
        return self._setup

    def _seconds_pass(self, t_s: float) -> None:
        """Do what is done once a second of recorded time, before anything of the new second is known."""
        self._second = int(t_s)
        self.kept.memory.judge_until(t_s, lambda now_s: evidence(self.kept, self.setup, now_s))
        self._advance(t_s)
        self.kept.window.forget(t_s)
        self.kept.book.conclude(t_s)

    def _advance(self, t_s: float) -> None:
        load = load_of(self.kept)
        self.kept.series.advance(t_s, load.concurrency, load.rate, load.speed)

    def _on_tick(self, tick: Tick) -> None:
        kept = self.kept
        kept.in_flight[tick.worker] = tick.in_flight
        kept.health[tick.worker] = tick
        gaps = weight_of(tick.itl)
        kept.window.tick(tick, gaps)
        kept.series.tick(tick, gaps)
        kept.finished.tick(tick)
        kept.book.tick(tick, gaps, limited=late(tick), idle=not any(kept.in_flight.values()))

    def _on_request(self, request: Request) -> None:
        kept = self.kept
        kept.output_tokens += request.output_tokens
        kept.book.arrive(request)
        good = request.error is None and meets(request, kept.header.slo)
        if (level := kept.book.of(request)) is not None:
            level.request(request, good=good)
            kept.replayed += level.load.mode == "trace"
        kept.finished.request(request, level.number if level else 0, level.load if level else None)
        if request.error is None:
            kept.requests += 1
            kept.window.request(request, good=good)
        elif request.error != "cancelled":
            kept.errors[request.error] = kept.errors.get(request.error, 0) + 1
            kept.last_error = LogLine(request.t_s, "error", error_text(request))
            kept.marks.take(request)

    def _on_told(self, told: Told) -> None:
        kept = self.kept
        if not 0 < told.level <= len(kept.book.levels):
            return
        level = kept.book.levels[told.level - 1]
        level.tell(told)
        if not level.requests and not level.errors:
            kept.requests += told.requests or 0
            kept.output_tokens += told.output_tokens or 0

    def _on_gpus(self, sample: GpuSample) -> None:
        kept = self.kept
        kept.seen_s["gpus"] = sample.t_s
        self.gpu_history.add(sample)
        for reading in sample.gpus:
            if (recent := kept.recent_gpus.get(reading.index)) is None:
                recent = kept.recent_gpus[reading.index] = RecentReadings(RECENT_S)
            recent.add(sample.t_s, reading)
        if (level := kept.book.at(sample.t_s)) is not None:
            level.gpus(sample)

    def _on_metrics(self, sample: Metrics) -> None:
        kept = self.kept
        kept.seen_s["metrics"] = kept.seen_s["server"] = sample.t_s
        if sample.kv_cache_dtype and sample.kv_cache_dtype != kept.kv_cache_dtype:
            kept.kv_cache_dtype, self._setup = sample.kv_cache_dtype, None
        kept.recent_server.add(sample)
        load = load_of(kept)
        kept.memory.metrics(sample, load.concurrency if load.mode == "closed" else None)
        if (level := kept.book.at(sample.t_s)) is not None:
            level.metrics(sample)

    def _on_level(self, event: Level) -> None:
        kept, before = self.kept, load_of(self.kept)
        if event.by == "pause":
            kept.paused, kept.resume_to = True, amount_of(before.concurrency, before.rate, before.speed)
        else:
            kept.paused = False
        kept.lost_workers += event.by == "worker-lost"
        self._begin(event.t_s, event)
        kept.say(LogLine(event.t_s, "info", f"{change_text(before, event)} ({event.by})"))
        kept.marks.take(event)

    def _on_lengths(self, event: Lengths) -> None:
        kept = self.kept
        kept.prompt_tokens, kept.output_len = event.prompt_tokens, event.output_tokens
        self._begin(event.t_s, load_of(kept))
        text = f"prompt {event.prompt_tokens} tokens, output {event.output_tokens} tokens"
        kept.say(LogLine(event.t_s, "info", text))
        kept.marks.take(event)

    def _begin(self, t_s: float, load: Level) -> None:
        kept = self.kept
        kept.book.close(t_s, sum(kept.in_flight.values()))
        kept.memory.settling.load_changed(t_s)
        level = LevelFold.begin(
            len(kept.book.levels) + 1, load, t_s, kept.prompt_tokens, kept.output_len,
            warmup_s=kept.header.warmup_s, arrivals_cv=arrivals_cv(kept.header),
        )  # fmt: skip
        kept.book.begin(level)

    def _on_server(self, event: Server) -> None:
        self.kept.server, self._setup = event, None
        self.kept.memory.ceilings.server_changed()

    def _on_model(self, event: Model) -> None:
        self.kept.model, self._setup = event, None

    def _on_gpu(self, event: Gpu) -> None:
        self.kept.gpus[event.index], self._setup = event, None

    def _on_source(self, event: Source) -> None:
        self.kept.sources[event.source] = event
        self.kept.seen_s[event.source] = event.t_s
        if event.reason:
            severity = "info" if event.ok or event.source == "gpus" else "warning"
            self.kept.say(LogLine(event.t_s, severity, event.reason))
        self.kept.marks.take(event)

    def _on_note(self, event: Note) -> None:
        self.kept.say(LogLine(event.t_s, "note", event.text))
        self.kept.marks.take(event)

    def _on_log(self, event: Log) -> None:
        self.kept.say(LogLine(event.t_s, event.severity, event.text))
        self.kept.marks.take(event)

    def _on_end(self, event: End) -> None:
        kept = self.kept
        kept.ended = event.reason
        kept.book.close(event.t_s, sum(kept.in_flight.values()))
        if not kept.lost_workers:
            kept.book.settle_all()
        kept.in_flight.clear()

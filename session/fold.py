"""The one fold: events in, a snapshot out. Live views, replays, reports and tests all use it."""

from __future__ import annotations

import math
from bisect import bisect_right
from collections import Counter, deque
from collections.abc import Iterable

from regime.evidence import Evidence
from regime.verdict import judge
from regime.witness import weighed
from session.arrived import token_span
from session.devices import RecentReadings
from session.efficiency import efficiency
from session.events import (
    End,
    Event,
    Gpu,
    GpuReading,
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
from session.goodput import meets
from session.growth import growth, with_growth
from session.judging import CPU_LIMIT, LAG_LIMIT_S, Load, gather
from session.levels import LevelFold
from session.memory import Memory
from session.servers import ServerFold
from session.setup import Setup
from session.told import with_told_counts, with_told_latencies, with_told_rates
from session.view import ClientView, Goodput, GpuView, LevelView, LogLine, Snapshot, SourceView, TraceView, amount_of
from session.window import Series, Window

RECENT_S = 4.0
"""Window of the live verdict: four readings at 1 Hz."""
TRANSIENT_S = 3.0
"""A level shorter than this is mostly its own beginning."""
_JUST_CHANGED = "the load has just changed"
LOG_KEPT = 200
_NOTHING = Level(t_s=0.0, concurrency=0)
_TRACE_TO_COME = Level(t_s=0.0, concurrency=0, mode="trace", speed=0.0)


class State:
    """Everything known of one session so far."""

    def __init__(self, header: Header) -> None:
        self.header = header
        self.t_s = 0.0
        """Time of the newest event."""
        self.unread = 0
        self._server: Server | None = None
        self._model: Model | None = None
        self._kv_cache_dtype: str | None = None
        self._gpus: dict[int, Gpu] = {}
        self._prompt_tokens = header.prompt_tokens
        self._output_len = header.output_tokens
        self._slo = header.slo
        self._levels: list[LevelFold] = []
        self._starts: list[float] = []
        self._unsettled: list[LevelFold] = []
        """Levels that have ended while some of their requests have not."""
        self._closed: dict[int, LevelView] = {}
        self._paused = False
        self._resume_to = 0.0
        self._window = Window()
        self._series = Series()
        self._recent_server = ServerFold(RECENT_S)
        self._recent_gpus: dict[int, RecentReadings] = {}
        self._in_flight: dict[int, int] = {}
        self._health: dict[int, Tick] = {}
        self._lost_workers = 0
        self._sources: dict[str, Source] = {}
        self._seen_s: dict[str, float] = {}
        self._errors: Counter[str] = Counter()
        self._last_error: LogLine | None = None
        self._requests = 0
        self._replayed = 0
        """Requests of the trace that ended."""
        self._output_tokens = 0
        self._log: deque[LogLine] = deque(maxlen=LOG_KEPT)
        self._ended: str | None = None
        self._memory = Memory()

    def apply_all(self, events: Iterable[Event]) -> None:
        """Apply events in order."""
        for event in events:
            self.apply(event)

    def apply(self, event: Event) -> None:
        """Apply one event."""
        if event.t_s > self.t_s:
            self._memory.judge_until(event.t_s, self._evidence)
            self.t_s = event.t_s
            self._series.advance(event.t_s, self._load.concurrency, self._load.rate, self._load.speed)
        match event:
            case Tick():
                self._on_tick(event)
            case Request():
                self._on_request(event)
            case GpuSample():
                self._on_gpus(event)
            case Metrics():
                self._on_metrics(event)
            case Level():
                self._on_level(event)
            case Lengths():
                self._on_lengths(event)
            case Server():
                self._server = event
                self._memory.ceilings.server_changed()
            case Model():
                self._model = event
            case Gpu():
                self._gpus[event.index] = event
            case Source():
                self._on_source(event)
            case Note():
                self._log.append(LogLine(event.t_s, "note", event.text))
            case Log():
                self._log.append(LogLine(event.t_s, event.severity, event.text))
            case Told():
                self._on_told(event)
            case End():
                self._on_end(event)

    def snapshot(self, now_s: float | None = None) -> Snapshot:
        """Return the state at ``now_s`` (the newest event's time where it is left out)."""
        now_s = max(self.t_s, now_s or 0.0)
        if self._ended is None:
            self._series.advance(now_s, self._load.concurrency, self._load.rate, self._load.speed)
        level = self._levels[-1] if self._levels else None
        limited = self._limited()
        levels = [self._level_view(x, now_s) for x in self._levels if x.says_something(now_s)]
        scaling = growth(levels)
        server = self._recent_server.view(now_s, mean=False)
        return Snapshot(
            header=self.header,
            simulated=self.header.simulated or bool(self._server and self._server.simulated),
            model=self._server.model if self._server else None,
            server_version=self._server.version if self._server else None,
            now_s=now_s,
            concurrency=self._load.concurrency,
            paused=self._paused,
            resume_to=self._resume_to,
            in_flight=sum(self._in_flight.values()),
            prompt_tokens=self._prompt_tokens,
            output_len=self._output_len,
            window=self._window.latencies(now_s),
            rates=self._window.rates(now_s, level.start_s if level else 0.0),
            level=self._level_view(level, now_s) if level else None,
            levels=with_growth(levels, scaling),
            errors=dict(self._errors),
            last_error=self._last_error,
            requests=self._requests,
            output_tokens=self._output_tokens,
            server=server,
            gpus=tuple(self._gpu_views(now_s)),
            sources={name: self._source_view(name, now_s) for name in ("server", "metrics", "gpus")},
            verdict=weighed(self._memory.calm.show(self._evidence(now_s)), scaling, server.batch),
            series=self._series.view(),
            log=tuple(self._log),
            client=ClientView(
                max((t.lag_p99_s for t in self._health.values() if t.lag_p99_s is not None), default=None),
                max((t.cpu for t in self._health.values() if t.cpu is not None), default=None),
                limited,
                self._lost_workers,
            ),
            ended=self._ended,
            unread=self.unread,
            mode=self._load.mode,
            rate_s=self._load.rate,
            setup=self._setup(),
            goodput=Goodput(*self._window.good(now_s, level.start_s if level else 0.0)) if self._slo else None,
            scaling=scaling,
            speed=self._load.speed,
            trace=self._trace_view(),
        )

    def _trace_view(self) -> TraceView | None:
        trace = self.header.trace
        return None if trace is None else TraceView(trace.name, trace.requests, self._replayed)

    @property
    def _load(self) -> Level:
        """What is asked for now."""
        if self._levels:
            return self._levels[-1].load
        return _NOTHING if self.header.trace is None else _TRACE_TO_COME

    def _on_tick(self, tick: Tick) -> None:
        self._in_flight[tick.worker] = tick.in_flight
        self._health[tick.worker] = tick
        self._window.tick(tick)
        self._series.tick(tick)
        if (level := self._level_at(tick.t_s - tick.dt_s / 2)) is not None:
            level.tick(tick, limited=_late(tick))
        if (begun := self._level_at(tick.t_s)) is not None and begun is not level:
            begun.arrived.tick(tick, begun.end_s)
        if not any(self._in_flight.values()):
            self._settle(level for level in self._unsettled if (level.end_s or 0.0) <= tick.t_s - tick.dt_s)

    def _on_request(self, request: Request) -> None:
        self._output_tokens += request.output_tokens
        self._arrived(request)
        good = request.error is None and meets(request, self._slo)
        if (level := self._level_of(request)) is not None:
            level.request(request, good=good)
            self._replayed += level.load.mode == "trace"
        if request.error is None:
            self._requests += 1
            self._window.request(request, good=good)
        elif request.error != "cancelled":
            self._errors[request.error] += 1
            self._last_error = LogLine(request.t_s, "error", _error_text(request))

    def _on_told(self, told: Told) -> None:
        if not 0 < told.level <= len(self._levels):
            return
        level = self._levels[told.level - 1]
        self._closed.pop(told.level, None)
        level.told = told
        if not level.requests and not level.errors:
            self._requests += told.requests or 0
            self._output_tokens += told.output_tokens or 0

    def _arrived(self, request: Request) -> None:
        """Add a request's tokens to all levels in which they came; a level without others in flight is settled."""
        first_s, last_s = token_span(request)
        last = bisect_right(self._starts, last_s)
        for at in range(max(0, bisect_right(self._starts, first_s) - 1), last):
            self._closed.pop(at + 1, None)
            self._levels[at].arrived.request(request, self._levels[at].end_s)
        for level in self._unsettled:
            level.pending -= request.start_s < (level.end_s or 0.0) <= request.t_s
        self._settle(level for level in self._unsettled if level.pending <= 0)

    def _settle(self, levels: Iterable[LevelFold]) -> None:
        for level in list(levels):
            level.arrived.settled = True
            self._closed.pop(level.number, None)
            self._unsettled.remove(level)

    def _on_gpus(self, sample: GpuSample) -> None:
        self._seen_s["gpus"] = sample.t_s
        for reading in sample.gpus:
            recent = self._recent_gpus.setdefault(reading.index, RecentReadings(RECENT_S))
            recent.add(sample.t_s, reading)
        if (level := self._level_at(sample.t_s)) is not None:
            level.gpus(sample)

    def _on_metrics(self, sample: Metrics) -> None:
        self._seen_s["metrics"] = self._seen_s["server"] = sample.t_s
        self._kv_cache_dtype = sample.kv_cache_dtype or self._kv_cache_dtype
        self._recent_server.add(sample)
        offered = self._load.concurrency if self._load.mode == "closed" else None
        if self._memory.metrics(sample, offered):
            self._closed.clear()  # levels that ended are judged anew with what is known now
        if (level := self._level_at(sample.t_s)) is not None:
            level.metrics(sample)

    def _on_level(self, event: Level) -> None:
        before = self._load
        if event.by == "pause":
            self._paused, self._resume_to = True, amount_of(before.concurrency, before.rate, before.speed)
        else:
            self._paused = False
        self._lost_workers += event.by == "worker-lost"
        self._begin(event.t_s, event)
        self._log.append(LogLine(event.t_s, "info", f"{_change_text(before, event)} ({event.by})"))

    def _on_lengths(self, event: Lengths) -> None:
        self._prompt_tokens, self._output_len = event.prompt_tokens, event.output_tokens
        self._begin(event.t_s, self._load)
        text = f"prompt {event.prompt_tokens} tokens, output {event.output_tokens} tokens"
        self._log.append(LogLine(event.t_s, "info", text))

    def _begin(self, t_s: float, load: Level) -> None:
        if self._levels:
            self._close(self._levels[-1], t_s)
        self._memory.settling.load_changed(t_s)
        number = len(self._levels) + 1
        level = LevelFold(
            number, load, t_s, self._prompt_tokens, self._output_len,
            warmup_s=self.header.warmup_s, arrivals_cv=arrivals_cv(self.header),
        )  # fmt: skip
        self._levels.append(level)
        self._starts.append(t_s)

    def _close(self, level: LevelFold, t_s: float) -> None:
        level.end_s = t_s
        level.pending = sum(self._in_flight.values())
        self._unsettled.append(level)

    def _on_source(self, event: Source) -> None:
        self._sources[event.source] = event
        self._seen_s[event.source] = event.t_s
        if event.reason:
            severity = "info" if event.ok or event.source == "gpus" else "warning"
            self._log.append(LogLine(event.t_s, severity, event.reason))

    def _on_end(self, event: End) -> None:
        self._ended = event.reason
        if self._levels and self._levels[-1].end_s is None:
            self._close(self._levels[-1], event.t_s)
        if not self._lost_workers:
            self._settle(self._unsettled)
        self._in_flight.clear()

    def _level_at(self, t_s: float) -> LevelFold | None:
        """Return the level to which an event at ``t_s`` belongs; its summary is then no longer final."""
        at = bisect_right(self._starts, t_s) - 1
        if at < 0:
            return None
        self._closed.pop(at + 1, None)
        return self._levels[at]

    def _level_of(self, request: Request) -> LevelFold | None:
        """Return the level under which a request was sent: a worker hears of a change a little later than it is."""
        if not 0 < request.level <= len(self._levels):
            return self._level_at(request.start_s)
        self._closed.pop(request.level, None)
        return self._levels[request.level - 1]

    def _limited(self) -> bool:
        return any(_late(tick) for tick in self._health.values())

    def _gpu_views(self, now_s: float) -> Iterable[GpuView]:
        for index, info in sorted(self._gpus.items()):
            recent = self._recent_gpus.get(index)
            if recent is None:
                yield GpuView(info, GpuReading(index=index))
            else:
                t_s, reading = recent.latest()
                yield GpuView(info, reading, max(0.0, now_s - t_s) + (reading.age_s or 0.0))

    def _source_view(self, name: str, now_s: float) -> SourceView:
        said = self._sources.get(name)
        seen_s = self._seen_s.get(name)
        return SourceView(
            name,
            said.ok if said else (True if seen_s is not None else None),
            said.reason if said else None,
            max(0.0, now_s - seen_s) if seen_s is not None else None,
        )

    def _missing(self, *sources: str) -> str | None:
        """Return why the first of these sources that is missing, or GPUs that are told of too late, are missing."""
        said = (self._sources.get(name) for name in sources)
        return next((event.reason for event in said if event and (not event.ok or event.source == "gpus")), None)

    def _evidence(self, now_s: float) -> Evidence:
        """Gather the last few seconds, and nothing that is older."""
        means = {i: m for i, r in self._recent_gpus.items() if (m := r.mean(i, now_s)) is not None}
        last = self._recent_server.latest()
        server = self._recent_server if last and last.t_s > now_s - RECENT_S else ServerFold()
        load = Load(
            concurrency=self._load.concurrency if self._load.mode == "closed" else sum(self._in_flight.values()),
            prompt_tokens=self._prompt_tokens,
            output_len=self._output_len,
            itl_mean_s=self._window.mean_gap_s(now_s, RECENT_S),
            client_limited=self._limited(),
            transient=self._memory.settling.why(now_s),
            max_num_seqs=self._max_num_seqs(),
        )
        missing = self._missing("server", "gpus")
        return gather(self._setup(), load, server, means, self._gpus, missing, self._memory.ceilings)

    def _max_num_seqs(self) -> int | None:
        """Return what the user said, else what the server did."""
        return self.header.max_num_seqs or (self._server.max_num_seqs if self._server else None)

    def _setup(self) -> Setup:
        return Setup.of(self.header, self._server, self._gpus, self._model, self._kv_cache_dtype)

    def _level_view(self, level: LevelFold, now_s: float) -> LevelView:
        if level.number in self._closed:
            return self._closed[level.number]
        view = self._fresh_level_view(level, now_s)
        if level.end_s is not None:
            self._closed[level.number] = view
        return view

    def _fresh_level_view(self, level: LevelFold, now_s: float) -> LevelView:
        latencies = with_told_latencies(level.latencies(), level.told)
        means = level.mean_gpus()
        load = Load(
            level.in_flight(), level.prompt_tokens, level.output_len, latencies.itl.mean,
            level.limited_by_client, transient=_JUST_CHANGED if level.duration_s(now_s) < TRANSIENT_S else None,
            max_num_seqs=self._max_num_seqs(),
        )  # fmt: skip
        setup = self._setup()
        gpus = tuple(GpuView(self._gpus[i], m) for i, m in means.items() if i in self._gpus)
        rates = with_told_rates(level.rates(), level.told)
        view = LevelView(
            number=level.number,
            concurrency=level.load.concurrency,
            started_s=level.start_s,
            duration_s=level.duration_s(now_s),
            open=level.end_s is None,
            prompt_tokens=level.prompt_tokens,
            output_len=level.output_len,
            requests=level.requests,
            errors=dict(level.errors),
            output_tokens=level.output_tokens,
            rates=rates,
            latencies=latencies,
            verdict=judge(
                gather(setup, load, level.server, means, self._gpus, self._missing("gpus"), self._memory.ceilings)
            ),
            gpus=gpus,
            server=level.server.view(now_s, mean=True),
            mode=level.load.mode,
            rate_s=level.load.rate,
            goodput=level.goodput() if self._slo else None,
            speed=level.load.speed,
            client_limited=level.limited_by_client,
            whole=with_told_rates(level.whole_rates(), level.told),
            trust=level.trust(),
            efficiency=efficiency(rates.output_tok_s, gpus, level.gpu_span_s, setup.tp),
        )
        return with_told_counts(view, level.told)


def _late(tick: Tick) -> bool:
    """Whether the load generator itself was the limit in this tick."""
    lagging = tick.lag_p99_s is not None and tick.lag_p99_s > LAG_LIMIT_S
    return lagging or (tick.cpu is not None and tick.cpu > CPU_LIMIT)


def arrivals_cv(header: Header) -> float:
    """Return the coefficient of variation of the gaps between an open loop's arrivals."""
    return 0.0 if header.arrivals == "constant" else 1 / math.sqrt(max(1e-4, header.burstiness))


def _change_text(before: Level, after: Level) -> str:
    """Say how the load changed: ``concurrency 4 → 8``, ``rate 4/s → 8/s``, ``concurrency 4 → rate 8/s``."""
    old, new = _load_text(before), _load_text(after)
    return f"{old} → {new.removeprefix(old.split()[0]).strip()}"


def _load_text(load: Level) -> str:
    if load.speed is not None:
        return f"trace ×{load.speed:g}"
    return f"concurrency {load.concurrency}" if load.rate is None else f"rate {load.rate:g}/s"


def _error_text(request: Request) -> str:
    status = f" {request.status}" if request.status is not None else ""
    return f"{request.error}{status}" + (f": {request.detail}" if request.detail else "")

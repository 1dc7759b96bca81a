"""What a frame, a report or a test sees: one immutable snapshot, folded from events.

Seconds, bytes, watts and tokens throughout; shares and utilisations of GPUs in percent as NVML gives
them. ``None`` means that the value is not known; it is shown as a dash and never drawn as zero.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import NamedTuple

import msgspec

from regime.scaling import Scaling
from regime.verdict import Verdict
from session.events import Gpu, GpuReading, Header
from session.finished import FinishedView
from session.gaps import bucket_of
from session.gpu_history import GpuHistoryView
from session.lost import Lost
from session.setup import Setup


def amount_of(concurrency: int, rate_s: float | None, speed: float | None) -> float:
    """Return what is asked for: a trace's speed, requests a second in an open loop, else requests in flight."""
    return next((value for value in (speed, rate_s) if value is not None), concurrency)


@dataclass(frozen=True, slots=True, eq=False)
class Stats:
    """Summary of a distribution; the percentiles are exact below 1,000 values, else within 1 %."""

    count: int = 0
    mean: float | None = None
    p50: float | None = None
    p90: float | None = None
    p95: float | None = None
    p99: float | None = None
    p50_ci: tuple[float, float] | None = None
    """95 % confidence interval of the median; of a level's TTFT and TPOT alone."""


@dataclass(frozen=True, slots=True, eq=False)
class Latencies:
    """Client-side latencies in seconds."""

    ttft: Stats = field(default_factory=Stats)
    tpot: Stats = field(default_factory=Stats)
    itl: Stats = field(default_factory=Stats)
    e2e: Stats = field(default_factory=Stats)


class Shape(NamedTuple):
    """What a histogram is drawn from: the values while they are few, else their number by bucket."""

    values: tuple[float, ...] = ()
    """Seconds."""
    buckets: Mapping[int, int] = {}
    """As :mod:`session.gaps` numbers them."""

    def by_buckets(self) -> Shape:
        """Return it without the values: small however many they are."""
        return Shape((), {**self.buckets, **Counter(map(bucket_of, self.values))})


class Shapes(NamedTuple):
    """The distributions of a level's latencies, those that :class:`Latencies` sums up."""

    level: int
    """Its number."""
    ttft: Shape
    tpot: Shape
    itl: Shape
    e2e: Shape

    def by_buckets(self) -> Shapes:
        """Return them without single values."""
        return Shapes(self.level, *(shape.by_buckets() for shape in self[1:]))


@dataclass(frozen=True, slots=True, eq=False)
class Rates:
    """Throughput as it arrived at the client."""

    output_tok_s: float | None = None
    total_tok_s: float | None = None
    requests_s: float | None = None


@dataclass(frozen=True, slots=True, eq=False)
class Goodput:
    """How many requests met every bound that the user set; of a level, or of the last 10 s."""

    share: float | None = None
    """0 to 1, of the requests that finished without error; ``None`` where none did."""
    requests_s: float | None = None
    """Good requests a second."""


@dataclass(frozen=True, slots=True, eq=False)
class Trust:
    """How far a level's figures can be trusted."""

    warmup_s: float = 0.0
    """From the level's start to that of its steady part; what came in it is in no rate and no latency."""
    short: bool = False
    """The level did not reach a steady part: its figures are those of the whole level, warm-up included."""
    steady: bool | None = None
    """``None``: too short to tell."""
    reason: str = ""
    """Why it is called steady or not, or why that cannot be told; one line."""
    trend: float | None = None
    """How far output tokens/s rose over the steady part (a line through its windows), over their mean."""
    variation: float | None = None
    """Coefficient of variation of output tokens/s in windows."""
    output_ci: tuple[float, float] | None = None
    """95 % confidence interval of output tokens/s."""
    window_s: float | None = None
    windows: int = 0

    @property
    def output_error(self) -> float | None:
        """Half of the confidence interval over its middle."""
        if self.output_ci is None or (middle := sum(self.output_ci) / 2) <= 0:
            return None
        return (self.output_ci[1] - self.output_ci[0]) / 2 / middle


MARKS = {"unsteady": "~", "unknown": "?", "short": "!"}
"""Beside a level whose figures are to be taken with care, by :func:`mark_of`; the same in every output."""


def mark_of(trust: Trust | None) -> str | None:
    """Return why a level's figures are to be taken with care: ``short``, ``unsteady``, ``unknown``, or ``None``."""
    if trust is None or trust.steady:
        return None
    if trust.short:
        return "short"
    return "unsteady" if trust.steady is False else "unknown"


@dataclass(frozen=True, slots=True, eq=False)
class ServerView:
    """The server's own numbers, summed over its engines."""

    age_s: float | None = None
    running: float | None = None
    waiting: float | None = None
    kv_usage: float | None = None
    """0 to 1, the fullest engine."""
    prefix_hit_rate: float | None = None
    """0 to 1, over the window."""
    preemptions: float | None = None
    """In the window."""
    batch: float | None = None
    """Sequences per decode step."""
    step_s: float | None = None
    generation_tok_s: float | None = None
    generation_tokens_total: float | None = None
    engines: int = 0
    kind: str = "vLLM"
    """Which server's metrics they are."""
    kv_cache_tokens: float | None = None
    """Size of the KV cache."""
    ttft_p50_s: float | None = None
    ttft_p99_s: float | None = None
    itl_p50_s: float | None = None
    itl_p99_s: float | None = None
    """By the server's histograms, of the window; ``None`` too where the buckets are too coarse to tell."""
    queue_s: float | None = None
    """Mean wait in the server's queue, of requests that left it in the window."""
    flops_s: float | None = None
    """Floating-point operations a second and GPU, as the server estimates them."""
    dram_bytes_s: float | None = None
    """Bytes read and written a second and GPU, as the server estimates them."""
    prefill_per_step: float | None = None
    """Prompt tokens computed per step, cache hits left out."""


@dataclass(frozen=True, slots=True, eq=False)
class GpuView:
    """One GPU: what it is and its mean over the window (or its last reading, in ``Snapshot.gpus``)."""

    info: Gpu
    reading: GpuReading
    age_s: float | None = None


@dataclass(frozen=True, slots=True, eq=False)
class Efficiency:
    """What a level's output tokens cost."""

    gpus: int
    """GPUs in use."""
    output_tok_s_per_gpu: float
    power_w: float | None
    """All of them together; ``None`` where one cannot be read."""
    tokens_per_joule: float | None
    """Output tokens per joule that the GPUs used, the rest of the machine left out."""


@dataclass(frozen=True, slots=True, eq=False)
class LevelView:
    """One load level."""

    number: int
    concurrency: int
    started_s: float
    duration_s: float
    open: bool
    """Still running."""
    prompt_tokens: int
    output_len: int
    """Tokens asked for per request."""
    requests: int
    """Started in this level and finished without error."""
    errors: Mapping[str, int]
    output_tokens: int
    """Of the requests that started in this level, wherever they ended."""
    rates: Rates
    """Of what arrived in the steady part."""
    latencies: Latencies
    """Of the steady part."""
    verdict: Verdict
    gpus: tuple[GpuView, ...]
    server: ServerView
    mode: str = "closed"
    """``closed`` keeps ``concurrency`` in flight, ``open`` sends ``rate_s`` a second, ``trace`` runs at ``speed``."""
    rate_s: float | None = None
    """Requests a second, in an open loop."""
    goodput: Goodput | None = None
    """``None`` where the user set no bounds."""
    efficiency: Efficiency | None = None
    speed: float | None = None
    """Seconds of the trace a second, in a trace."""
    client_limited: bool = False
    """The load generator was late for more than a fifth of it: its figures tell of the client."""
    whole: Rates = field(default_factory=Rates)
    """Of what arrived in the whole level, warm-up included."""
    trust: Trust | None = None
    """``None`` where there is nothing to trust: no load, or nothing seen yet."""

    @property
    def amount(self) -> float:
        """What is asked for: in flight, requests a second in an open loop, or a trace's speed."""
        return amount_of(self.concurrency, self.rate_s, self.speed)


@dataclass(frozen=True, slots=True, eq=False)
class SourceView:
    """Whether a source of data answers."""

    name: str
    ok: bool | None
    """``None``: not heard of yet."""
    reason: str | None
    age_s: float | None


class SeriesPoint(msgspec.Struct, frozen=True, array_like=True, eq=False):
    """One second of the session; ``None`` where nothing was seen."""

    t_s: int
    output_tok_s: float | None
    tpot_s: float | None
    """Mean gap between tokens in that second."""
    concurrency: int
    rate_s: float | None = None
    """Requests a second that were wanted, in an open loop."""
    speed: float | None = None
    """That was wanted, in a trace."""


@dataclass(frozen=True, slots=True, eq=False)
class TraceView:
    """How far the replay of a trace is."""

    name: str
    requests: int
    """In all."""
    ended: int
    """Requests that ended, were dropped or were too long."""


@dataclass(frozen=True, slots=True, eq=False)
class LogLine:
    """Something that happened: a note, a warning, a change."""

    t_s: float
    severity: str
    """``note``, ``info``, ``warning`` or ``error``."""
    text: str


@dataclass(frozen=True, slots=True, eq=False)
class ClientView:
    """How the load generator itself fares."""

    lag_p99_s: float | None = None
    cpu: float | None = None
    limited: bool = False
    """The client was late: its figures tell of itself."""
    lost: int = 0
    """Load workers that died."""


@dataclass(frozen=True, slots=True, eq=False)
class Snapshot:
    """The whole state of a session at ``now_s``."""

    header: Header
    simulated: bool
    model: str | None
    server_version: str | None
    now_s: float
    concurrency: int
    """What the user wants in flight; 0 in an open loop."""
    paused: bool
    """Load was stopped with the intent to resume (``resume_to``)."""
    resume_to: float
    """In flight, requests a second in an open loop, or a trace's speed."""
    in_flight: int
    prompt_tokens: int
    output_len: int
    window: Latencies
    """Last 10 s."""
    rates: Rates
    """Last 10 s, or since the level began where that is shorter."""
    level: LevelView | None
    """The current level; ``None`` before the first."""
    levels: tuple[LevelView, ...]
    """Every level that held load for long enough to say something, oldest first; the current one too."""
    errors: Mapping[str, int]
    last_error: LogLine | None
    requests: int
    output_tokens: int
    server: ServerView
    gpus: tuple[GpuView, ...]
    sources: Mapping[str, SourceView]
    verdict: Verdict
    """Of the last few seconds."""
    series: tuple[SeriesPoint, ...]
    """One point a second, oldest first, without gaps in ``t_s``."""
    log: tuple[LogLine, ...]
    client: ClientView
    ended: str | None
    """Why the session ended; ``None`` while it runs or where the recording was cut off."""
    unread: int
    """Lines of the recording that this version could not read."""
    mode: str = "closed"
    """``closed``, ``open`` or ``trace``, as in :class:`LevelView`."""
    rate_s: float | None = None
    """Requests a second that the user wants, in an open loop."""
    goodput: Goodput | None = None
    """Last 10 s, as ``rates``; ``None`` where the user set no bounds."""
    scaling: Scaling | None = None
    """How step time grows over the levels that can be compared; ``None`` below three."""
    setup: Setup | None = None
    """The model's shape and the GPU's peaks that the arithmetic takes."""
    speed: float | None = None
    """Seconds of the trace a second that the user wants, in a trace."""
    trace: TraceView | None = None
    """``None`` where the session did not begin with a trace."""
    reading: float | None = None
    """Share of the recording that has been read, while a replay still reads it."""
    lost: tuple[Lost, ...] = ()
    """Stretches of the recording that cannot be read."""
    finished: FinishedView = field(default_factory=FinishedView)
    gpu_history: GpuHistoryView = field(default_factory=GpuHistoryView)
    shapes: Shapes | None = None
    """Of the newest level in which something was timed; ``None`` before."""

    @property
    def amount(self) -> float:
        """What is asked for: in flight, requests a second in an open loop, or a trace's speed."""
        return amount_of(self.concurrency, self.rate_s, self.speed)

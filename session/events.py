"""The events of a recording: one JSON object a line, told apart by ``type``.

Times are ``t_s``, seconds since the session began on the host's monotonic clock. A value that could
not be read is absent (``None``), never zero. No event holds prompt or response text, or a key.
"""

from __future__ import annotations

import msgspec

FORMAT = 2
"""Version of the recording format. Readers of N read every version up to N."""


class Trace(msgspec.Struct, omit_defaults=True, frozen=True, kw_only=True):
    """A trace that is replayed."""

    name: str
    """Of the file, without its folders."""
    requests: int
    """How many are sent."""
    duration_s: float
    """From its first request to its last, at its own speed."""


class Header(msgspec.Struct, tag="header", omit_defaults=True, frozen=True, kw_only=True):
    """First line of a recording: what was run, where and by which version."""

    format: int
    rooftop: str
    started_at: str
    """Wall-clock start, ISO 8601 with zone."""
    host: str
    target: str
    """Server URL without credentials, query or fragment."""
    simulated: bool = False
    clock_ns: int = 0
    """Monotonic clock of ``host`` at ``t_s`` = 0; lets a follower on the same host say how old an event is."""
    prompt_tokens: int
    output_tokens: int
    endpoint: str = "completions"
    workers: int = 1
    client: str = "native"
    """What sent the requests: ``native``, rooftop's own, or ``aiohttp``."""
    tp: int | None = None
    """Tensor parallelism, where the user said it."""
    model_shape: str | None = None
    """Name in the built-in table of model shapes, where the user said it."""
    gpu: str | None = None
    """Key in the built-in table of GPUs, where the user said it."""
    arrivals: str = "poisson"
    """How requests arrive in an open loop: ``poisson``, ``constant`` or ``gamma``."""
    burstiness: float = 1.0
    """Shape of the gamma-distributed gaps."""
    max_num_seqs: int | None = None
    """Sequences that the server runs at most, where the user said it."""
    gpu_hour: float | None = None
    """What one GPU costs an hour, where the user said it; in whatever currency that was."""
    max_in_flight: int | None = None
    """Open loop: arrivals beyond so many are dropped and counted as ``overflow``."""
    slo: dict[str, float] = {}
    """Bounds that a good request meets, in seconds: any of ``ttft``, ``tpot``, ``e2e``."""
    trace: Trace | None = None
    """What is replayed, where the session began with a trace."""
    warmup_s: float | None = None
    """Where the user said it: so much of each level's beginning is left out of its figures."""
    origin: str | None = None
    """The tools that measured it, where that was not rooftop: ``vllm bench``, ``GuideLLM``, ``nvidia-smi dmon``."""
    session: str | None = None
    """Random name of the session, by which the parts of its recording know each other."""
    part: int = 1
    """Which file of the recording this is, where it was rolled at a limit."""


class Server(msgspec.Struct, tag="server", omit_defaults=True, frozen=True, kw_only=True):
    """What the server said of itself; again whenever it came back as another."""

    t_s: float
    model: str | None = None
    version: str | None = None
    root: str | None = None
    max_model_len: int | None = None
    simulated: bool = False
    tp: int | None = None
    max_num_seqs: int | None = None


class Shape(msgspec.Struct, omit_defaults=True, frozen=True, kw_only=True):
    """A model's shape in plain numbers, as :class:`regime.model.ModelShape` wants them."""

    name: str
    hidden: int
    layers: int
    vocab: int
    heads: int
    intermediate: int
    """Width of a dense FFN."""
    matrices: int = 3
    tied: bool = False
    kv_heads: int | None = None
    """This and the next three: grouped-query attention."""
    head_dim: int | None = None
    window: int | None = None
    sliding: float = 0.0
    kv_rank: int | None = None
    """This and the next seven: latent attention."""
    rope_dim: int | None = None
    nope_dim: int | None = None
    v_dim: int | None = None
    q_rank: int | None = None
    top: int | None = None
    index_heads: int = 0
    index_dim: int = 0
    gated: bool = False
    linear_share: float = 0.0
    """This and the next five: layers with a state in place of keys and values."""
    linear_key_heads: int | None = None
    linear_key_dim: int | None = None
    linear_value_heads: int | None = None
    linear_value_dim: int | None = None
    linear_number_bytes: float = 4.0
    experts: int | None = None
    """This and the next four: a mixture of experts."""
    experts_per_token: int | None = None
    expert_intermediate: int | None = None
    shared_intermediate: int = 0
    dense_layers: int = 0
    attention_bytes: float = 2.0
    """Bytes per number, this and the next two."""
    ffn_bytes: float = 2.0
    kv_bytes: float = 2.0
    compute: str = "bf16"
    """``bf16``, ``fp8``, ``int8`` or ``fp4``."""


class Model(msgspec.Struct, tag="model", omit_defaults=True, frozen=True, kw_only=True):
    """Which shape the arithmetic takes for the server's model; said after each ``server``.

    It is found where the server was measured, so that a replay elsewhere needs none of the files.
    """

    t_s: float
    shape: Shape | None = None
    source: str | None = None
    """Where the shape, or the reason, came from: ``model-config`` and ``model-shape`` (the flags), ``root`` (a
    ``config.json`` where the server has its model), ``cache`` (that of Hugging Face) or ``table`` (the built-in)."""
    reason: str | None = None
    """Why there is no shape, one line."""


class Gpu(msgspec.Struct, tag="gpu", omit_defaults=True, frozen=True, kw_only=True):
    """One GPU, said once."""

    t_s: float
    index: int
    name: str
    uuid: str | None = None
    memory_total_bytes: int | None = None
    power_limit_w: float | None = None
    sm_clock_max_mhz: int | None = None
    dram_peak_bytes_s: float | None = None
    """Memory clock times bus width times two."""
    counters: bool = False
    """Whether DRAM and tensor activity can be read."""
    counters_missing: str | None = None
    source: str = "nvml"
    """Who tells of it: ``nvml``, ``dcgm``, ``amd`` or ``simulated``."""
    host: str | None = None
    """The machine it is in, where an exporter tells."""
    instance: int | None = None
    """GPU instance (MIG) that this is."""
    parent: int | None = None
    """``index`` of the whole GPU of which this is an instance."""


class Level(msgspec.Struct, tag="level", omit_defaults=True, frozen=True, kw_only=True):
    """The load was set to a new target; a level lasts until the next one."""

    t_s: float
    concurrency: int
    """Requests to keep in flight; 0 in an open loop."""
    by: str = "plan"
    """``key``, ``plan``, ``pause``, ``resume``, ``start``, ``stop``, ``trace-end`` or ``worker-lost``."""
    mode: str = "closed"
    """``closed``: so many in flight. ``open``: so many a second, however the server fares. ``trace``: requests of
    a trace at its own instants, however the server fares."""
    rate: float | None = None
    """Requests a second, in an open loop."""
    speed: float | None = None
    """Seconds of the trace a second, in a trace; 0: stopped."""


class Lengths(msgspec.Struct, tag="lengths", omit_defaults=True, frozen=True, kw_only=True):
    """Requests from now on have these lengths; begins a new level at the same concurrency."""

    t_s: float
    prompt_tokens: int
    output_tokens: int


class Tick(msgspec.Struct, tag="tick", omit_defaults=True, frozen=True, kw_only=True):
    """What one load worker saw in the ``dt_s`` seconds before ``t_s``."""

    t_s: float
    dt_s: float
    worker: int = 0
    in_flight: int = 0
    output_tokens: int = 0
    """Tokens that arrived; corrected by the server's usage when a request ends, so it can be negative."""
    prompt_tokens: int = 0
    """Prompt tokens whose first output token arrived."""
    ttft_s: list[float] = []
    """Of the requests whose first token arrived."""
    itl: dict[int, int] = {}
    """Gaps between tokens: histogram bucket to number of tokens (session.histogram)."""
    lag_p99_s: float | None = None
    """Lateness of the worker's own event loop."""
    cpu: float | None = None
    """CPU seconds per second of this worker."""


class Request(msgspec.Struct, tag="request", omit_defaults=True, frozen=True, kw_only=True):
    """One request that ended at ``t_s``."""

    t_s: float
    start_s: float
    """When it was to be sent: in a closed loop when its bytes were handed to the socket, in an open loop when it
    was due. Latencies count from here."""
    queue_s: float | None = None
    """Open loop: from when it was due until its bytes were handed to the socket; absent where they never were."""
    ttft_s: float | None = None
    last_s: float | None = None
    """From start to the last token."""
    prompt_tokens: int | None = None
    output_tokens: int = 0
    counted: bool = True
    """False: the server sent no usage and ``output_tokens`` is a count of chunks."""
    error: str | None = None
    """Kind of failure; ``cancelled`` where rooftop itself ended it."""
    status: int | None = None
    detail: str | None = None
    worker: int = 0
    level: int = 0
    """Number of the level under which it was sent, from 1; 0: not said, take ``start_s``."""


class ToldStats(msgspec.Struct, omit_defaults=True, frozen=True, kw_only=True):
    """A distribution as another tool summed it up, in seconds."""

    mean: float | None = None
    p50: float | None = None
    p90: float | None = None
    p95: float | None = None
    p99: float | None = None


class Told(msgspec.Struct, tag="told", omit_defaults=True, frozen=True, kw_only=True):
    """What another tool told of one level; it counts only where the recording's own events say nothing."""

    t_s: float
    level: int
    """Its number, from 1."""
    requests: int | None = None
    """That finished without error."""
    errors: int | None = None
    output_tokens: int | None = None
    output_tok_s: float | None = None
    total_tok_s: float | None = None
    requests_s: float | None = None
    ttft: ToldStats | None = None
    tpot: ToldStats | None = None
    itl: ToldStats | None = None
    e2e: ToldStats | None = None


class EngineSample(msgspec.Struct, omit_defaults=True, frozen=True, kw_only=True):
    """One engine's gauges and cumulative counters as /metrics gave them (units of the server: s, tokens)."""

    running: float | None = None
    waiting: float | None = None
    waiting_capacity: float | None = None
    waiting_deferred: float | None = None
    kv_usage: float | None = None
    preemptions: float | None = None
    prefix_queries: float | None = None
    prefix_hits: float | None = None
    prompt_tokens: float | None = None
    prompt_computed: float | None = None
    """Prompt tokens computed here, cache hits left out."""
    generation_tokens: float | None = None
    itl_sum_s: float | None = None
    itl_count: float | None = None
    steps: float | None = None
    """Count of vllm:iteration_tokens_total."""
    ttft_sum_s: float | None = None
    ttft_count: float | None = None
    finished: float | None = None
    step_sum_s: float | None = None
    step_count: float | None = None
    """Durations of decode steps, from servers that time those and not the tokens' gaps."""
    queue_sum_s: float | None = None
    queue_count: float | None = None
    """Waiting of requests in the server's queue."""
    ttft_buckets: list[tuple[float, float]] = []
    itl_buckets: list[tuple[float, float]] = []
    """Upper bound in seconds and cumulative count; bounds beyond the first that holds all are left out."""
    flops: float | None = None
    read_bytes: float | None = None
    write_bytes: float | None = None
    """The server's own estimates, per GPU; zero where it does not estimate."""


class Metrics(msgspec.Struct, tag="metrics", omit_defaults=True, frozen=True, kw_only=True):
    """One reading of the server's /metrics."""

    t_s: float
    engines: dict[str, EngineSample]
    took_s: float | None = None
    kv_cache_tokens: float | None = None
    kind: str = "vLLM"
    """Which server's names they are."""
    kv_cache_dtype: str | None = None
    """Type of keys and values as the server names it: ``auto``, ``fp8``, …"""


class GpuReading(msgspec.Struct, omit_defaults=True, frozen=True, kw_only=True):
    """One GPU at one instant; percentages 0 to 100 as NVML and GPM give them."""

    index: int
    util_pct: float | None = None
    mem_util_pct: float | None = None
    memory_used_bytes: int | None = None
    power_w: float | None = None
    power_limit_w: float | None = None
    energy_j: float | None = None
    sm_clock_mhz: int | None = None
    mem_clock_mhz: int | None = None
    temp_c: float | None = None
    throttle: int | None = None
    """NVML clock event reasons, a bit mask."""
    graphics_pct: float | None = None
    sm_pct: float | None = None
    sm_occupancy_pct: float | None = None
    tensor_pct: float | None = None
    dram_pct: float | None = None
    nvlink_tx_bytes_s: float | None = None
    nvlink_rx_bytes_s: float | None = None
    pcie_tx_bytes_s: float | None = None
    pcie_rx_bytes_s: float | None = None
    power_mean_w: float | None = None
    """Energy used since the last reading over the time between."""
    throttled_pct: dict[str, float] = {}
    """Share of the time since the last reading in which something held the clocks down: ``power``, ``thermal``,
    ``sync boost``, ``board``, ``low use``, ``SW heat``, ``HW heat``, ``brake``."""
    hbm_temp_c: float | None = None
    ecc_uncorrected: int | None = None
    """Uncorrected memory errors since the driver was loaded."""
    remapped_rows: int | None = None
    remap_pending: bool | None = None
    """A row is replaced at the next reset."""
    remap_failed: bool | None = None
    age_s: float | None = None
    """How old the values were when they were read, at least; absent where they were fresh."""
    missing: str | None = None
    """Why there is nothing, one line."""


class GpuSample(msgspec.Struct, tag="gpus", omit_defaults=True, frozen=True, kw_only=True):
    """All GPUs, read in one round."""

    t_s: float
    gpus: list[GpuReading]
    took_s: float | None = None


class Note(msgspec.Struct, tag="note", omit_defaults=True, frozen=True, kw_only=True):
    """The user's mark."""

    t_s: float
    text: str


class Source(msgspec.Struct, tag="source", omit_defaults=True, frozen=True, kw_only=True):
    """A source of data changed its state."""

    t_s: float
    source: str
    """``server``, ``metrics`` or ``gpus``."""
    ok: bool
    reason: str | None = None
    """Why it is missing and what to do, one line."""


class Log(msgspec.Struct, tag="log", omit_defaults=True, frozen=True, kw_only=True):
    """Something a person should know."""

    t_s: float
    severity: str
    """``info``, ``warning`` or ``error``."""
    text: str


class End(msgspec.Struct, tag="end", omit_defaults=True, frozen=True, kw_only=True):
    """The session ended in order; a recording without it was cut off."""

    t_s: float
    reason: str


Event = Server | Model | Gpu | Level | Lengths | Tick | Request | Told | Metrics | GpuSample | Note | Source | Log | End
"""Everything that may follow the header."""

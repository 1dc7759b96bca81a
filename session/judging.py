"""From what was folded to what the verdict is judged from."""

from __future__ import annotations

from dataclasses import dataclass

from regime.evidence import Evidence, GpuEvidence
from session.ceilings import Ceilings
from session.events import Gpu, GpuReading
from session.servers import ServerFold
from session.setup import Setup

IN_USE = 0.05
"""A GPU whose memory is filled less than this and whose kernels ran less than this is not the server's."""
LAG_LIMIT_S = 0.005
CPU_LIMIT = 0.95


@dataclass(frozen=True, slots=True)
class Load:
    """The client's side of a window."""

    concurrency: int
    prompt_tokens: int
    output_len: int
    itl_mean_s: float | None
    client_limited: bool
    transient: str | None
    """Why the window is not steady."""
    max_num_seqs: int | None = None
    """Where the user or the server said it."""


def gather(
    setup: Setup,
    load: Load,
    server: ServerFold,
    readings: dict[int, GpuReading],
    gpus: dict[int, Gpu],
    gpus_missing: str | None,
    ceilings: Ceilings | None = None,
) -> Evidence:
    """Assemble the evidence of one window."""
    used = [r for i, r in readings.items() if in_use(r, gpus.get(i))] or list(readings.values())
    inferred = ceilings.max_num_seqs if ceilings else None
    batch = server.batch()
    return Evidence(
        gpus=tuple(_gpu(r, gpus.get(r.index)) for r in used),
        gpus_missing=gpus_missing or _counters_missing(gpus),
        peaks=setup.peaks,
        model=setup.shape,
        sources=setup.sources,
        model_missing=setup.shape_missing,
        tp=setup.tp or max(1, len(used)),
        batch=batch if batch is not None else (float(load.concurrency) if load.concurrency else None),
        step_s=server.step_s() or load.itl_mean_s,
        steps=server.delta(lambda e: e.steps),
        window_s=server.span_s() or None,
        context_tokens=load.prompt_tokens + load.output_len / 2,
        prefill_tokens_per_step=server.ratio(lambda e: e.prompt_computed, lambda e: e.steps),
        running=server.gauge("running"),
        waiting=server.gauge("waiting"),
        waiting_capacity=server.gauge("waiting_capacity"),
        waiting_deferred=server.gauge("waiting_deferred"),
        kv_usage=server.kv_usage(),
        kv_cache_tokens=latest.kv_cache_tokens if (latest := server.latest()) else None,
        preemptions_s=server.per_s(lambda e: e.preemptions),
        max_num_seqs=load.max_num_seqs or inferred,
        max_num_seqs_inferred=load.max_num_seqs is None and inferred is not None,
        token_ceiling=ceilings.tokens_per_step if ceilings else None,
        concurrency=load.concurrency,
        client_limited=load.client_limited,
        transient=load.transient is not None,
        transient_why=load.transient or "",
    )


def in_use(reading: GpuReading, gpu: Gpu | None) -> bool:
    """Whether a GPU is the server's: its memory is filled, or kernels run on it.

    Where neither its memory's size nor its graphics activity can be read, ``utilization.gpu`` says whether kernels run.
    """
    total = gpu.memory_total_bytes if gpu else None
    filled = reading.memory_used_bytes / total if reading.memory_used_bytes is not None and total else 0.0
    busy_pct = reading.util_pct if total is None and reading.graphics_pct is None else reading.graphics_pct
    return filled >= IN_USE or (busy_pct or 0.0) >= 100 * IN_USE


def _counters_missing(gpus: dict[int, Gpu]) -> str | None:
    return next((g.counters_missing for g in gpus.values() if g.counters_missing), None)


def _gpu(reading: GpuReading, gpu: Gpu | None) -> GpuEvidence:
    links = [v for v in (reading.nvlink_tx_bytes_s, reading.nvlink_rx_bytes_s) if v is not None]
    top = gpu.sm_clock_max_mhz if gpu else None
    return GpuEvidence(
        index=reading.index,
        graphics=_share(reading.graphics_pct),
        dram=_share(reading.dram_pct),
        tensor=_share(reading.tensor_pct),
        nvlink_bytes_s=max(links, default=None),
        sm_clock_ratio=reading.sm_clock_mhz / top if reading.sm_clock_mhz is not None and top else None,
        clock_event_reasons=reading.throttle,
        power_capped=_held_down(reading, ("power cap",)),
        thermal=_held_down(reading, ("thermal", "SW thermal", "HW thermal", "power brake")),
    )


def _held_down(reading: GpuReading, causes: tuple[str, ...]) -> float | None:
    """Share of the time, 0 to 1, in which the chief of these causes held the clocks; ``None`` where none is timed."""
    timed = reading.throttled_pct
    return _share(max((timed[name] for name in causes if name in timed), default=None))


def _share(percent: float | None) -> float | None:
    return None if percent is None else percent / 100

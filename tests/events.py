"""Events of a plausible session, for tests that fold them."""

from __future__ import annotations

from collections.abc import Iterator

from session.events import (
    FORMAT,
    End,
    EngineSample,
    Event,
    Gpu,
    GpuReading,
    GpuSample,
    Header,
    Level,
    Metrics,
    Note,
    Request,
    Server,
    Source,
    Tick,
)
from session.gaps import bucket_of


def header(**changes: object) -> Header:
    """Return a header."""
    fields: dict[str, object] = {
        "format": FORMAT,
        "rooftop": "0.1.0",
        "started_at": "2026-11-21T05:00:00.000+00:00",
        "host": "node1",
        "target": "http://localhost:8000",
        "prompt_tokens": 128,
        "output_tokens": 256,
    }
    return Header(**(fields | changes))  # type: ignore[arg-type]


def ramp(levels: tuple[int, ...] = (1, 8), hold_s: float = 10.0, tpot_s: float = 0.005) -> Iterator[Event]:
    """Yield a closed-loop session: each level holds ``concurrency`` streams of 256 tokens at ``tpot_s``."""
    yield Server(t_s=0.1, model="meta-llama/Llama-3.1-8B", version="0.25.1")
    yield Source(t_s=0.1, source="server", ok=True)
    yield Gpu(t_s=0.2, index=0, name="NVIDIA H200", memory_total_bytes=150_000_000_000, counters=True)
    for number, concurrency in enumerate(levels):
        yield from _level(number * hold_s + 1.0, concurrency, hold_s, tpot_s)
    end_s = len(levels) * hold_s + 1.0
    yield Level(t_s=end_s, concurrency=0, by="stop")
    yield Note(t_s=end_s + 0.1, text="the end")
    yield End(t_s=end_s + 0.5, reason="done")


def _level(start_s: float, concurrency: int, hold_s: float, tpot_s: float) -> Iterator[Event]:
    yield Level(t_s=start_s, concurrency=concurrency, by="key")
    e2e_s = 0.05 + 255 * tpot_s
    rate = concurrency / tpot_s
    for quarter in range(1, int(hold_s * 4)):
        t_s = start_s + quarter / 4
        tokens = round(rate / 4)
        yield Tick(t_s=t_s, dt_s=0.25, in_flight=concurrency, output_tokens=tokens, itl={bucket_of(tpot_s): tokens})
        if quarter % 4 == 0:
            yield _metrics(t_s, concurrency, tpot_s)
            yield _gpus(t_s)
        if quarter % 8 == 0 and t_s - e2e_s > start_s:
            for _ in range(concurrency):
                yield Request(
                    t_s=t_s, start_s=t_s - e2e_s, ttft_s=0.05, last_s=e2e_s, prompt_tokens=128, output_tokens=256
                )


def _metrics(t_s: float, concurrency: int, tpot_s: float) -> Metrics:
    steps = 1e6 + t_s / tpot_s
    sample = EngineSample(
        running=concurrency, waiting=0, kv_usage=0.01, itl_count=steps * concurrency,
        itl_sum_s=steps * concurrency * tpot_s, steps=steps, generation_tokens=steps * concurrency, preemptions=0,
        prompt_computed=steps * concurrency / 2,
    )  # fmt: skip
    return Metrics(t_s=t_s, engines={"0": sample})


def _gpus(t_s: float) -> GpuSample:
    reading = GpuReading(
        index=0, util_pct=99.0, power_w=450.0, memory_used_bytes=140_000_000_000, sm_clock_mhz=1980,
        graphics_pct=99.4, dram_pct=64.0, tensor_pct=3.0, energy_j=450.0 * t_s, throttle=0,
    )  # fmt: skip
    return GpuSample(t_s=t_s, gpus=[reading])

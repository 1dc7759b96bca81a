"""Snapshots as a real session gives them: Llama 3.1 8B on an H200, ramped from 1 to 512."""

from __future__ import annotations

from dataclasses import replace

from regime.gpus import peaks_by_key
from regime.model_table import shape_by_name
from regime.parts import Part, Parts
from regime.scaling import Point, fit
from regime.verdict import Shares, Verdict
from session.events import Gpu, GpuReading, Header
from session.finished import ErrorKind, FinishedView
from session.setup import Setup
from session.view import (
    ClientView,
    GpuView,
    Latencies,
    LevelView,
    LogLine,
    Rates,
    SeriesPoint,
    ServerView,
    Snapshot,
    SourceView,
    Stats,
    Trust,
)

GIB = 2**30
HEADER = Header(
    format=1,
    rooftop="0.1.0",
    started_at="2026-03-02T10:00:00+00:00",
    host="gpu-17",
    target="http://localhost:8000",
    prompt_tokens=512,
    output_tokens=128,
)
# concurrency, tok/s, TPOT ms, TTFT p50 ms, DRAM %, tensor %, power W
MEASURED = (
    (1, 193.0, 4.84, 11.0, 64.0, 2.6, 444.0),
    (2, 384.0, 4.87, 12.0, 64.0, 2.8, 449.0),
    (4, 775.0, 4.89, 13.0, 64.0, 3.0, 457.0),
    (8, 1597.0, 4.95, 16.0, 64.0, 3.5, 469.0),
    (16, 3050.0, 5.12, 31.0, 63.0, 6.8, 507.0),
    (32, 5610.0, 5.44, 64.0, 62.0, 12.9, 556.0),
    (64, 9774.0, 6.00, 138.0, 59.0, 23.0, 620.0),
    (128, 15452.0, 7.36, 247.0, 55.0, 37.0, 687.0),
    (256, 19236.0, 11.4, 412.0, 45.0, 50.0, 680.0),
    (512, 21066.0, 21.2, 692.0, 39.0, 58.0, 685.0),
)
LEVEL_S = 20


def stats(p50_ms: float, count: int = 1200) -> Stats:
    base = p50_ms / 1000
    return Stats(count, base * 1.04, base, base * 1.21, base * 1.38, base * 1.92)


def latencies(tpot_ms: float, ttft_ms: float, count: int = 1200) -> Latencies:
    return Latencies(
        stats(ttft_ms, count),
        stats(tpot_ms, count),
        stats(tpot_ms * 0.98, count * 127),
        stats(ttft_ms + tpot_ms * 127, count),
    )


def shares(dram: float, tensor: float) -> Shares:
    memory, compute = dram / 100 * 0.95, tensor / 100 * 0.85
    latency = 0.08
    return Shares(memory, compute, 0.0, latency, 1 - memory - compute - latency)


def verdict(concurrency: int, dram: float, tensor: float) -> Verdict:
    step = "memory" if concurrency <= 128 else "compute"
    measured = shares(dram, tensor)
    modelled = Shares(measured.memory + 0.04, measured.compute - 0.02, 0.0, 0.06, measured.overhead)
    tpot_s = next(row[2] for row in MEASURED if row[0] == concurrency) / 1000
    what = "DRAM" if step == "memory" else "the tensor cores"
    return Verdict(
        step,
        "offered-load" if concurrency < 256 else "max-num-seqs",
        0.8,
        measured,
        measured,
        modelled,
        f"{step.capitalize()}: {what} set the pace; batch {concurrency} at {dram:.0f} % DRAM, {tensor:.0f} % tensor",
        (
            f"weights 16.1 GB + KV 4.2 GB a step at 4.8 TB/s take {3.35 + concurrency / 100:.2f} ms of the step",
            f"DRAM active {dram:.0f} %, tensor active {tensor:.0f} %, SM 98 %",
            "busy 99 % says nothing: it reads the same at one request",
        ),
        advice=f"weights are read for a batch of {concurrency}: raise the concurrency, the ridge is at 206"
        if concurrency <= 64
        else None,
        modifiers=("power-capped", "mixed") if concurrency >= 128 else (),
        batch_inferred=256 if concurrency >= 256 else None,
        measured_parts=parts(measured, tpot_s, split=("latency", "host")),
        modelled_parts=parts(modelled, tpot_s, split=("rest",)),
    )


def parts(found: Shares, step_s: float, split: tuple[str, ...]) -> Parts:
    """A step's parts of shares; ``split`` names what is neither memory, arithmetic nor communication."""
    rest = (found.latency, found.overhead) if len(split) == 2 else (found.latency + found.overhead,)
    told = {
        "weights": found.memory * 0.9,
        "kv": found.memory * 0.1,
        "compute": found.compute,
        "communication": found.communication,
        **dict(zip(split, rest, strict=True)),
    }
    return Parts(tuple(Part(name, share, share * step_s) for name, share in told.items()), roofline=0.61)


def gpu(index: int, dram: float, tensor: float, power: float, age_s: float | None = 0.4) -> GpuView:
    info = Gpu(
        t_s=0.1,
        index=index,
        name="NVIDIA H200",
        memory_total_bytes=143_771 * 2**20,
        power_limit_w=700.0,
        sm_clock_max_mhz=1980,
        dram_peak_bytes_s=4.8e12,
        counters=True,
    )
    reading = GpuReading(
        index=index,
        util_pct=99.0,
        memory_used_bytes=int(128.4 * GIB),
        power_w=power - index,
        power_limit_w=700.0,
        sm_clock_mhz=1980 if power < 680 else 1785,
        temp_c=58.0 + index,
        throttle=0x4 if power > 680 else 0,
        sm_pct=97.0 - index,
        tensor_pct=tensor,
        dram_pct=dram - index / 2,
        nvlink_tx_bytes_s=1.9e9,
        nvlink_rx_bytes_s=2.1e9,
    )
    return GpuView(info, reading, age_s)


def server(concurrency: int, tpot_ms: float, tok_s: float) -> ServerView:
    return ServerView(
        age_s=0.6,
        running=float(min(256, concurrency)),
        waiting=float(max(0, concurrency - 256)),
        kv_usage=min(0.97, concurrency / 530),
        prefix_hit_rate=0.012,
        preemptions=0.0,
        batch=min(256.0, concurrency * 0.97),
        step_s=tpot_ms * 0.97 / 1000,
        generation_tok_s=tok_s,
        generation_tokens_total=1_284_000.0,
        engines=1,
    )


def trust(tok_s: float, number: int, *, open: bool) -> Trust:  # noqa: A002
    """Steady, but at 128 requests in flight, and as long as the level has only begun."""
    if open:
        return Trust(1.5, reason="too short to tell whether it was steady; hold it 12 s or longer")
    if number == 7:
        return Trust(2.1, False, False, "throughput rose by 12 % over the level", 0.12, 0.05)
    return Trust(1.5, False, True, "changed by 0.4 % over the level", 0.004, 0.01, (tok_s * 0.99, tok_s * 1.01))


def level(number: int, gpus: int, *, open: bool = False) -> LevelView:  # noqa: A002
    n, tok_s, tpot, ttft, dram, tensor, power = MEASURED[number]
    requests = round(tok_s / 128 * LEVEL_S)
    return LevelView(
        number=number,
        concurrency=n,
        started_s=5.0 + number * LEVEL_S,
        duration_s=LEVEL_S,
        open=open,
        prompt_tokens=512,
        output_len=128,
        requests=requests,
        errors={},
        output_tokens=requests * 128,
        rates=Rates(tok_s, tok_s * 5, tok_s / 128),
        latencies=latencies(tpot, ttft, requests),
        verdict=verdict(n, dram, tensor),
        gpus=tuple(gpu(i, dram, tensor, power) for i in range(gpus)),
        server=server(n, tpot, tok_s),
        whole=Rates(tok_s * 0.97, tok_s * 4.9, tok_s / 130),
        trust=trust(tok_s, number, open=open),
    )


def series(levels: int, gap: range = range(0)) -> tuple[SeriesPoint, ...]:
    points = [SeriesPoint(t, None, None, 0) for t in range(5)]
    for n, tok_s, tpot, *_ in MEASURED[:levels]:
        for t in range(len(points), len(points) + LEVEL_S):
            wave = 1 + ((t * 37) % 11 - 5) / 200
            seen = t not in gap
            points.append(SeriesPoint(t, tok_s * wave if seen else None, tpot / wave / 1000 if seen else None, n))
    return tuple(points)


def live(gpus: int = 1, levels: int = 9) -> Snapshot:
    """A ramp that has come to 256."""
    rows = tuple(level(i, gpus, open=i == levels - 1) for i in range(levels))
    now = rows[-1]
    return replace(
        empty(),
        model="meta-llama/Llama-3.1-8B-Instruct",
        server_version="0.11.0",
        now_s=5.0 + LEVEL_S * levels,
        concurrency=now.concurrency,
        in_flight=now.concurrency - 1,
        window=now.latencies,
        rates=now.rates,
        level=now,
        levels=rows,
        requests=sum(row.requests for row in rows),
        output_tokens=sum(row.output_tokens for row in rows),
        server=now.server,
        gpus=now.gpus,
        sources={name: SourceView(name, True, None, 0.5) for name in ("server", "metrics", "gpus")},
        verdict=now.verdict,
        series=series(levels, gap=range(72, 76)),
        log=(
            LogLine(0.2, "info", "server answers: vLLM 0.11.0, meta-llama/Llama-3.1-8B-Instruct"),
            LogLine(5.0, "info", "load set to 1"),
            LogLine(65.0, "note", "prefix caching off"),
            LogLine(72.0, "warning", "no metrics for 4 s"),
            LogLine(now.started_s, "info", f"load set to {now.concurrency}"),
        ),
        client=ClientView(0.0009, 0.41),
        scaling=fit([Point(n, tpot / 1000, tpot / 1e5) for n, _, tpot, *_ in MEASURED[:levels]]),
    )


def known(levels: int = 9) -> Snapshot:
    """The same with shorter prompts, longer answers, the model's shape and the GPU's peaks."""
    rows = tuple(_with_prompts(row) for row in live(1, levels).levels)
    return replace(
        live(1, levels),
        levels=rows,
        level=rows[-1],
        server=rows[-1].server,
        prompt_tokens=128,
        output_len=256,
        setup=Setup(shape_by_name("llama-3.1-8b"), peaks_by_key("h200"), 1),
    )


def _with_prompts(row: LevelView) -> LevelView:
    prefill = (row.server.batch or 0.0) * 128 / 256
    return replace(row, prompt_tokens=128, output_len=256, server=replace(row.server, prefill_per_step=prefill))


def empty() -> Snapshot:
    """A session that has just begun."""
    idle = Verdict("idle", "idle", None, None, None, None, "Idle: nothing is in flight", ())
    return Snapshot(
        header=HEADER,
        simulated=False,
        model=None,
        server_version=None,
        now_s=0.0,
        concurrency=0,
        paused=False,
        resume_to=0,
        in_flight=0,
        prompt_tokens=512,
        output_len=128,
        window=Latencies(),
        rates=Rates(),
        level=None,
        levels=(),
        errors={},
        last_error=None,
        requests=0,
        output_tokens=0,
        server=ServerView(),
        gpus=(),
        sources={},
        verdict=idle,
        series=(),
        log=(),
        client=ClientView(),
        ended=None,
        unread=0,
    )


def failing() -> Snapshot:
    """Errors, waiting requests, a verdict that cannot be given and text that means harm."""
    hostile = LogLine(183.0, "error", "HTTP 500 [/x] \x1b[31mboom\x1b]0;title\x07\nnext \u202egnirts")
    cannot = Verdict(None, "kv-capacity", None, None, None, None, "cannot tell: no DRAM counter was readable", ())
    return replace(
        live(),
        errors={"timeout": 31, "http-500 [/x]\x1b[2J": 4},
        finished=FinishedView(
            kinds=(
                ErrorKind("timeout", None, 31, 100.0, 181.0, None),
                ErrorKind("http [/x]\x1b[2J", 500, 4, 120.0, 183.0, "boom\x1b]0;title\x07\nnext \u202egnirts"),
            )
        ),
        last_error=hostile,
        log=(*live().log, hostile),
        verdict=cannot,
        client=ClientView(0.021, 0.99, True),
        unread=3,
    )


def simulated() -> Snapshot:
    """The built-in server, which is not a measurement."""
    return replace(live(), simulated=True, server_version="rooftop-sim 0.1.0")


def no_gpu() -> Snapshot:
    """A server elsewhere: no GPU can be read here."""
    reason = "no NVIDIA driver on this host: run rooftop where the GPUs are, or give --dcgm URL"
    sources = {**live().sources, "gpus": SourceView("gpus", False, reason, None)}
    verdict = replace(
        live().verdict, measured=None, measured_parts=None, shares=live().verdict.modelled, confidence=0.4
    )
    return replace(live(), gpus=(), sources=sources, verdict=verdict)

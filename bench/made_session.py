"""A made-up long session: the same events for the same seed, with the grain and the noise of real ones.

20 requests/s in an open loop whose rate moves between levels, eight GPUs with every counter, ``/metrics`` once a
second with its histograms, four ticks a second, a note now and then, some failures.
"""

from __future__ import annotations

import heapq
import math
import random
from collections.abc import Iterator
from datetime import UTC, datetime

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
    Log,
    Metrics,
    Note,
    Request,
    Server,
    Source,
    Tick,
)
from session.gaps import bucket_of

RATES = (4.0, 8.0, 16.0, 24.0, 32.0, 36.0)
"""Requests a second, level after level; 20 on average."""
LEVEL_S = 300.0
GPUS = 8
TICK_S = 0.25
PROMPT, OUTPUT = 512, 256
BOUNDS = (0.01, 0.025, 0.05, 0.075, 0.1, 0.15, 0.2, 0.3, 0.4, 0.5, 0.75, 1.0, 2.5, 5.0, 7.5, 10.0, 20.0, 40.0, 80.0)


def made_header() -> Header:
    """Return the header of a made-up session."""
    return Header(
        format=FORMAT, rooftop="0.1.0", started_at=datetime(2026, 1, 1, tzinfo=UTC).isoformat(), host="made-up",
        target="http://localhost:8000", simulated=True, prompt_tokens=PROMPT, output_tokens=OUTPUT, tp=GPUS,
        session="0123456789abcdef",
    )  # fmt: skip


def made_session(duration_s: float, seed: int = 0) -> Iterator[list[Event]]:
    """Give the events of every quarter of a second, in order of time."""
    yield from _Session(random.Random(seed)).run(duration_s)


class _Session:
    def __init__(self, chance: random.Random) -> None:
        self._chance = chance
        self._rate = 0.0
        self._level = 0
        self._ends: list[tuple[float, int, Request]] = []
        self._due_s = 0.0
        self._sent = 0
        self._owed = 0.0
        self._totals = dict.fromkeys(("prompt", "output", "steps", "itl_s", "ttft_s", "finished"), 0.0)
        self._itl = [0.0] * len(BOUNDS)
        self._ttft = [0.0] * len(BOUNDS)
        self._energy = [self._chance.uniform(1e5, 1e6) for _ in range(GPUS)]

    def run(self, duration_s: float) -> Iterator[list[Event]]:
        """Give the session quarter by quarter."""
        yield self._introductions()
        for quarter in range(1, int(duration_s / TICK_S) + 1):
            now_s = quarter * TICK_S
            events: list[Event] = []
            if (now_s - TICK_S) % LEVEL_S == 0:
                events.append(self._next_level(now_s - TICK_S))
            events += self._quarter(now_s)
            if quarter % 4 == 0:
                events += [self._metrics(now_s), self._gpus(now_s)]
            events += self._asides(quarter, now_s)
            yield sorted(events, key=lambda event: event.t_s)
        yield [Level(t_s=duration_s + 0.01, concurrency=0, by="stop", mode="open", rate=0.0),
               End(t_s=duration_s + 0.02, reason="done")]  # fmt: skip

    def _introductions(self) -> list[Event]:
        return [
            Server(t_s=0.05, model="meta-llama/Llama-3.1-70B", version="0.25.1", max_model_len=131072, tp=GPUS),
            Source(t_s=0.06, source="server", ok=True),
            Source(t_s=0.07, source="metrics", ok=True),
            *(_introduction(index) for index in range(GPUS)),
        ]

    @property
    def _tpot_s(self) -> float:
        return 0.009 + 0.00035 * self._rate

    def _next_level(self, t_s: float) -> Level:
        self._rate = RATES[self._level % len(RATES)]
        self._level += 1
        self._due_s = t_s
        return Level(t_s=round(t_s + 0.1, 6), concurrency=0, by="plan", mode="open", rate=self._rate)

    def _quarter(self, now_s: float) -> list[Event]:
        ttfts: list[float] = []
        while self._due_s < now_s:
            ttfts.append(self._send(self._due_s))
            self._due_s += self._chance.expovariate(self._rate)
        ended: list[Event] = []
        while self._ends and self._ends[0][0] <= now_s:
            ended.append(heapq.heappop(self._ends)[2])
        self._totals["finished"] += len(ended)
        return [*ended, self._tick(now_s, ttfts)]

    def _send(self, start_s: float) -> float:
        draw = self._chance
        ttft_s = round(0.03 + draw.lognormvariate(-3.5, 0.5), 6)
        self._sent += 1
        start_s, queue_s = round(start_s, 6), round(draw.lognormvariate(-8.5, 0.4), 6)
        if draw.random() < 0.0005:
            request = Request(t_s=round(start_s + ttft_s, 6), start_s=start_s, queue_s=queue_s, error="http",
                              status=503, detail="server busy", level=self._level)  # fmt: skip
        else:
            last_s = round(ttft_s + (OUTPUT - 1) * self._tpot_s * draw.gauss(1.0, 0.02), 6)
            request = Request(t_s=round(start_s + last_s, 6), start_s=start_s, queue_s=queue_s, ttft_s=ttft_s,
                              last_s=last_s, prompt_tokens=PROMPT, output_tokens=OUTPUT, level=self._level)  # fmt: skip
        heapq.heappush(self._ends, (request.t_s, self._sent, request))
        return ttft_s

    def _tick(self, now_s: float, ttfts: list[float]) -> Tick:
        draw = self._chance
        in_flight = len(self._ends)
        self._owed += in_flight * TICK_S / self._tpot_s
        itl: dict[int, int] = {}
        centre = bucket_of(self._tpot_s)
        for away in range(-10, 14):
            mean = self._owed * 0.139 * math.exp(-0.5 * (away / 2.87) ** 2)
            if (count := round(draw.gauss(mean, math.sqrt(mean)))) > 0:
                itl[centre + away] = count
        if draw.random() < 0.3 and in_flight:
            itl[centre + draw.randrange(20, 90)] = draw.randrange(1, 4)
        tokens = sum(itl.values())
        self._owed -= int(self._owed)
        self._count(tokens, ttfts)
        return Tick(
            t_s=round(now_s - draw.uniform(0.0001, 0.002), 6), dt_s=round(draw.gauss(TICK_S, 0.0004), 6),
            in_flight=in_flight, output_tokens=tokens + len(ttfts), prompt_tokens=PROMPT * len(ttfts), ttft_s=ttfts,
            itl=itl, lag_p99_s=round(draw.expovariate(5000), 6), cpu=round(draw.gauss(0.002 * self._rate, 0.003), 4),
        )  # fmt: skip

    def _count(self, tokens: int, ttfts: list[float]) -> None:
        totals = self._totals
        totals["prompt"] += PROMPT * len(ttfts)
        totals["output"] += tokens + len(ttfts)
        totals["steps"] += round(TICK_S / self._tpot_s)
        totals["itl_s"] += tokens * self._tpot_s
        totals["ttft_s"] += sum(ttfts)
        for n, bound in enumerate(BOUNDS):
            self._ttft[n] += sum(ttft <= bound for ttft in ttfts)
            self._itl[n] += round(tokens * min(1.0, max(0.0, 0.5 + (bound - self._tpot_s) * 60)))

    def _metrics(self, now_s: float) -> Metrics:
        totals, draw = self._totals, self._chance
        sample = EngineSample(
            running=float(len(self._ends)), waiting=float(draw.random() < 0.1), waiting_capacity=0.0,
            waiting_deferred=0.0, kv_usage=len(self._ends) * 640 / 1_500_000, preemptions=0.0,
            prefix_queries=totals["prompt"], prefix_hits=float(totals["prompt"] // 32), prompt_tokens=totals["prompt"],
            prompt_computed=totals["prompt"] - totals["prompt"] // 32, generation_tokens=totals["output"],
            itl_sum_s=totals["itl_s"], itl_count=totals["output"], steps=totals["steps"], ttft_sum_s=totals["ttft_s"],
            ttft_count=float(self._sent), finished=totals["finished"], queue_sum_s=totals["ttft_s"] / 40,
            queue_count=float(self._sent), ttft_buckets=_upto_all(self._ttft), itl_buckets=_upto_all(self._itl),
            flops=totals["output"] * 1.4e11, read_bytes=totals["steps"] * 1.4e11, write_bytes=totals["output"] * 3e5,
        )  # fmt: skip
        return Metrics(t_s=round(now_s - 0.05 + draw.uniform(0, 0.01), 9), engines={"0": sample},
                       took_s=round(draw.uniform(0.006, 0.014), 6), kv_cache_tokens=1_500_000.0)  # fmt: skip

    def _gpus(self, now_s: float) -> GpuSample:
        took_s = round(self._chance.uniform(0.03, 0.04), 6)
        return GpuSample(t_s=round(now_s - 0.02, 6), gpus=[self._gpu(i) for i in range(GPUS)], took_s=took_s)

    def _gpu(self, index: int) -> GpuReading:
        draw, busy = self._chance, min(1.0, len(self._ends) / 150)
        power_w = round(draw.gauss(250 + 350 * busy + 4 * index, 6), 3)
        self._energy[index] += power_w
        link = draw.gauss(2e9 + 2e10 * busy, 4e8)
        return GpuReading(
            index=index, util_pct=100.0, mem_util_pct=float(round(40 + 20 * busy + draw.uniform(-2, 2))),
            memory_used_bytes=141_753_712_640, power_w=power_w, power_limit_w=700.0,
            energy_j=round(self._energy[index], 3), sm_clock_mhz=1980 - 15 * draw.randrange(3), mem_clock_mhz=3201,
            temp_c=float(round(45 + 20 * busy + draw.uniform(-1, 1))), throttle=0 if draw.random() < 0.98 else 4,
            graphics_pct=round(draw.gauss(98, 0.4), 2), sm_pct=round(draw.gauss(60 + 20 * busy, 1), 2),
            sm_occupancy_pct=round(draw.gauss(18 + 9 * busy, 0.5), 2),
            tensor_pct=round(draw.gauss(4 + 30 * busy, 0.7), 2),
            dram_pct=round(draw.gauss(72 - 12 * busy, 0.8), 2), nvlink_tx_bytes_s=round(link, 1),
            nvlink_rx_bytes_s=round(link + draw.gauss(0, 1e7), 1), pcie_tx_bytes_s=round(draw.gauss(4e7, 3e6), 1),
            pcie_rx_bytes_s=round(draw.gauss(6e7, 3e6), 1), power_mean_w=round(power_w + draw.gauss(0, 2), 3),
            hbm_temp_c=float(round(55 + 20 * busy + draw.uniform(-1, 1))), ecc_uncorrected=0, remapped_rows=0,
            remap_pending=False, remap_failed=False,
        )  # fmt: skip

    def _asides(self, quarter: int, now_s: float) -> list[Event]:
        if quarter % 7200 == 0:
            return [Note(t_s=now_s, text=f"half an hour more: {quarter // 7200}")]
        if quarter % 9000 == 4500:
            return [Log(t_s=now_s, severity="warning", text="a scrape of /metrics took longer than a second")]
        return []


def _introduction(index: int) -> Gpu:
    return Gpu(
        t_s=0.08, index=index, name="NVIDIA H200", uuid=f"GPU-{index:08x}-made-up", counters=True,
        memory_total_bytes=150_754_820_096, power_limit_w=700.0, sm_clock_max_mhz=1980, dram_peak_bytes_s=4.8e12,
    )  # fmt: skip


def _upto_all(counts: list[float]) -> list[tuple[float, float]]:
    """Return pairs of bound and cumulative count up to the first bound that holds all."""
    last = counts.index(counts[-1])
    return list(zip(BOUNDS[: last + 1], counts[: last + 1], strict=True))

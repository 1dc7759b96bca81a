"""What the simulated GPUs did lately, for ``/sim/gpus``: averages over about the last second."""

from __future__ import annotations

import random
from collections import deque
from dataclasses import dataclass

from sim.config import SimConfig
from sim.power import idle_power_w
from sim.steps import Step

WINDOW_S = 1.0
_SM_MAX_MHZ, _MEM_MHZ = 1980, 3201
"""Of an H200; other GPUs show the same, and only the ratio means anything."""
_THROTTLE_POWER, _THROTTLE_IDLE = 0x4, 0x1


@dataclass(frozen=True, slots=True)
class Averages:
    """Of one GPU over the window; shares 0 to 1."""

    busy: float
    graphics: float
    dram: float
    tensor: float
    link_bytes_s: float
    power_w: float
    clock_ratio: float
    capped: bool


class Activity:
    """A second of steps, and the energy since the start."""

    def __init__(self, config: SimConfig, now: float) -> None:
        self._config = config
        self._started = now
        self._idle_w = idle_power_w(config)
        self._steps: deque[tuple[float, float, Step]] = deque()
        self._above_idle_j = 0.0
        rng = random.Random(config.seed)
        self._uuids = [f"GPU-51300000-{rng.getrandbits(32):08x}-{index:04x}" for index in range(config.tp)]

    def record(self, start: float, end: float, cost: Step) -> None:
        """A step ran from ``start`` to ``end`` on the engine's clock."""
        self._steps.append((start, end, cost))
        self._above_idle_j += (cost.power_w - self._idle_w) * (end - start)
        self._forget(end)

    def averages(self, now: float) -> Averages:
        """Time-weighted means over the last second; wall time without a step is idle."""
        self._forget(now)
        since = max(now - WINDOW_S, self._started)
        span = max(now - since, 1e-9)
        parts = [(max(0.0, min(end, now) - max(start, since)), cost) for start, end, cost in self._steps]
        busy = sum(part for part, _ in parts)

        def over_wall(name: str) -> float:
            return float(sum(part * getattr(cost, name) for part, cost in parts)) / span

        idle = max(0.0, span - busy)
        return Averages(
            busy=min(1.0, busy / span),
            graphics=min(1.0, over_wall("graphics")),
            dram=over_wall("dram"),
            tensor=over_wall("tensor"),
            link_bytes_s=over_wall("link_bytes_s"),
            power_w=over_wall("power_w") + self._idle_w * idle / span,
            clock_ratio=over_wall("clock_ratio") + idle / span,
            capped=any(cost.capped for part, cost in parts if part > 0),
        )

    def gpus(self, now: float, kv_used: int) -> list[dict[str, object]]:
        """One record per GPU, as ``/sim/gpus`` sends it; all ranks do the same work."""
        mean = self.averages(now)
        energy = self._above_idle_j + self._idle_w * (now - self._started)
        return [self._gpu(index, mean, energy, kv_used) for index in range(self._config.tp)]

    def _gpu(self, index: int, mean: Averages, energy_j: float, kv_used: int) -> dict[str, object]:
        peaks = self._config.peaks
        throttle = _THROTTLE_POWER if mean.capped else _THROTTLE_IDLE if mean.busy == 0 else 0
        return {
            "index": index,
            "name": f"NVIDIA {peaks.name.removesuffix(' SXM')} (simulated)",
            "uuid": self._uuids[index],
            "memory_total_bytes": int(peaks.memory_bytes),
            "power_limit_w": peaks.tdp_w,
            "sm_clock_max_mhz": _SM_MAX_MHZ,
            "dram_peak_bytes_s": peaks.bw_bytes_s,
            "util_pct": round(100 * min(1.0, mean.busy), 2),
            "mem_util_pct": round(100 * min(1.0, 1.27 * mean.dram), 2),  # 82 where DRAM reads 64, as measured
            "memory_used_bytes": int(self._config.gpu_memory_utilization * peaks.memory_bytes),
            "power_w": round(mean.power_w, 2),
            "energy_j": round(energy_j, 3),
            "sm_clock_mhz": round(_SM_MAX_MHZ * mean.clock_ratio),
            "mem_clock_mhz": _MEM_MHZ,
            "temp_c": round(30 + 0.04 * mean.power_w, 1),
            "throttle": throttle,
            "graphics_pct": round(100 * mean.graphics, 3),
            "sm_pct": round(100 * mean.graphics * (0.65 + 0.35 * mean.tensor), 3),
            "sm_occupancy_pct": round(100 * mean.graphics * (0.09 + 0.12 * mean.tensor), 3),
            "tensor_pct": round(100 * mean.tensor, 3),
            "dram_pct": round(100 * mean.dram, 3),
            "nvlink_tx_bytes_s": round(mean.link_bytes_s),
            "nvlink_rx_bytes_s": round(mean.link_bytes_s),
            "pcie_tx_bytes_s": round(15e6 * mean.busy),
            "pcie_rx_bytes_s": round(45e6 * mean.busy),
            "kv_used_tokens": kv_used,
        }

    def _forget(self, now: float) -> None:
        while self._steps and self._steps[0][1] < now - 2 * WINDOW_S:
            self._steps.popleft()

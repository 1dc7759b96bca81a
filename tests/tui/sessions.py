"""Snapshots folded from made events: what the views of requests and GPUs are drawn from."""

from __future__ import annotations

from collections.abc import Iterator

from session.events import Event, Gpu, GpuReading, GpuSample, Level, Request, Tick
from session.fold import State
from session.gaps import bucket_of
from session.view import Snapshot
from tests.events import header

HOSTILE = "boom [/x] \x1b[31mred\x1b]0;title\x07\nnext \u202egnirts " + "and more of it, " * 20
GIB = 2**30


def of(events: Iterator[Event] | list[Event], now_s: float | None = None) -> Snapshot:
    state = State(header())
    state.apply_all(events)
    return state.snapshot(now_s)


def request(t_s: float, e2e_s: float = 1.0, level: int = 1, **more: object) -> Request:
    fields: dict[str, object] = {
        "start_s": t_s - e2e_s, "ttft_s": 0.1, "last_s": e2e_s, "prompt_tokens": 128, "output_tokens": 101,
        "level": level,
    }  # fmt: skip
    return Request(t_s=t_s, **(fields | more))  # type: ignore[arg-type]


def failed(t_s: float, error: str = "http", status: int | None = 500, detail: str | None = HOSTILE) -> Request:
    return Request(t_s=t_s, start_s=t_s - 2.0, error=error, status=status, detail=detail, level=1)


def served(seconds: int = 60, per_s: int = 4, errors: bool = False) -> Iterator[Event]:
    """A closed level whose TTFT rises from 50 ms to half a second, with some failures where they are asked for."""
    yield Level(t_s=1.0, concurrency=per_s)
    for t in range(2, seconds):
        ttft_s = 0.05 * 10 ** (t / seconds)
        yield Tick(
            t_s=float(t), dt_s=1.0, in_flight=per_s, output_tokens=100 * per_s,
            ttft_s=[ttft_s * (1 + n / 10) for n in range(per_s)], itl={bucket_of(0.009): 90, bucket_of(0.03): 10},
        )  # fmt: skip
        for n in range(per_s):
            at_s = t + n / per_s
            if errors and t % 9 == 0 and n == 0:
                yield failed(at_s) if t % 2 else failed(at_s, "timeout", None, None)
            else:
                yield request(at_s, 0.9 + ttft_s + n / 50, ttft_s=ttft_s * (1 + n / 10))


def gpu(index: int, **more: object) -> Gpu:
    fields: dict[str, object] = {
        "name": "NVIDIA H200", "memory_total_bytes": 140 * GIB, "power_limit_w": 700.0, "sm_clock_max_mhz": 1980,
        "counters": True,
    }  # fmt: skip
    return Gpu(t_s=0.1, index=index, **(fields | more))  # type: ignore[arg-type]


def reading(index: int, t: int, **more: object) -> GpuReading:
    fields: dict[str, object] = {
        "util_pct": 99.0, "memory_used_bytes": 128 * GIB, "power_w": 400.0 + 3 * (t % 60) + index, "sm_clock_mhz": 1950,
        "temp_c": 50.0 + index, "sm_pct": 90.0, "tensor_pct": 10.0 + t % 40, "dram_pct": 60.0 - t % 20, "throttle": 0,
        "nvlink_tx_bytes_s": 3e10, "nvlink_rx_bytes_s": 3e10, "pcie_tx_bytes_s": 2e8, "pcie_rx_bytes_s": 1e8,
    }  # fmt: skip
    return GpuReading(index=index, **(fields | more))  # type: ignore[arg-type]


def working(count: int = 8, seconds: int = 120) -> list[Event]:
    """So many H200s at work."""
    found: list[Event] = [gpu(index) for index in range(count)]
    found += [
        GpuSample(t_s=float(t), gpus=[reading(index, t) for index in range(count)]) for t in range(1, seconds + 1)
    ]
    return found


def partitioned(seconds: int = 30) -> list[Event]:
    """Two whole GPUs, each with two instances, which have no power and no temperature of their own."""
    found: list[Event] = [gpu(0), gpu(1)]
    for index, parent in ((2, 1), (3, 0), (4, 1), (5, 0)):
        found.append(gpu(index, name="NVIDIA H200 MIG 3g.71gb", instance=index, parent=parent, power_limit_w=None))
    for t in range(1, seconds + 1):
        whole = [reading(index, t) for index in (0, 1)]
        parts = [reading(index, t, power_w=None, temp_c=None, sm_clock_mhz=None) for index in range(2, 6)]
        found.append(GpuSample(t_s=float(t), gpus=whole + parts))
    return found


def lost(seconds: int = 60, since_s: int = 40) -> list[Event]:
    """Four GPUs, the third of which falls off the bus; the second has memory errors and is throttled."""
    found: list[Event] = [gpu(index) for index in range(4)]
    for t in range(1, seconds + 1):
        readings = [reading(index, t) for index in range(4)]
        readings[1] = reading(
            1, t, throttle=0x4, throttled_pct={"power": 60.0, "low use": 5.0}, ecc_uncorrected=2, remapped_rows=1,
            remap_pending=True, hbm_temp_c=91.0,
        )  # fmt: skip
        if t >= since_s:
            readings[2] = GpuReading(index=2, missing="GPU is lost: reset it, or restart the machine \x1b[2J")
        found.append(GpuSample(t_s=float(t), gpus=readings))
    return found


def uncounted(seconds: int = 30) -> list[Event]:
    """An A100, which has no counters."""
    found: list[Event] = [
        gpu(0, name="NVIDIA A100-SXM4-80GB", counters=False, counters_missing="GPM needs Hopper or newer")
    ]
    bare = {"tensor_pct": None, "dram_pct": None, "sm_pct": None}
    return found + [GpuSample(t_s=float(t), gpus=[reading(0, t, **bare)]) for t in range(1, seconds + 1)]

"""Peaks of the GPUs that a verdict can be judged on, and how to find them by name."""

from __future__ import annotations

import re
from dataclasses import dataclass
from difflib import get_close_matches
from functools import cache


@dataclass(frozen=True, slots=True)
class GpuPeaks:
    """What one GPU can do at best, in SI units; dense arithmetic, one direction of the link."""

    key: str
    """Short name for the command line, such as ``h200``."""
    name: str
    pattern: str
    """Regular expression found in the name that NVML gives this GPU."""
    memory_bytes: float
    bw_bytes_s: float
    """Theoretical DRAM bandwidth, bytes per second."""
    bf16_flops: float
    """Dense 16-bit tensor FLOP per second with 32-bit accumulation."""
    fp8_flops: float | None
    fp4_flops: float | None
    link_bytes_s: float
    """GPU to GPU, bytes per second in one direction: NVLink, or PCIe where there is none."""
    tdp_w: float
    mamf: float | None
    """Largest share of ``bf16_flops`` that any matrix multiplication was measured to reach."""
    geforce: bool
    """Tensor pipes run at half rate when they accumulate in 32 bits."""
    source: str

    @property
    def nvlink(self) -> bool:
        """Whether the link is faster than PCIe 5.0 x16 (64 GB/s), hence NVLink or its like."""
        return self.link_bytes_s > 64e9


def peaks_by_name(nvml_name: str) -> GpuPeaks | None:
    """Find a GPU by the name NVML gives it, such as ``NVIDIA H100 80GB HBM3``; ``None`` if it is not known."""
    plain = nvml_name.removesuffix(" (simulated)").strip()
    return next((gpu for gpu in _table() if re.search(gpu.pattern, plain)), None)


def peaks_by_key(key: str) -> GpuPeaks | None:
    """Find a GPU by its short name, such as ``h200``; ``None`` if it is not known."""
    return next((gpu for gpu in _table() if gpu.key == key.lower()), None)


def near_keys(key: str) -> list[str]:
    """Up to four short names that look like ``key``, the likeliest first."""
    return get_close_matches(key.lower(), gpu_keys(), n=4, cutoff=0.5)


def gpu_keys() -> list[str]:
    """Every short name, for a message that lists what is possible."""
    return [gpu.key for gpu in _table()]


@cache
def _table() -> tuple[GpuPeaks, ...]:
    from regime.gpu_table import GPUS  # here, because the table is made of the class above

    return GPUS

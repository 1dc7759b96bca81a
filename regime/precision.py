"""How many bytes a number takes, and at which of the GPU's rates the layers multiply."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Literal

from regime.gpus import GpuPeaks

Compute = Literal["bf16", "fp8", "int8", "fp4"]
"""In what the layers multiply. Weights that are unpacked first (AWQ, GPTQ, MXFP4 on Hopper) multiply in 16 bits."""
AMPERE_INT8 = ("t4", "a10", "a100", "rtx-3090")
"""Keys begin so: INT8 tensor pipes at twice the 16-bit rate, and no FP8 (NVIDIA's Turing and Ampere white papers)."""

_KV_BYTES: dict[str, float] = {
    "bfloat16": 2.0,
    "float16": 2.0,
    "half": 2.0,
    "float32": 4.0,
    "float": 4.0,
    "fp8": 1.0,
    "fp8_e4m3": 1.0,
    "fp8_e5m2": 1.0,
    "fp8_inc": 1.0,
    "int8": 1.0,
    "nvfp4": 0.5 + 1 / 16,
    "fp8_ds_mla": 656 / 576,  # 512 B of FP8, 16 B of scales, 64 rotary numbers in 16 bits
}
"""vLLM's values of ``--kv-cache-dtype``."""


@dataclass(frozen=True, slots=True)
class Precision:
    """Bytes per number, scales included; output head and embedding stay at 16 bits, as checkpoints keep them."""

    attention: float = 2.0
    ffn: float = 2.0
    """Of the FFN and of experts: what there is most of."""
    kv: float = 2.0
    compute: Compute = "bf16"

    def with_kv(self, dtype: str | None) -> Precision:
        """Take the KV cache's type from the server; ``auto``, ``None`` and unknown types change nothing."""
        size = _KV_BYTES.get((dtype or "").lower())
        return self if size is None else replace(self, kv=size)


SIXTEEN_BITS = Precision()
"""Nothing is quantised."""


def peak_flops(peaks: GpuPeaks, compute: Compute) -> float:
    """Dense FLOP per second of one GPU; the 16-bit rate where the GPU has none of that kind.

    A GPU without FP8 or FP4 pipes unpacks to 16 bits (vLLM's Marlin kernels). INT8 runs at the FP8 rate on Ada,
    Hopper and B200 (NVIDIA's data sheets), at twice the 16-bit rate on Turing and Ampere.
    """
    match compute:
        case "fp4":
            return peaks.fp4_flops or peaks.bf16_flops
        case "fp8":
            return peaks.fp8_flops or peaks.bf16_flops
        case "int8":
            double = 2.0 if peaks.key.startswith(AMPERE_INT8) else 1.0
            return peaks.fp8_flops or double * peaks.bf16_flops
    return peaks.bf16_flops

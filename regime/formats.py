"""Whether smaller numbers would help: what advice on FP8 rests on."""

from __future__ import annotations

from regime.gpus import GpuPeaks
from regime.model import ModelShape


def kv_can_shrink(model: ModelShape | None) -> bool:
    """Whether keys and values take more than a byte a number; a model that is not known may."""
    return model is None or model.precision.kv > 1


def fp8_can_help(peaks: GpuPeaks | None, model: ModelShape | None) -> bool:
    """Whether the GPU multiplies in FP8 and the model is known not to."""
    return peaks is not None and peaks.fp8_flops is not None and model is not None and model.precision.compute == "bf16"

"""What the arithmetic of a session rests on: the model's shape, the GPU's peaks, and where each came from."""

from __future__ import annotations

from dataclasses import dataclass, replace

from regime.gpus import GpuPeaks, peaks_by_key, peaks_by_name
from regime.model import ModelShape
from regime.model_table import shape_by_name
from session.events import Gpu, Header, Model, Server
from session.shapes import from_record

SOURCES: dict[str, str] = {
    "model-config": "--model-config",
    "model-shape": "--model-shape",
    "root": "server's config.json",
    "cache": "Hugging Face cache",
    "table": "built-in table",
}
"""Sources of a shape in words."""
CLOCK = "memory clock"
"""Times bus width: the GPU's own word."""
TABLE = "built-in table"
_SAME_GPU = 0.25
"""A memory clock whose bandwidth differs more than so from the table's is misread, or another GPU's."""


@dataclass(frozen=True, slots=True)
class Setup:
    """What is known of model and GPUs."""

    shape: ModelShape | None
    peaks: GpuPeaks | None
    tp: int | None
    shape_source: str | None = None
    """In words; ``None`` without a shape."""
    shape_missing: str | None = None
    """Why there is no shape, in words."""
    bandwidth_source: str | None = None
    """:data:`CLOCK` or :data:`TABLE`; FLOP rates are the table's in any case."""

    @staticmethod
    def of(
        header: Header,
        server: Server | None,
        gpus: dict[int, Gpu],
        model: Model | None = None,
        kv_cache_dtype: str | None = None,
    ) -> Setup:
        """Take the shape that was found when this was measured, else one by name; and the user's word first."""
        shape, source, missing = _shape(header, server, model)
        if shape is not None:
            shape = replace(shape, precision=shape.precision.with_kv(kv_cache_dtype))
        peaks, bandwidth = _peaks(header, next(iter(gpus.values()), None))
        tp = header.tp or (server.tp if server else None)
        return Setup(shape, peaks, tp, source, missing, bandwidth)

    @property
    def sources(self) -> str | None:
        """Where shape and bandwidth came from, one line."""
        parts = [
            f"shape: {self.shape_source}" if self.shape_source else "",
            f"bandwidth: {self.bandwidth_source}" if self.bandwidth_source else "",
        ]
        return ", ".join(part for part in parts if part) or None


def _shape(
    header: Header, server: Server | None, model: Model | None
) -> tuple[ModelShape | None, str | None, str | None]:
    """Return the shape, its source, and why there is none. Recordings of older versions tell names alone."""
    if model is not None:
        shape = from_record(model.shape) if model.shape is not None else None
        if shape is None:
            return None, None, model.reason or "the recording's shape is no model's"
        return shape, SOURCES.get(model.source or "", "the recording"), None
    if header.model_shape and (shape := shape_by_name(header.model_shape)):
        return shape, SOURCES["model-shape"], None
    named = [server.model, server.root] if server else []
    shape = next((found for name in named if name and (found := shape_by_name(name))), None)
    return shape, SOURCES["table"] if shape else None, None


def _peaks(header: Header, gpu: Gpu | None) -> tuple[GpuPeaks | None, str | None]:
    """Return the peaks and where the bandwidth came from: the GPU's own clock and bus where they are read."""
    peaks = peaks_by_key(header.gpu) if header.gpu else peaks_by_name(gpu.name) if gpu else None
    if peaks is None:
        return None, None
    read = gpu.dram_peak_bytes_s if gpu else None
    if read is None or not abs(read / peaks.bw_bytes_s - 1.0) <= _SAME_GPU:
        return peaks, TABLE
    return replace(peaks, bw_bytes_s=read), CLOCK

"""What is simulated: which GPU, which model, and the scheduler's limits."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

from regime.gpus import GpuPeaks, gpu_keys, peaks_by_key
from regime.model import ModelShape
from regime.model_table import MODELS

_RESERVED_BYTES = 2.1e9
"""Activations and CUDA graphs: what a real vLLM 0.25.1 with Llama-3.1-8B on one H200 left unused below its
0.92 of memory (it reported room for 919,824 tokens)."""


class SimConfigError(ValueError):
    """The configuration cannot be simulated; the message is one line for a person."""


@dataclass(frozen=True)
class SimConfig:
    """One simulated server. Raises :class:`SimConfigError` where a name is unknown or the model does not fit."""

    gpu: str = "h200"
    model: str = "llama-3.1-8b"
    tp: int = 1
    max_num_seqs: int = 1024
    """vLLM's default on GPUs with 70 GiB or more."""
    max_num_batched_tokens: int = 8192
    max_model_len: int = 131072
    gpu_memory_utilization: float = 0.92
    slow: float = 1.0
    """Every step lasts this many times as long, GPU and host alike: a regression to find."""
    kv_limit: int | None = None
    """The KV cache holds no more tokens than this, however much memory there is."""
    freeze: tuple[float, float] | None = None
    """After so many seconds of work the engine stands still for so many, again and again."""
    seed: int = 0
    """Varies request ids and GPU uuids; timing has no chance in it."""

    def __post_init__(self) -> None:
        if peaks_by_key(self.gpu) is None:
            raise SimConfigError(f"unknown gpu {self.gpu!r}; known: {', '.join(gpu_keys())}")
        if self.model not in MODELS:
            raise SimConfigError(f"unknown model {self.model!r}; known: {', '.join(MODELS)}")
        if self.tp not in (1, 2, 4, 8):
            raise SimConfigError(f"tp must be 1, 2, 4 or 8, not {self.tp}")
        if self.max_num_seqs < 1 or self.max_num_batched_tokens < 1:
            raise SimConfigError("max_num_seqs and max_num_batched_tokens must be at least 1")
        if not 0.1 <= self.slow <= 100:
            raise SimConfigError(f"slow must be between 0.1 and 100, not {self.slow:g}")
        if self.kv_limit is not None and self.kv_limit < 1024:
            raise SimConfigError(f"the KV cache must hold at least 1024 tokens, not {self.kv_limit}")
        if self.kv_tokens < 1024:
            raise SimConfigError(f"{self.model} does not fit {self.tp} x {self.peaks.name}; raise tp")

    @cached_property
    def peaks(self) -> GpuPeaks:
        """Peaks of one GPU."""
        peaks = peaks_by_key(self.gpu)
        assert peaks is not None  # __post_init__ refused unknown names
        return peaks

    @cached_property
    def shape(self) -> ModelShape:
        """The model's shape."""
        return MODELS[self.model]

    @cached_property
    def kv_tokens(self) -> int:
        """Tokens of context that the KV cache holds: what memory is left, in whole blocks of 16."""
        left = self.gpu_memory_utilization * self.peaks.memory_bytes - _RESERVED_BYTES
        left -= self.shape.weight_bytes() / self.tp
        room = max(0, int(left / self.shape.kv_bytes_per_gpu(self.tp)))
        return (room if self.kv_limit is None else min(room, self.kv_limit)) // 16 * 16

    @cached_property
    def model_len(self) -> int:
        """Longest prompt plus output, tokens; never more than the KV cache holds."""
        return min(self.max_model_len, self.kv_tokens)

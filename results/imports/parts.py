"""What an importer makes of a file, on its own clock that begins with 0; ``together.py`` lays them side by side."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path

from session.codec import NotARecording
from session.events import GpuSample, Request, Told

MAX_BYTES = 512 << 20
MAX_VALUES = 20_000_000
"""Numbers in one JSON file: what fits in memory with room to spare."""
MAX_REQUESTS = 1_000_000
MAX_READINGS = 1_000_000
MAX_SPAN_S = 48 * 3600.0
"""A longer benchmark is a broken clock."""
MAX_TOKENS = 1 << 40


class NotImportable(NotARecording):
    """The file is of a known tool and cannot be read, or not with the others; the text says why, in one line."""

    path: Path | None = None
    """Of the file, where it is one file's fault."""


@dataclass(frozen=True, slots=True, eq=False)
class Bench:
    """One run of a benchmark at one load."""

    origin: str
    began: datetime | None
    """Wall clock, with its zone."""
    duration_s: float
    prompt_tokens: int = 0
    """Of a request, in the middle; 0: not told."""
    output_tokens: int = 0
    mode: str = "closed"
    concurrency: int = 0
    rate_s: float | None = None
    requests: Sequence[Request] = ()
    """On the benchmark's own clock."""
    gaps_s: Sequence[Sequence[float]] = ()
    """Of each request between its chunks; empty where none of them was told."""
    told: Told | None = None
    model: str | None = None
    version: str | None = None
    target: str = ""
    endpoint: str = "completions"
    arrivals: str = "poisson"
    burstiness: float = 1.0
    max_in_flight: int | None = None
    remarks: Sequence[str] = ()


@dataclass(frozen=True, slots=True, eq=False)
class Watch:
    """Readings of GPUs over time."""

    origin: str
    began: datetime | None
    samples: Sequence[GpuSample]
    remarks: Sequence[str] = ()

    @property
    def duration_s(self) -> float:
        """From the first reading to the last."""
        return self.samples[-1].t_s - self.samples[0].t_s


@dataclass(frozen=True, slots=True)
class Said:
    """What the user says of it, since no file does."""

    gpu: str | None = None
    tp: int | None = None
    model_shape: str | None = None


@dataclass(slots=True)
class Parts:
    """All that was found in all files."""

    benches: list[Bench] = field(default_factory=list)
    watches: list[Watch] = field(default_factory=list)

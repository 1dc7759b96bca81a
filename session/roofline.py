"""The roofline of a session: the GPU's roof at its present clock, where levels stand beneath it, what is foreseen."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache

from regime.gpus import GpuPeaks
from regime.precision import peak_flops
from regime.roofline import OperatingPoint, Serving, operating_point, point_of, ridge
from session.devices import STALE_S
from session.forecast import Forecast, forecast
from session.judging import in_use
from session.setup import Setup
from session.view import GpuView, LevelView, ServerView, Snapshot

NO_PEAKS = "the GPU's peaks are not known: --gpu NAME tells them"
NO_STEP = "the server's metrics tell no step time"
NO_BATCH = "the server's metrics tell no batch size"


@dataclass(frozen=True, slots=True)
class Roof:
    """What one GPU could do: theoretical peaks, arithmetic at its present clock."""

    flops_s: float
    bytes_s: float
    clock_ratio: float
    """SM clock over its maximum; 1 where it is not read."""

    @property
    def ridge(self) -> float:
        """FLOP per byte at which both roofs meet."""
        return self.flops_s / self.bytes_s

    def at(self, intensity: float) -> float:
        """Return the FLOP per second that are possible at this many FLOP per byte."""
        return min(self.flops_s, self.bytes_s * intensity)


@dataclass(frozen=True, slots=True, eq=False)
class Placed:
    """Where one GPU stood in a level, or stands now."""

    roof: Roof | None
    """At the clock of that time."""
    point: OperatingPoint | None
    source: str | None
    """``model``: its FLOP and bytes over the step time. ``counters``: DRAM and tensor activity times the peaks;
    a tensor pipe that is active need not be full, so FLOP are then an upper bound."""
    missing: str | None
    """Why there is no point, one line."""
    level: LevelView | None
    """``None``: it is the present."""

    @property
    def possible_flops_s(self) -> float | None:
        """FLOP per second of the roof above the point."""
        return self.roof.at(self.point.intensity) if self.roof and self.point else None


@dataclass(frozen=True, slots=True, eq=False)
class Roofline:
    """All that is drawn."""

    roof: Roof | None
    missing: str | None
    """Why there is no roof, one line."""
    ridge_batch: float | None
    """Tokens a step at which arithmetic at this clock takes as long as reading the weights."""
    now: Placed | None
    """``None`` while nothing is in flight."""
    levels: tuple[Placed, ...]
    """One for each level of the snapshot."""
    forecast: Forecast | None
    forecast_missing: str | None
    """Why nothing is foreseen, one line."""


@lru_cache(maxsize=1)
def roofline(snapshot: Snapshot) -> Roofline:
    """Derive the roofline of a session, live, replayed or ended; once for all panels that ask for it."""
    setup = snapshot.setup or Setup(None, None, None)
    levels = tuple(
        _place(setup, level.gpus, level.server, _context(level.prompt_tokens, level.output_len), level)
        for level in snapshot.levels
    )
    now = _now(snapshot, setup)
    roof = next((placed.roof for placed in (now, *reversed(levels)) if placed), _roof(setup, ()))
    foreseen = _forecast(snapshot, setup)
    return Roofline(
        roof=roof,
        missing=None if roof else NO_PEAKS,
        ridge_batch=_ridge_batch(setup, roof),
        now=now,
        levels=levels,
        forecast=foreseen if isinstance(foreseen, Forecast) else None,
        forecast_missing=foreseen if isinstance(foreseen, str) else None,
    )


def _now(snapshot: Snapshot, setup: Setup) -> Placed | None:
    """Place the last few seconds; what is older than a few readings is not the present."""
    if snapshot.in_flight <= 0:
        return None
    server = snapshot.server if snapshot.server.age_s is not None and snapshot.server.age_s <= STALE_S else ServerView()
    gpus = [gpu for gpu in snapshot.gpus if (gpu.age_s or 0.0) <= STALE_S]
    return _place(setup, gpus, server, _context(snapshot.prompt_tokens, snapshot.output_len), None)


def _place(
    setup: Setup, gpus: Sequence[GpuView], server: ServerView, context: float, level: LevelView | None
) -> Placed:
    used = [gpu for gpu in gpus if in_use(gpu.reading, gpu.info)]
    roof = _roof(setup, used)
    if roof is None or setup.peaks is None:
        return Placed(None, None, None, NO_PEAKS, level)
    lacks = _lacks(setup, server)
    if lacks is None:
        return Placed(roof, _modelled(_serving(setup, used, context), server, roof), "model", None, level)
    counted = _counted(used, roof)
    return Placed(roof, counted, "counters" if counted else None, None if counted else lacks, level)


def _lacks(setup: Setup, server: ServerView) -> str | None:
    if setup.shape is None:
        why = f" ({setup.shape_missing})" if setup.shape_missing else ""
        return f"the model's shape is not known{why}: --model-config PATH tells it"
    if not server.step_s:
        return NO_STEP
    return None if server.batch else NO_BATCH


def _roof(setup: Setup, used: Sequence[GpuView]) -> Roof | None:
    if setup.peaks is None:
        return None
    clock = _clock_ratio(used)
    return Roof(_peak_flops(setup, setup.peaks) * clock, setup.peaks.bw_bytes_s, clock)


def _peak_flops(setup: Setup, peaks: GpuPeaks) -> float:
    """FLOP per second at the arithmetic of the model's layers; 16 bits where that is not known."""
    return peak_flops(peaks, setup.shape.precision.compute) if setup.shape else peaks.bf16_flops


def _clock_ratio(used: Sequence[GpuView]) -> float:
    """The slowest GPU's, since the others wait for it."""
    ratios = [
        gpu.reading.sm_clock_mhz / gpu.info.sm_clock_max_mhz
        for gpu in used
        if gpu.reading.sm_clock_mhz and gpu.info.sm_clock_max_mhz
    ]
    return min(ratios, default=1.0)


def _serving(setup: Setup, used: Sequence[GpuView], context: float) -> Serving:
    assert setup.peaks is not None
    assert setup.shape is not None
    return Serving(setup.peaks, setup.shape, setup.tp or max(1, len(used)), context)


def _modelled(serving: Serving, server: ServerView, roof: Roof) -> OperatingPoint:
    assert server.batch is not None
    assert server.step_s is not None
    # Alone, a request decodes when its own prompt is done: as in regime.modelled.
    prefill = (server.prefill_per_step or 0.0) if server.batch > 1 else 0.0
    point = operating_point(serving, server.batch, server.step_s, prefill)
    return point_of(point.flops_s, point.bytes_s, roof.flops_s, roof.bytes_s)


def _counted(used: Sequence[GpuView], roof: Roof) -> OperatingPoint | None:
    """Place the mean of the GPUs in use by their counters; ``None`` where one lacks them."""
    dram = [gpu.reading.dram_pct for gpu in used if gpu.reading.dram_pct]
    tensor = [gpu.reading.tensor_pct for gpu in used if gpu.reading.tensor_pct]
    if not used or len(dram) != len(used) or len(tensor) != len(used):
        return None
    flops_s = sum(tensor) / len(used) / 100 * roof.flops_s
    return point_of(flops_s, sum(dram) / len(used) / 100 * roof.bytes_s, roof.flops_s, roof.bytes_s)


def _ridge_batch(setup: Setup, roof: Roof | None) -> float | None:
    if roof is None or setup.peaks is None or setup.shape is None:
        return None
    return ridge(Serving(setup.peaks, setup.shape)) * roof.clock_ratio


def _forecast(snapshot: Snapshot, setup: Setup) -> Forecast | str:
    if setup.peaks is None:
        return NO_PEAKS
    if setup.shape is None:
        return _lacks(setup, ServerView()) or ""
    lengths = snapshot.prompt_tokens, snapshot.output_len
    alike = [level for level in snapshot.levels if (level.prompt_tokens, level.output_len) == lengths]
    used = [gpu for gpu in (alike[-1].gpus if alike else ()) if in_use(gpu.reading, gpu.info)]
    return forecast(_serving(setup, used, _context(*lengths)), alike)


def _context(prompt_tokens: int, output_len: int) -> float:
    """Mean tokens of context while a request decodes."""
    return prompt_tokens + output_len / 2

"""What a level's tokens cost: energy, GPUs, money. Counts output tokens alone."""

from __future__ import annotations

from collections.abc import Sequence

from session.judging import in_use
from session.view import Efficiency, GpuView


def efficiency(
    output_tok_s: float | None, gpus: Sequence[GpuView], energy_span_s: float | None, tp: int | None
) -> Efficiency | None:
    """Of the GPUs in use; where none is read, of ``tp`` GPUs and without energy. ``None`` where nothing is known.

    Power is the energy counter's rise over ``energy_span_s`` where every GPU has one, else the mean of the readings.
    """
    used = [gpu for gpu in gpus if in_use(gpu.reading, gpu.info)]
    count = len(used) or tp
    if output_tok_s is None or output_tok_s <= 0 or not count:
        return None
    power_w = _power_w(used, energy_span_s)
    return Efficiency(
        gpus=count,
        output_tok_s_per_gpu=output_tok_s / count,
        power_w=power_w,
        tokens_per_joule=output_tok_s / power_w if power_w else None,
    )


def cost_per_million(found: Efficiency | None, gpu_hour: float | None) -> float | None:
    """Price of a million output tokens, in the currency of ``gpu_hour`` (the price of one GPU for an hour)."""
    if found is None or gpu_hour is None:
        return None
    return gpu_hour / 3600 / found.output_tok_s_per_gpu * 1e6


def _power_w(used: Sequence[GpuView], energy_span_s: float | None) -> float | None:
    energy = [gpu.reading.energy_j for gpu in used if gpu.reading.energy_j is not None]
    if energy and len(energy) == len(used) and energy_span_s:
        return sum(energy) / energy_span_s
    power = [gpu.reading.power_w for gpu in used if gpu.reading.power_w is not None]
    return sum(power) if power and len(power) == len(used) else None

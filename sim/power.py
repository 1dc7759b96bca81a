"""A card at its power limit: the SM clock follows what the last moments would have drawn at the full clock."""

from __future__ import annotations

import math

from sim import calibration as fit
from sim.config import SimConfig


def free_power_w(config: SimConfig, dram: float, tensor: float) -> float:
    """W that a busy card would draw at its full clock, from its DRAM and tensor activity (0 to 1)."""
    wanted = fit.POWER_BUSY_W + fit.POWER_DRAM_W * dram + fit.POWER_TENSOR_W * tensor
    return wanted * _scale(config)


def idle_power_w(config: SimConfig) -> float:
    """W of one GPU that runs nothing."""
    return fit.POWER_IDLE_W * _scale(config)


def clock_ratio(config: SimConfig, free_w: float) -> float:
    """SM clock over its maximum that holds ``free_w`` below the limit."""
    knee = fit.POWER_KNEE * config.peaks.tdp_w
    return float(min(1.0, (knee / free_w) ** fit.CLOCK_EXPONENT))


def power_w(free_w: float, clock: float) -> float:
    """W at a lower clock: the inverse of :func:`clock_ratio`."""
    return float(free_w * clock ** (1.0 / fit.CLOCK_EXPONENT))


class Governor:
    """The power limiter of one card; all ranks do the same work, so one stands for all."""

    def __init__(self, config: SimConfig) -> None:
        self._config = config
        self._mean_w = self._idle_w = idle_power_w(config)

    def clock(self) -> float:
        """SM clock over its maximum for what comes next."""
        return clock_ratio(self._config, self._mean_w)

    def ran(self, seconds: float, free_w: float) -> None:
        """The card worked for ``seconds`` at what would have been ``free_w`` at the full clock."""
        self._mean_w = free_w + (self._mean_w - free_w) * math.exp(-seconds / fit.POWER_WINDOW_S)

    def rested(self, seconds: float) -> None:
        """The card ran nothing for ``seconds``."""
        self.ran(max(0.0, seconds), self._idle_w)


def _scale(config: SimConfig) -> float:
    return config.peaks.tdp_w / 700.0

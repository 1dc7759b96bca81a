"""The third witness: how a step's time grows with the batch, over the levels of a session.

    T(B) = a + b B        X(B) = B / T(B)        dX/dB = a / (a + b B)^2

``a`` is what every step costs (weights, kernels' starts, the host), ``b`` what one more sequence adds. The knee is
where one more request adds half as much throughput as the first one did: B = (sqrt(2) - 1) a / b.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

LEAST_POINTS = 3
_APART = 1.05
"""Batches closer than this factor are one level to the fit: the server would not go beyond."""
FAR = 2.0
"""A knee beyond this many times the largest batch is a guess and is not given a number."""
_T975 = (12.71, 4.303, 3.182, 2.776, 2.571, 2.447, 2.365, 2.306, 2.262, 2.228)
"""Student's t for a two-sided 95 % interval, by degrees of freedom from 1."""


@dataclass(frozen=True, slots=True)
class Point:
    """One level: mean sequences a step, and mean step time."""

    batch: float
    step_s: float
    error_s: float | None = None
    """Standard error of ``step_s``; where a point has none, all points weigh the same."""


@dataclass(frozen=True, slots=True)
class Elasticity:
    """dlnT/dlnB between two neighbouring levels: 0 is flat, 1 proportional."""

    from_batch: float
    to_batch: float
    value: float


@dataclass(frozen=True, slots=True)
class Scaling:
    """The fit. Standard errors come from the scatter about the line, so they hold what a line cannot follow too."""

    points: tuple[Point, ...]
    base_s: float
    base_se_s: float
    slope_s: float
    slope_se_s: float
    elasticities: tuple[Elasticity, ...]
    knee: float | None
    """Sequences; ``None`` where the step does not grow beyond its error, or the knee lies far beyond what was seen."""
    knee_se: float | None
    """One standard error, propagated from ``a``, ``b`` and their covariance."""
    knee_low: float | None
    knee_high: float | None
    """95 % interval: log-normal, with Student's t for the few levels there are."""

    def elasticity_at(self, batch: float) -> float:
        """dlnT/dlnB of the fit: b B / (a + b B)."""
        step_s = self.base_s + self.slope_s * batch
        return self.slope_s * batch / step_s if step_s > 0 else 1.0

    @property
    def words(self) -> str:
        """One line: ``scaling: 5.0 ms + 0.015 ms x batch; knee at 180 ± 30``."""
        line = f"scaling: {self.base_s * 1e3:.3g} ms + {self.slope_s * 1e3:.2g} ms × batch"
        if self.knee is not None and self.knee_se is not None:
            return f"{line}; knee at {_two_digits(self.knee)} ± {_two_digits(self.knee_se)}"
        return f"{line}; no knee up to batch {max(point.batch for point in self.points):.0f}"


def fit(points: Sequence[Point]) -> Scaling | None:
    """Weighted least squares of T = a + b B; ``None`` below three batches that differ.

    Weights are 1/error^2 where every point has an error, else equal. Covariances are scaled by the residuals' chi^2
    per degree of freedom, so only the ratios of the errors matter.
    """
    kept = _apart(points)
    if len(kept) < LEAST_POINTS:
        return None
    weights = _weights(kept)
    total = sum(weights)
    mean_b = sum(w * p.batch for w, p in zip(weights, kept, strict=True)) / total
    mean_t = sum(w * p.step_s for w, p in zip(weights, kept, strict=True)) / total
    spread = sum(w * (p.batch - mean_b) ** 2 for w, p in zip(weights, kept, strict=True))
    slope = sum(w * (p.batch - mean_b) * p.step_s for w, p in zip(weights, kept, strict=True)) / spread
    base = mean_t - slope * mean_b
    free = len(kept) - 2
    chi = sum(w * (p.step_s - base - slope * p.batch) ** 2 for w, p in zip(weights, kept, strict=True)) / free
    var_slope = chi / spread
    var_base = chi * (1 / total + mean_b**2 / spread)
    knee = _knee(base, slope, var_base, var_slope, -chi * mean_b / spread, free, kept[-1].batch)
    return Scaling(tuple(kept), base, math.sqrt(var_base), slope, math.sqrt(var_slope), _elasticities(kept), *knee)


def _apart(points: Sequence[Point]) -> list[Point]:
    """Points by batch, and of those at one batch the last: it was measured when the server was warmest."""
    kept: list[Point] = []
    for point in sorted((p for p in points if p.batch > 0 and p.step_s > 0), key=lambda p: p.batch):
        if kept and point.batch < kept[-1].batch * _APART:
            kept[-1] = point
        else:
            kept.append(point)
    return kept


def _weights(points: list[Point]) -> list[float]:
    errors = [p.error_s for p in points if p.error_s]
    return [1 / error**2 for error in errors] if len(errors) == len(points) else [1.0] * len(points)


def _elasticities(points: list[Point]) -> tuple[Elasticity, ...]:
    pairs = pairwise(points)
    return tuple(
        Elasticity(p.batch, q.batch, math.log(q.step_s / p.step_s) / math.log(q.batch / p.batch)) for p, q in pairs
    )


def _knee(
    base: float, slope: float, var_base: float, var_slope: float, covariance: float, free: int, largest: float
) -> tuple[float | None, float | None, float | None, float | None]:
    """Knee, its standard error and its 95 % interval, by propagation of ln(a/b)."""
    if base <= 0 or slope <= 2 * math.sqrt(var_slope) or slope <= 0:
        return None, None, None, None
    knee = (math.sqrt(2) - 1) * base / slope
    if knee > FAR * largest:
        return None, None, None, None
    relative = math.sqrt(max(0.0, var_base / base**2 + var_slope / slope**2 - 2 * covariance / (base * slope)))
    reach = math.exp((_T975[free - 1] if free <= len(_T975) else 2.0 + 2.4 / free) * relative)
    return knee, knee * relative, knee / reach, knee * reach


def _two_digits(value: float) -> str:
    """``183`` as 180, ``31.4`` as 31, ``0.42`` as 0.42: more digits would promise more than is known."""
    if value <= 0:
        return "0"
    digits = 1 - math.floor(math.log10(value))
    return f"{round(value, digits):.{max(0, digits)}f}"

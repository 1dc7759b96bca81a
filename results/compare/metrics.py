"""The figures that can be compared, by the names that ``--fail-on`` knows."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial

from results.compare import estimate
from results.compare.estimate import Estimate
from results.run import LevelRun
from session.told import FAILED

Estimator = Callable[[LevelRun], Estimate]
QUANTILES = {"p50": 0.50, "p90": 0.90, "p95": 0.95, "p99": 0.99}
NOT_STEADY = "has no interval: the level was not long enough"
NO_REQUESTS = "has no interval: another tool told it without its requests"


@dataclass(frozen=True, slots=True)
class Metric:
    """One figure of a level."""

    name: str
    title: str
    scale: float
    """To the unit that is shown."""
    unit: str
    more_is_better: bool
    estimate: Estimator


def _latency(name: str) -> list[Metric]:
    def by(word: str, pick: Callable[[tuple[float, ...]], Estimate]) -> Estimator:
        return lambda run: pick(values) if (values := run.sample.of(name)) else _told(run, name, word)

    title = name.upper()
    quantiles = [
        Metric(f"{name}_{word}", f"{title} {word}", 1e3, "ms", False, by(word, partial(estimate.quantile, q=q)))
        for word, q in QUANTILES.items()
    ]
    return [*quantiles, Metric(f"{name}_mean", f"{title} mean", 1e3, "ms", False, by("mean", estimate.mean))]


def _told(run: LevelRun, name: str, word: str) -> Estimate:
    """Return a figure of which only its value is known."""
    stats = getattr(run.view.latencies, name)
    return Estimate(getattr(stats, word), stats.count, why=NO_REQUESTS) if stats.count == 0 else estimate.NOTHING


def _throughput(run: LevelRun) -> Estimate:
    trust = run.view.trust
    if trust is None:
        return estimate.from_interval(run.view.rates.output_tok_s, None, 0, NO_REQUESTS)
    return estimate.from_interval(run.view.rates.output_tok_s, trust.output_ci, trust.windows, NOT_STEADY)


def _per_gpu(run: LevelRun) -> Estimate:
    gpus = run.view.efficiency.gpus if run.view.efficiency is not None else None
    whole = _throughput(run)
    if not gpus or whole.value is None:
        return estimate.NOTHING
    return Estimate(whole.value / gpus, whole.count, tuple(draw / gpus for draw in whole.draws), whole.why)


def _requests(run: LevelRun) -> Estimate:
    """Requests a second scatter as the tokens that they are made of."""
    tokens, rate = _throughput(run), run.view.rates.requests_s
    if rate is None or not tokens.value:
        return estimate.NOTHING
    return Estimate(rate, tokens.count, tuple(draw / tokens.value * rate for draw in tokens.draws), tokens.why)


def _goodput(run: LevelRun) -> Estimate:
    found = run.view.goodput
    if found is None or found.share is None:
        return estimate.NOTHING
    counted = max(len(run.sample.e2e_s), len(run.sample.ttft_s))
    return estimate.share(round(found.share * counted), counted)


def _errors(run: LevelRun) -> Estimate:
    failed, finished = run.sample.failed, run.sample.finished
    if not failed and not finished:  # as another tool told them
        failed, finished = run.view.errors.get(FAILED, 0), run.view.requests
    return estimate.share(failed, failed + finished)


def _alone(pick: Callable[[LevelRun], float | None]) -> Estimator:
    return lambda run: Estimate(pick(run), why="is one reading a level, without an interval")


METRICS: dict[str, Metric] = {
    metric.name: metric
    for metric in (
        Metric("output_tok_s", "tok/s", 1.0, "", True, _throughput),
        Metric("output_tok_s_per_gpu", "tok/s/GPU", 1.0, "", True, _per_gpu),
        Metric("requests_s", "req/s", 1.0, "", True, _requests),
        *_latency("ttft"),
        *_latency("tpot"),
        *_latency("e2e"),
        Metric("goodput", "good", 100.0, "%", True, _goodput),
        Metric("error_rate", "errors", 100.0, "%", False, _errors),
        Metric("tokens_per_joule", "tok/J", 1.0, "", True,
               _alone(lambda run: run.view.efficiency.tokens_per_joule if run.view.efficiency else None)),
        Metric("power_w", "power", 1.0, "W", False,
               _alone(lambda run: run.view.efficiency.power_w if run.view.efficiency else None)),
    )
}  # fmt: skip

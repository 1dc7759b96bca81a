from __future__ import annotations

import math
from itertools import islice, pairwise
from statistics import fmean, stdev

import pytest

from loadgen.arrivals import Arrivals, due_ns, gaps_s

MANY = 20_000


def first(arrivals: Arrivals, rate_s: float, count: int = MANY, draw: int = 0) -> list[float]:
    return list(islice(gaps_s(arrivals, rate_s, draw), count))


@pytest.mark.parametrize(
    ("arrivals", "variation"),
    [
        (Arrivals(process="poisson"), 1.0),
        (Arrivals(process="constant"), 0.0),
        (Arrivals(process="gamma", burstiness=1.0), 1.0),
        (Arrivals(process="gamma", burstiness=0.25), 2.0),
        (Arrivals(process="gamma", burstiness=4.0), 0.5),
    ],
)
def test_the_rate_and_its_variation_are_those_asked_for(arrivals: Arrivals, variation: float) -> None:
    gaps = first(arrivals, 32.0)
    assert fmean(gaps) == pytest.approx(1 / 32, rel=0.05)
    assert stdev(gaps) / fmean(gaps) == pytest.approx(variation, rel=0.06, abs=1e-9)


@pytest.mark.parametrize("process", ["poisson", "gamma"])
def test_the_same_seed_gives_the_same_arrivals(process: str) -> None:
    one, same, other = (Arrivals(process=process, seed=seed) for seed in (7, 7, 8))  # type: ignore[arg-type]
    assert first(one, 5.0, 50) == first(same, 5.0, 50)
    assert first(one, 5.0, 50) != first(other, 5.0, 50)
    assert first(one, 5.0, 50) != first(one, 5.0, 50, draw=1), "two levels at one rate are not alike"


@pytest.mark.parametrize("workers", [1, 3, 8])
def test_what_workers_send_together_is_what_one_would_send(workers: int) -> None:
    arrivals = Arrivals(process="gamma", burstiness=0.5, seed=3)
    alone = list(islice(due_ns(arrivals, 100.0, 1_000), 240))
    shares = [
        list(islice(due_ns(arrivals, 100.0, 1_000, worker=i, workers=workers), 240 // workers)) for i in range(workers)
    ]
    assert sorted(due for share in shares for due in share) == alone


def test_constant_arrivals_do_not_drift() -> None:
    dues = list(islice(due_ns(Arrivals(process="constant"), 3.0, 0), 30_000))
    assert dues[-1] == pytest.approx(10_000e9, abs=1e3)
    assert all(math.isclose(b - a, 1e9 / 3, abs_tol=10) for a, b in pairwise(dues))

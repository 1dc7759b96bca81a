"""Gaps between tokens: of which part of a level they are, and how far their quantiles can be trusted."""

from __future__ import annotations

import random
from collections import Counter
from itertools import pairwise
from pathlib import Path

import pytest

from results.compare.difference import difference
from results.compare.estimate import Estimate
from results.compare.gap_quantile import gap_quantile
from results.gaps import MOST, Gaps, total
from results.run import Run, load
from session.gaps import bucket_of, value_of
from tests.results.recordings import real


@pytest.fixture(scope="module")
def run(tmp_path_factory: pytest.TempPathFactory) -> Run:
    return load(real("h200-llama-3.1-8b-tp1", tmp_path_factory.mktemp("gaps")))


def test_they_are_those_of_the_report(run: Run) -> None:
    """The fold keeps its own of the steady part: number and quantiles are the same ones."""
    for level in run.levels:
        itl = level.view.latencies.itl
        assert sum(total(level.steady_gaps).values()) == itl.count
        for q, told in ((0.5, itl.p50), (0.9, itl.p90), (0.95, itl.p95), (0.99, itl.p99)):
            assert gap_quantile(level.steady_gaps, level.steady_s, q).value == told


def test_memory_is_bounded_and_nothing_is_lost() -> None:
    gaps = Gaps()
    for n in range(40_000):
        gaps.add(n / 4, {500 + n % 7: 3})
    every = gaps.since(float("-inf"))
    assert MOST // 2 <= len(every) <= MOST + 1
    assert total(every) == Counter({500 + k: 3 * len(range(k, 40_000, 7)) for k in range(7)})
    assert all(one.to_s < other.from_s for one, other in pairwise(every))
    late = gaps.since(5000.0)
    assert 0.4 < len(late) / len(every) < 0.6
    assert late[0].from_s >= 5000.0


def test_senseless_buckets_and_counts_are_none() -> None:
    gaps = Gaps()
    gaps.add(1.0, {-1: 5, 10**9: 5, 500: -3, 501: 2})
    assert total(gaps.since(0.0)) == Counter({501: 2})


def made(steps: int, streams: int, source: random.Random, *, slow: float = 0.0, step_s: float = 0.01) -> Estimate:
    """ITL p50 of decode steps that all streams share; ``slow`` is how far a stretch of 25 steps differs from others."""
    gaps, now_s, mood = Gaps(), 0.0, 0.0
    for n in range(steps):
        if n % 25 == 0:
            mood = source.gauss(0, slow)
        one_s = step_s * (1 + mood + source.gauss(0, 0.05))
        now_s += one_s
        gaps.add(now_s, {bucket_of(one_s): streams})
    return gap_quantile(gaps.since(0.0), now_s, 0.5)


@pytest.mark.parametrize("slow", [0.0, 0.05])
@pytest.mark.parametrize("streams", [1, 64])
def test_the_interval_holds_no_difference_where_there_is_none(streams: int, slow: float) -> None:
    """Whether the streams are one or 64 that share each step, and whether the server's pace drifts."""
    source = random.Random(streams)
    held = 0
    for _ in range(60):
        found = difference(made(1000, streams, source, slow=slow), made(1000, streams, source, slow=slow))
        assert found.low is not None
        assert found.high is not None
        held += found.low <= 0 <= found.high
    assert held >= 54


def test_a_slower_server_is_seen() -> None:
    source = random.Random(1)
    found = difference(made(1000, 64, source), made(1000, 64, source, step_s=0.0115))
    assert found.low is not None
    assert found.high is not None
    assert 0.1 < found.low < 0.15 < found.high < 0.2


def test_many_tokens_of_few_steps_decide_nothing() -> None:
    found = made(5, 1000, random.Random(1))
    assert found.count == 5000
    assert not found.draws
    assert found.why == "needs 6 decode steps in the steady part, has 5"


def test_without_gaps_there_is_no_figure() -> None:
    assert gap_quantile([], 10.0, 0.5).value is None
    assert value_of(bucket_of(0.01)) == pytest.approx(0.01, rel=0.01)


def test_the_h200_recordings_ask_for_enough_steps(run: Run) -> None:
    told = {level.view.concurrency: gap_quantile(level.steady_gaps, level.steady_s, 0.99) for level in run.levels}
    assert told[64].draws
    low, high = min(told[64].draws), max(told[64].draws)
    assert low < (told[64].value or 0.0) < high


def test_the_gate_takes_it(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    from rooftop.cli import main

    name = str(real("h200-llama-3.1-8b-tp1", tmp_path))
    assert main(["compare", name, name, "--fail-on", "itl_p50@16:+5%"]) == 0
    assert "ITL p50 at conc 16" in capsys.readouterr().out

"""The growth of step time with the batch: the fit, its errors, the knee, and what it says of a cause."""

from __future__ import annotations

from dataclasses import replace

import pytest

from regime.budget import StepBudget
from regime.scaling import Point, fit
from regime.verdict import judge
from regime.witness import against, agrees, opinion, weighed
from tests.regime.rows import evidence_of, rows

BATCHES = (1, 4, 16, 32)
PUBLISHED = {
    "H200": ((5.86, 6.07, 6.55, 7.91), 5.74, 0.064, (0.025, 0.055, 0.27)),
    "H100": ((7.06, 7.30, 7.94, 9.19), 6.98, 0.068, None),
    "A100": ((11.98, 12.41, 13.52, 15.43), 11.89, 0.109, None),
    "L40S": ((22.10, 23.25, 24.14, 26.61), 22.25, 0.134, None),
}
"""Milliseconds a token of Llama-3.1-8B (bf16) at four batches, and the line through them."""


def line(base_ms: float, slope_ms: float, batches: tuple[int, ...] = (1, 8, 64, 256)) -> list[Point]:
    return [Point(b, (base_ms + slope_ms * b) / 1e3) for b in batches]


def measured(tp: int) -> list[Point]:
    levels = [evidence_of(row) for row in rows(tp) if row["workload"] == "decode"]
    return [Point(e.batch or 0.0, e.step_s or 0.0, 0.01 * (e.step_s or 0.0)) for e in levels]


@pytest.mark.parametrize("name", list(PUBLISHED))
def test_the_published_four_gpus_fit(name: str) -> None:
    times_ms, base_ms, slope_ms, elasticities = PUBLISHED[name]
    found = fit([Point(b, t / 1e3) for b, t in zip(BATCHES, times_ms, strict=True)])
    assert found is not None
    assert found.base_s * 1e3 == pytest.approx(base_ms, abs=0.01)
    assert found.slope_s * 1e3 == pytest.approx(slope_ms, abs=0.001)
    if elasticities:
        assert [e.value for e in found.elasticities] == pytest.approx(elasticities, abs=0.005)


def test_standard_errors_are_those_of_the_scatter_about_the_line() -> None:
    """Residuals .053 .070 -.225 .102 ms: sqrt(SSR/2) = .1855 ms, over sqrt(594.75) for the slope."""
    found = fit([Point(b, t / 1e3) for b, t in zip(BATCHES, PUBLISHED["H200"][0], strict=True)])
    assert found is not None
    assert found.base_se_s * 1e3 == pytest.approx(0.137, abs=0.001)
    assert found.slope_se_s * 1e3 == pytest.approx(0.0076, abs=0.0001)
    exact = fit(line(5.0, 0.015))
    assert exact is not None
    assert exact.base_se_s == pytest.approx(0.0, abs=1e-9)


def test_two_batches_are_no_line() -> None:
    assert fit(line(5, 0.02, (1, 8))) is None
    assert fit([*line(5, 0.02, (1, 8)), Point(8.2, 0.0052)]) is None, "8 and 8.2 are one batch"
    assert fit(line(5, 0.02, (1, 8, 64))) is not None


def test_the_knee_is_where_one_more_request_adds_half_as_much() -> None:
    found = fit(line(5.0, 0.015))
    assert found is not None
    assert found.knee is not None
    assert found.knee == pytest.approx(138.07, abs=0.1)

    def throughput(batch: float) -> float:
        return batch / (found.base_s + found.slope_s * batch)

    first, at_knee = throughput(0.01) / 0.01, (throughput(found.knee + 0.01) - throughput(found.knee)) / 0.01
    assert at_knee == pytest.approx(first / 2, rel=1e-3)


def test_the_knees_interval_holds_it_and_grows_with_the_scatter() -> None:
    def noisy(percent: float) -> list[Point]:
        signs = (1, -1, 1, -1, 1, -1)
        points = line(5.0, 0.02, (1, 8, 32, 64, 128, 256))
        return [replace(p, step_s=p.step_s * (1 + s * percent / 100)) for p, s in zip(points, signs, strict=True)]

    calm, rough = fit(noisy(0.2)), fit(noisy(2.0))
    assert calm is not None
    assert rough is not None
    assert calm.knee_low is not None
    assert calm.knee_high is not None
    assert rough.knee_se is not None
    assert calm.knee_se is not None
    assert calm.knee_low < 103.6 < calm.knee_high
    assert rough.knee_se > 5 * calm.knee_se


def test_a_flat_step_and_a_far_knee_have_no_number() -> None:
    flat = fit([Point(1, 5.0e-3), Point(4, 5.02e-3), Point(16, 5.0e-3), Point(32, 5.01e-3)])
    assert flat is not None
    assert flat.knee is None
    assert flat.words.endswith("no knee up to batch 32")
    far = fit(line(20.0, 0.05, (1, 4, 16)))
    assert far is not None
    assert far.knee is None


def test_weights_are_of_the_errors_ratios() -> None:
    points = measured(1)
    ten = [replace(p, error_s=10 * (p.error_s or 0)) for p in points]
    one, other = fit(points), fit(ten)
    assert one is not None
    assert other is not None
    assert one.base_s == pytest.approx(other.base_s)
    assert one.slope_se_s == pytest.approx(other.slope_se_s)
    precise = fit([*points[:-1], replace(points[-1], error_s=1.0)])
    assert precise is not None
    assert precise.slope_s < one.slope_s, "without the level beyond the ridge the line is flatter"


def test_the_line_in_words() -> None:
    found = fit(measured(1))
    assert found is not None
    assert found.words == "scaling: 4.64 ms + 0.027 ms × batch; knee at 70 ± 5.9"


@pytest.mark.parametrize("row", [row for row in rows(1) if row["workload"] == "decode"], ids=lambda r: r["concurrency"])
def test_the_witness_agrees_with_the_measured_levels_of_one_gpu(row: dict[str, str]) -> None:
    scaling, evidence = fit(measured(1)), evidence_of(row)
    before = judge(evidence)
    after = weighed(before, scaling, evidence.batch)
    assert after.scaling_agrees is not False
    assert before.confidence is not None
    assert after.confidence is not None
    if after.scaling_agrees and before.confidence <= 0.9:
        assert after.confidence == pytest.approx(before.confidence + 0.05)


def test_a_witness_that_contradicts_costs_confidence() -> None:
    evidence = evidence_of(rows(1)[0])
    flat_and_slow = fit(line(9.0, 0.001))
    verdict = judge(evidence)
    assert agrees(verdict, flat_and_slow, evidence.batch) is False
    assert weighed(verdict, flat_and_slow, evidence.batch).confidence == pytest.approx(0.75)


def test_opinions() -> None:
    """Weights of 3.1 ms at the H200's theoretical bandwidth, KV and arithmetic of 0.015 ms a sequence."""
    small = judge(evidence_of(rows(1)[0])).budget
    large = judge(evidence_of(rows(1)[9])).budget
    assert small is not None
    assert large is not None

    def say(base_ms: float, slope_ms: float, batch: float, budget: StepBudget) -> frozenset[str] | None:
        scaling = fit(line(base_ms, slope_ms))
        assert scaling is not None
        return opinion(scaling, batch, budget)

    assert say(3.7, 0.001, 1, small) == frozenset(("memory",))
    assert say(4.8, 0.001, 1, small) == frozenset(("memory", "rest"))
    assert say(8.0, 0.001, 1, small) == frozenset(("rest", "communication"))
    assert say(5.0, 0.02, 64, large) is None
    assert say(4.6, 0.03, 512, large) == frozenset(("compute",))
    assert say(4.6, 0.2, 512, large) == frozenset(("rest",))
    assert say(0.5, 0.011, 512, replace(large, gemm_s=0.1)) == frozenset(("memory",))


def test_without_a_model_or_a_label_it_has_no_say() -> None:
    evidence = evidence_of(rows(1)[0])
    scaling = fit(line(9.0, 0.001))
    assert agrees(judge(replace(evidence, model=None)), scaling, 1.0) is None
    assert agrees(judge(replace(evidence, client_limited=True)), scaling, 1.0) is None
    assert agrees(judge(evidence), None, 1.0) is None
    assert weighed(judge(evidence), None, 1.0).scaling_agrees is None


def test_published_slopes_are_more_than_kv_or_arithmetic_cost() -> None:
    """H200 at a context of 576: a is 1.84 times the weights, b about four times KV, or arithmetic, per sequence."""
    times_ms, *_ = PUBLISHED["H200"]
    scaling = fit([Point(b, t / 1e3) for b, t in zip(BATCHES, times_ms, strict=True)])
    evidence = replace(
        evidence_of(rows(1)[5]), gpus=(), batch=32.0, step_s=0.00791, context_tokens=576.0, prefill_tokens_per_step=0.0
    )
    budget = judge(evidence).budget
    assert scaling is not None
    assert budget is not None
    found = against(scaling, 32.0, budget)
    assert found is not None
    assert found.base_ratio == pytest.approx(1.84, abs=0.01)
    assert scaling.slope_s / found.kv_s == pytest.approx(3.5, abs=0.1)
    assert found.words.startswith("base 1.8 × the weights' time")
    assert against(scaling, 32.0, replace(budget, weights_s=0.0)) is None

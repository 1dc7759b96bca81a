"""A step's time in parts."""

from __future__ import annotations

from dataclasses import replace

import pytest

from regime.gpus import peaks_by_key
from regime.parts import Part, Parts
from regime.verdict import Verdict, judge
from tests.regime.rows import evidence_of, rows

EIGHT = evidence_of(rows(1)[3])


def shares(parts: Parts | None) -> dict[str, float]:
    assert parts is not None
    return {part.name: part.share for part in parts.parts}


@pytest.mark.parametrize("row", [*rows(1), *rows(4)], ids=lambda r: f"{r['workload']}-{r['tp']}-{r['concurrency']}")
def test_parts_add_up_to_the_step(row: dict[str, str]) -> None:
    evidence = evidence_of(row)
    verdict = judge(evidence)
    for parts in (verdict.measured_parts, verdict.modelled_parts):
        if parts is None:
            continue
        assert sum(part.share for part in parts.parts) == pytest.approx(1.0)
        assert all(part.share >= 0 for part in parts.parts)
        if evidence.step_s is not None and parts is verdict.measured_parts:
            assert sum(part.seconds or 0 for part in parts.parts) == pytest.approx(evidence.step_s)


def test_measured_and_modelled_side_by_side() -> None:
    verdict = judge(EIGHT)
    measured, modelled = shares(verdict.measured_parts), shares(verdict.modelled_parts)
    assert measured["weights"] == pytest.approx(modelled["weights"], abs=0.02)
    assert measured["kv"] == pytest.approx(modelled["kv"], abs=0.01)
    assert measured["latency"] + measured["host"] == pytest.approx(modelled["rest"], abs=0.02)
    assert "rest" not in measured
    assert "host" not in modelled, "arithmetic cannot tell an empty GPU from small kernels"


def test_what_cannot_be_told_apart_is_one_part() -> None:
    alone = judge(replace(EIGHT, model=None))
    assert shares(alone.measured_parts)["memory"] == pytest.approx(0.7565, abs=1e-3)
    assert "weights" not in shares(alone.measured_parts)
    assert alone.modelled_parts is None
    timeless = judge(replace(EIGHT, step_s=None)).measured_parts
    assert timeless is not None
    assert all(part.seconds is None for part in timeless.parts)


def test_what_the_largest_part_could_buy() -> None:
    verdict = judge(EIGHT)
    parts = verdict.measured_parts
    assert parts is not None
    assert parts.largest.name == "weights"
    assert parts.at_most == pytest.approx(1 / (1 - parts.largest.share))
    assert Parts((Part("compute", 1.0, None),)).at_most is None


@pytest.mark.parametrize(
    ("gpu", "batch", "step_ms", "percent"),
    [
        ("h200", 1, 5.86, 53.6), ("h200", 32, 7.91, 45.9), ("h100", 1, 7.06, 63.8), ("h100", 32, 9.19, 56.6),
        ("l40s", 1, 22.10, 79.0), ("l40s", 32, 26.61, 75.8),
    ],
)  # fmt: skip
def test_roofline_reached(gpu: str, batch: int, step_ms: float, percent: float) -> None:
    """Published times of Llama-3.1-8B at a context of 576, against theoretical bandwidth."""
    evidence = replace(
        EIGHT, gpus=(), peaks=peaks_by_key(gpu), batch=float(batch), step_s=step_ms / 1e3, context_tokens=576.0,
        prefill_tokens_per_step=0.0,
    )  # fmt: skip
    parts = judge(evidence).modelled_parts
    assert parts is not None
    assert parts.roofline is not None
    assert 100 * parts.roofline == pytest.approx(percent, abs=0.7)


def test_a_verdict_without_either_has_no_parts() -> None:
    assert Verdict(None, None, None, None, None, None, "cannot tell", ()).parts is None

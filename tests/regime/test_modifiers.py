"""What stands beside a label."""

from __future__ import annotations

from dataclasses import replace

import pytest

from regime.evidence import Evidence
from regime.verdict import judge
from tests.regime.rows import evidence_of, rows

SMALL, FULL = evidence_of(rows(1)[3]), evidence_of(rows(1)[9])


def beside(evidence: Evidence, **changes: object) -> tuple[str, ...]:
    return judge(replace(evidence, **changes)).modifiers  # type: ignore[arg-type]


def gpu(evidence: Evidence, **changes: object) -> Evidence:
    return replace(evidence, gpus=(replace(evidence.gpus[0], **changes),))  # type: ignore[arg-type]


def test_nothing_beside_a_steady_decode_window() -> None:
    assert beside(SMALL) == ()


@pytest.mark.parametrize("concurrency", ["128", "256", "512"])
def test_the_real_card_was_power_capped_from_128_requests_on(concurrency: str) -> None:
    row = next(row for row in rows(1) if row["concurrency"] == concurrency)
    assert beside(evidence_of(row)) == ("power-capped", "mixed")


def test_throttled_time_says_more_than_a_bit_that_was_seen() -> None:
    assert "power-capped" not in beside(gpu(FULL, power_capped=0.02))
    assert "power-capped" in beside(gpu(SMALL, power_capped=0.4))
    assert "thermal" in beside(gpu(SMALL, thermal=0.2))
    assert "thermal" not in beside(gpu(SMALL, clock_event_reasons=0x20, thermal=0.0))


def test_the_power_limit_corroborates_arithmetic_and_nothing_else() -> None:
    capped, free = judge(FULL), judge(gpu(FULL, clock_event_reasons=0))
    assert free.confidence is not None
    assert capped.confidence == pytest.approx(free.confidence + 0.05)
    assert "at the power limit, as arithmetic is" in capped.evidence[-1]
    assert judge(gpu(SMALL, clock_event_reasons=0x4)).confidence == judge(SMALL).confidence


def test_heat_is_trusted_less() -> None:
    hot = judge(gpu(SMALL, clock_event_reasons=0x40))
    assert hot.modifiers == ("thermal",)
    assert hot.confidence == pytest.approx(0.8)


def test_ranks_that_differ() -> None:
    one = SMALL.gpus[0]
    assert beside(SMALL, gpus=(one, replace(one, index=1, dram=0.4)), tp=2) == ("imbalance",)
    assert beside(SMALL, gpus=(one, replace(one, index=1, dram=0.6)), tp=2) == ()


def test_client_bound_and_transient_come_first() -> None:
    assert beside(FULL, client_limited=True, transient=True)[:2] == ("client-bound", "transient")


def test_prompts_that_ride_along_are_no_mixed_window() -> None:
    assert "mixed" not in beside(SMALL, prefill_tokens_per_step=4.0)
    assert "mixed" in beside(SMALL, prefill_tokens_per_step=40.0)
    assert "mixed" not in beside(SMALL, prefill_tokens_per_step=400.0), "that is prefill"

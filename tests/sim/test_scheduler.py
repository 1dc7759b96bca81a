from __future__ import annotations

import pytest

from sim.config import SimConfig, SimConfigError
from sim.scheduler import Scheduler, Sequence


def _run(scheduler: Scheduler, steps: int = 100_000) -> list[Sequence]:
    finished: list[Sequence] = []
    for number in range(steps):
        plan = scheduler.plan(float(number))
        if plan is None:
            break
        finished += scheduler.complete(plan, float(number + 1)).done
    return finished


def test_prompts_are_chunked_beside_decode() -> None:
    scheduler = Scheduler(SimConfig(max_num_batched_tokens=100))
    scheduler.add(Sequence(60, 10))
    scheduler.add(Sequence(90, 10))
    first = scheduler.plan(0.0)
    assert first is not None
    assert [tokens for _, tokens in first.chunks] == [60, 40]
    assert [s.prompt_tokens for s in scheduler.complete(first, 1.0).first] == [60]
    second = scheduler.plan(1.0)
    assert second is not None
    assert (second.batch, second.prefill_tokens, second.context_total) == (1, 50, 60)
    assert second.prefill_context == 40 + 25


def test_everything_ends_and_the_cache_empties() -> None:
    scheduler = Scheduler(SimConfig(max_num_seqs=4))
    for _ in range(10):
        scheduler.add(Sequence(100, 20))
    finished = _run(scheduler)
    assert [s.produced for s in finished] == [20] * 10
    assert (scheduler.running, scheduler.queued, scheduler.kv_used) == (0, 0, 0)


def test_max_num_seqs_keeps_the_rest_waiting() -> None:
    scheduler = Scheduler(SimConfig(max_num_seqs=4))
    for _ in range(10):
        scheduler.add(Sequence(10, 5))
    scheduler.plan(0.0)
    assert (scheduler.running, scheduler.queued) == (4, 6)


def test_a_full_cache_preempts_the_youngest_and_recomputes() -> None:
    config = SimConfig(gpu="l4", model="llama-2-7b", max_num_batched_tokens=4096)
    scheduler = Scheduler(config)
    share = config.kv_tokens // 3
    for _ in range(3):
        scheduler.add(Sequence(share - 50, 200))
    finished = _run(scheduler)
    assert scheduler.preemptions > 0
    assert [s.produced for s in finished] == [200] * 3
    assert scheduler.kv_used == 0


def test_removal_frees_slot_and_cache_wherever_it_happens() -> None:
    scheduler = Scheduler(SimConfig(max_num_seqs=2, max_num_batched_tokens=100))
    sequences = [Sequence(100, 50), Sequence(150, 50), Sequence(10, 50)]
    for sequence in sequences:
        scheduler.add(sequence)
    for moment in range(2):
        plan = scheduler.plan(float(moment))
        assert plan is not None
        scheduler.complete(plan, float(moment))
    plan = scheduler.plan(2.0)
    assert plan is not None
    assert all(scheduler.remove(sequence) for sequence in sequences)
    assert not scheduler.remove(sequences[0])
    assert scheduler.complete(plan, 3.0).advanced == []
    assert (scheduler.running, scheduler.queued, scheduler.kv_used) == (0, 0, 0)


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"gpu": "abacus"}, "h200"),
        ({"model": "clippy"}, "llama-3.1-8b"),
        ({"tp": 3}, "1, 2, 4 or 8"),
        ({"gpu": "l4", "model": "llama-3.1-70b"}, "does not fit"),
        ({"max_num_seqs": 0}, "at least 1"),
    ],
)
def test_what_cannot_be_simulated_is_said(changes: dict[str, object], said: str) -> None:
    with pytest.raises(SimConfigError, match=said):
        SimConfig(**changes)  # type: ignore[arg-type]


def test_kv_room_is_that_of_the_real_server() -> None:
    assert SimConfig().kv_tokens == pytest.approx(919_824, rel=0.01)

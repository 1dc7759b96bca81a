"""Bounds of the scheduler, read from a queue's behaviour."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import pytest

from session.ceilings import READINGS, Ceilings
from session.events import EngineSample, Level, Metrics, Server
from session.fold import State
from tests.events import header


def sample(second: int, running: float, waiting: float = 40.0, **more: Any) -> Metrics:
    engine = EngineSample(running=running, waiting=waiting, **{"kv_usage": 0.3, "preemptions": 0.0, **more})
    return Metrics(t_s=float(second), engines={"0": engine})


def after(running: Sequence[float], offered: float | None = 300.0, **more: float) -> Ceilings:
    ceilings = Ceilings()
    for second, value in enumerate(running):
        ceilings.feed(sample(second, value, **more), offered)
    return ceilings


def test_running_that_stays_at_one_number_while_others_wait_is_the_ceiling() -> None:
    assert after([256] * READINGS).max_num_seqs == 256
    assert after([256, 255, 252, 256, 254]).max_num_seqs == 256, "requests end between two steps"


@pytest.mark.parametrize(
    "running",
    [[256] * (READINGS - 1), [200, 210, 220, 230, 240], [256, 200, 256, 256, 256]],
    ids=["too few", "rising", "unsteady"],
)
def test_nothing_is_inferred_from_less(running: list[float]) -> None:
    assert after(running).max_num_seqs is None


@pytest.mark.parametrize(
    "more", [{"waiting": 0.0}, {"kv_usage": 0.92}, {"waiting": 40.0, "waiting_capacity": 0.0}],
    ids=["no queue", "full cache", "deferred alone"],
)  # fmt: skip
def test_another_cause_infers_nothing(more: dict[str, float]) -> None:
    assert after([256] * 9, **more).max_num_seqs is None


def test_a_load_that_is_no_larger_infers_nothing() -> None:
    assert after([256] * 9, offered=256.0).max_num_seqs is None
    assert after([256] * 9, offered=None).max_num_seqs == 256, "an open loop offers no number"


def test_preemptions_are_another_cause() -> None:
    ceilings = Ceilings()
    for second in range(9):
        ceilings.feed(sample(second, 256, preemptions=float(second)), 300.0)
    assert ceilings.max_num_seqs is None


def test_more_running_refutes_it_and_another_server_forgets_it() -> None:
    ceilings = after([64] * READINGS)
    assert ceilings.feed(sample(9, 80, waiting=0.0), 300.0)
    assert ceilings.max_num_seqs is None
    ceilings = after([64] * READINGS)
    ceilings.server_changed()
    assert ceilings.max_num_seqs is None


def test_tokens_a_step_that_stay_near_one_number_are_a_ceiling() -> None:
    def feed(per_second: Sequence[float]) -> Ceilings:
        ceilings, prompts, steps = Ceilings(), 0.0, 0.0
        for second, tokens in enumerate(per_second):
            prompts, steps = prompts + tokens * 10, steps + 10
            counters = {"prompt_computed": prompts, "generation_tokens": 0.0, "steps": steps}
            ceilings.feed(sample(second, 20.0 + second % 7, **counters), 300.0)
        return ceilings

    assert feed([8100, 8150, 8190, 8120, 8180, 8170]).tokens_per_step == pytest.approx(8190)
    assert feed([2000, 8150, 4000, 8120, 6000, 8170]).tokens_per_step is None
    assert feed([100] * 9).tokens_per_step is None


def session(max_num_seqs: int | None = None) -> State:
    state = State(header(max_num_seqs=max_num_seqs) if max_num_seqs else header())
    state.apply(Server(t_s=0.1, model="x"))
    state.apply(Level(t_s=0.2, concurrency=100))
    for second in range(1, 13):
        state.apply(sample(second, 64.0, waiting=36.0, steps=100.0 * second, itl_count=6400.0 * second))
    return state


def test_a_session_says_what_it_inferred_and_what_the_user_said() -> None:
    verdict = session().snapshot(12.5).verdict
    assert verdict.batch_words == "max-num-seqs (inferred: 64)"
    assert verdict.batch_why == "running stays at 64 while 36 wait"
    assert session(64).snapshot(12.5).verdict.batch_words == "max-num-seqs"
    assert session(128).snapshot(12.5).verdict.batch is None, "64 of 128 run: it is something else"
    level = session().snapshot(12.5).levels[0]
    assert level.verdict.batch_words == "max-num-seqs (inferred: 64)"

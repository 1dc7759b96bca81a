from __future__ import annotations

from dataclasses import replace

import pytest

from session.view import TraceView
from tests.tui import samples
from tests.tui.fakes import FakeControls, FakeRamp
from tui.load import Load


@pytest.fixture
def controls() -> FakeControls:
    return FakeControls()


@pytest.fixture
def load(controls: FakeControls) -> Load:
    load = Load(controls)
    load.follow(samples.empty())
    return load


def test_doubling_and_halving_pass_through_one_and_zero(load: Load, controls: FakeControls) -> None:
    for act in (load.double, load.double, load.double, load.halve, load.halve, load.halve, load.halve):
        act()
    assert controls.sets == [(n, "key") for n in (1, 2, 4, 2, 1, 0, 0)]


def test_the_target_is_shown_before_the_recording_has_it(load: Load) -> None:
    load.set(8)
    load.follow(replace(samples.empty(), now_s=0.2))
    assert load.target == 8
    load.follow(replace(samples.empty(), now_s=0.4, concurrency=8))
    load.follow(replace(samples.empty(), now_s=0.6, concurrency=9))
    assert load.target == 9


def test_a_target_that_never_arrives_is_given_up(load: Load) -> None:
    load.set(8)
    load.follow(replace(samples.empty(), now_s=4.0))
    assert load.target == 0


@pytest.mark.parametrize(("asked", "sent"), [(-5, 0), (10_001, 10_000), (99_999, 10_000)])
def test_concurrency_is_clamped(load: Load, controls: FakeControls, asked: int, sent: int) -> None:
    load.set(asked)
    assert controls.sets == [(sent, "key")]


def test_pause_resumes_where_it_was(load: Load, controls: FakeControls) -> None:
    load.set(64)
    assert load.pause() is None
    assert load.pause() is None
    assert controls.sets == [(64, "key"), (0, "pause"), (64, "resume")]


def test_a_recorded_pause_is_resumed_too(load: Load, controls: FakeControls) -> None:
    load.follow(replace(samples.empty(), paused=True, resume_to=32))
    load.pause()
    assert controls.sets == [(32, "resume")]


def test_nothing_to_resume_is_said(load: Load, controls: FakeControls) -> None:
    assert "nothing to resume" in (load.pause() or "")
    assert not controls.sets


def test_digits_are_typed_erased_and_set(load: Load, controls: FakeControls) -> None:
    for digit in "0128":
        load.digit(digit)
    load.erase()
    assert load.typed == "12"
    assert load.enter() is None
    assert load.enter() is None
    assert controls.sets == [(12, "key")]
    for digit in "99999":
        load.digit(digit)
    assert "10,000 is the most" in (load.enter() or "")
    load.digit("0")
    load.enter()
    assert controls.sets[-1] == (0, "key")


def test_the_ramp_runs_until_the_user_takes_over(controls: FakeControls) -> None:
    ramp = FakeRamp(1, 4, 16)
    load = Load(controls, ramp)
    load.follow(samples.empty())
    load.follow(samples.empty())
    assert controls.sets == [(1, "plan"), (4, "plan")]
    load.step(1)
    load.follow(samples.empty())
    assert ramp.cancelled
    assert controls.sets[-1] == (5, "key")


def test_load_keys_set_a_traces_speed(controls: FakeControls) -> None:
    load = Load(controls)
    load.follow(replace(samples.empty(), mode="trace", speed=1.0))
    for act in (load.double, load.halve, load.halve, lambda: load.step(1), lambda: load.step(-1)):
        act()
    assert controls.speeds == [(2, "key"), (1, "key"), (0.5, "key"), (0.6, "key"), (0.5, "key")]
    controls.speeds.clear()
    load.set(0.015)
    load.halve()
    load.halve()
    load.set(0)
    load.halve()
    load.double()
    load.pause()
    load.pause()
    assert [n for n, _ in controls.speeds] == [0.015, 0.01, 0.01, 0, 0, 1, 0, 1], "slower is not stopped"
    assert [by for _, by in controls.speeds[-2:]] == ["pause", "resume"]
    for digit in "5000":
        load.digit(digit)
    assert "1,000 is the most" in (load.enter() or "")
    load.switch("closed")
    load.step(1)
    assert [n for n, _ in controls.speeds][-1] == 1000
    assert [n for n, _ in controls.sets] == [1, 2]


def test_a_trace_that_is_over_takes_no_speed_but_another_load(load: Load, controls: FakeControls) -> None:
    load.follow(replace(samples.empty(), mode="trace", speed=0.0, trace=TraceView("toy.jsonl", 9, 9)))
    assert "all of the trace has been sent" in (load.double() or "")
    load.digit("3")
    assert "all of the trace has been sent" in (load.enter() or "")
    assert load.target == 0
    load.switch("closed")
    load.double()
    assert (controls.speeds, controls.sets) == ([], [(0, "key"), (1, "key")])

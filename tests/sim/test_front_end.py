from __future__ import annotations

import pytest

from sim import calibration as fit
from sim.config import SimConfig
from sim.front_end import FrontEnd
from sim.power import Governor
from sim.scheduler import Scheduler, Sequence


def _drain(front_end: FrontEnd[str]) -> list[tuple[str, float]]:
    out = []
    while (leaves := front_end.leaves_at()) is not None:
        out.append((front_end.pop(), leaves))
    return out


def test_one_request_pays_for_itself_alone() -> None:
    front_end: FrontEnd[str] = FrontEnd()
    front_end.add("a", 10.0)
    ((name, leaves),) = _drain(front_end)
    assert (name, leaves) == ("a", 10.0 + fit.FRONT_END_SERIAL_S + fit.FRONT_END_PARSE_S)
    front_end.add("b", 20.0)
    assert front_end.leaves_at() == pytest.approx(20.0 + fit.FRONT_END_PARSE_S + fit.FRONT_END_SERIAL_S)


def test_a_burst_is_read_before_its_first_gets_on() -> None:
    front_end: FrontEnd[str] = FrontEnd()
    for name in "abcd":
        front_end.add(name, 0.0)
    read = 4 * fit.FRONT_END_PARSE_S
    names, times = zip(*_drain(front_end), strict=True)
    assert names == tuple("abcd")
    assert times == pytest.approx([read + (n + 1) * fit.FRONT_END_SERIAL_S for n in range(4)])


def test_who_left_is_forgotten() -> None:
    front_end: FrontEnd[str] = FrontEnd()
    front_end.add("a", 0.0)
    assert front_end.discard("a")
    assert not front_end.discard("a")
    assert front_end.leaves_at() is None


def test_a_request_that_comes_during_a_step_waits_for_the_step_after_the_next() -> None:
    scheduler = Scheduler(SimConfig())
    scheduler.add(Sequence(16, 5))
    plan = scheduler.plan(0.0)
    assert plan is not None
    scheduler.add(Sequence(16, 5))
    batches = []
    for moment in range(1, 4):
        scheduler.complete(plan, float(moment))
        plan = scheduler.plan(float(moment))
        assert plan is not None
        batches.append((plan.batch, plan.prefill_tokens))
    assert batches == [(1, 0), (1, 16), (2, 0)]


def test_the_clock_falls_with_lasting_load_and_comes_back() -> None:
    governor = Governor(SimConfig())
    governor.ran(0.005, 1000.0)
    assert governor.clock() == 1.0
    governor.ran(5.0, 1000.0)
    assert governor.clock() == pytest.approx(0.68**0.6, rel=1e-3)
    governor.rested(5.0)
    assert governor.clock() == 1.0

from __future__ import annotations

import pytest

from engine.load import Load
from engine.replay import Progress


def test_a_place_moves_at_the_speed_that_held_and_stands_while_stopped() -> None:
    progress = Progress(1)
    assert progress.move(2.0, 5_000_000_000) == 0.0
    assert progress.move(0.5, 8_000_000_000) == pytest.approx(6.0)
    assert progress.move(0.0, 10_000_000_000) == pytest.approx(7.0)
    assert progress.move(1.0, 99_000_000_000) == pytest.approx(7.0)


def test_a_trace_is_over_once_when_every_worker_has_begun_and_has_nothing_left() -> None:
    progress = Progress(2)
    assert not progress.heard(0, 0)
    assert not progress.heard(1, None), "it reads the file still"
    assert not progress.heard(1, 3)
    progress.lost(1)
    assert not progress.heard(0, 0), "another takes its place"
    assert progress.heard(1, 0)
    assert progress.over
    assert not progress.heard(1, 0)


def test_a_trace_that_was_left_does_not_end() -> None:
    progress = Progress(1)
    progress.over = True
    assert not progress.heard(0, 0)


@pytest.mark.parametrize("load", [Load(3), Load(rate=0.5), Load(speed=2.0)])
def test_a_load_that_stops_stays_in_its_mode(load: Load) -> None:
    assert load
    assert not load.stopped()
    assert load.event(1.0, "key").mode == load.stopped().event(1.0, "stop").mode

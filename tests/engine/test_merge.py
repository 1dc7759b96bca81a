from __future__ import annotations

from engine.merge import PATIENCE_S, Merge
from session.events import Event, Note


def note(t_s: float) -> Note:
    return Note(t_s=t_s, text="")


def times(events: list[Event]) -> list[float]:
    return [event.t_s for event in events]


def test_nothing_is_written_before_what_a_slower_worker_may_still_say() -> None:
    merge = Merge()
    for t_s in (1.0, 1.2, 1.3):
        merge.add(note(t_s))
    merge.heard(0, 1.3)
    merge.heard(1, 1.1)
    assert times(merge.ready(1.35)) == [1.0]
    merge.add(note(1.15))
    merge.heard(1, 1.3)
    assert times(merge.ready(1.4)) == [1.15, 1.2, 1.3]


def test_a_silent_worker_is_not_waited_for_longer_than_patience() -> None:
    merge = Merge()
    merge.heard(0, 1.0)
    merge.add(note(2.0))
    assert merge.ready(2.1) == []
    assert times(merge.ready(2.0 + PATIENCE_S)) == [2.0]


def test_a_worker_that_is_gone_holds_nothing_up() -> None:
    merge = Merge()
    merge.heard(0, 1.0)
    merge.add(note(2.0))
    merge.forget(0)
    assert times(merge.ready(2.0)) == [2.0]


def test_the_rest_comes_in_order() -> None:
    merge = Merge()
    for t_s in (3.0, 1.0, 2.0):
        merge.add(note(t_s))
    assert times(merge.rest()) == [1.0, 2.0, 3.0]

from __future__ import annotations

from collections.abc import Iterable

from session.events import Event, Lengths, Level, Log, Note, Request, Source
from session.marks import MARKS_KEPT, Mark, Marks
from tests.events import ramp


def marks_of(events: Iterable[Event]) -> list[Mark]:
    marks = Marks()
    for event in sorted(events, key=lambda event: event.t_s):
        marks.take(event)
    return marks.all


def test_levels_notes_and_troubles_of_a_session_are_marked() -> None:
    assert marks_of(ramp((1, 8), hold_s=10.0)) == [
        Mark(1.0, "level", "1"),
        Mark(11.0, "level", "8"),
        Mark(21.0, "level", "0"),
        Mark(21.1, "note", "the end"),
    ]


def test_amounts_are_said_in_their_unit_and_lengths_keep_the_amount() -> None:
    events: list[Event] = [
        Level(t_s=1.0, concurrency=0, mode="open", rate=2.5),
        Lengths(t_s=2.0, prompt_tokens=8, output_tokens=8),
        Level(t_s=3.0, concurrency=0, mode="trace", speed=2.0),
        Level(t_s=4.0, concurrency=0, mode="trace", speed=0.0),
    ]
    assert [mark.text for mark in marks_of(events)] == ["2.5/s", "2.5/s", "×2", "0"]


def test_errors_of_one_kind_in_a_row_are_one_event() -> None:
    def failed(t_s: float, error: str) -> Request:
        return Request(t_s=t_s, start_s=t_s - 1, error=error)

    events = [failed(t, "timeout") for t in (1.0, 5.0, 14.0, 40.0)] + [
        failed(6.0, "http-500"),
        failed(7.0, "cancelled"),
    ]
    assert [(mark.t_s, mark.text) for mark in marks_of(events)] == [
        (1.0, "timeout"),
        (6.0, "http-500"),
        (40.0, "timeout"),
    ]


def test_what_goes_well_is_no_event() -> None:
    events: list[Event] = [
        Source(t_s=1.0, source="gpus", ok=True, reason="a part is missing"),
        Log(t_s=2.0, severity="info", text="fine"),
        Source(t_s=3.0, source="metrics", ok=False, reason="/metrics answers 404"),
        Log(t_s=4.0, severity="warning", text="late"),
        Request(t_s=5.0, start_s=4.0),
    ]
    assert [(mark.kind, mark.text) for mark in marks_of(events)] == [
        ("warning", "/metrics answers 404"),
        ("warning", "late"),
    ]


def test_the_first_are_kept_and_long_texts_are_cut() -> None:
    found = marks_of(Note(t_s=float(n), text="x" * 1000) for n in range(MARKS_KEPT + 5))
    assert len(found) == MARKS_KEPT
    assert max(len(mark.text) for mark in found) < 100

"""The levels table for people, at several widths."""

from __future__ import annotations

import io
import math
from collections.abc import Sequence

import pytest
from rich.console import Console

from rooftop.table import legend, levels_table
from session.events import End, Event
from session.fold import State
from session.view import Snapshot
from tests.events import header
from tests.session import made


def session(**head: object) -> Snapshot:
    """Four levels: steady, rising, too short to tell, shorter than two stays."""
    events: list[Event] = [
        *made.level(0.0, 20.0, lambda t: 1000 + 5 * math.sin(t)),
        *made.level(20.0, 20.0, lambda t: 1600 + 40 * t, concurrency=20, number=2),
        *made.level(40.0, 5.0, lambda _: 4000, concurrency=40, number=3),
        *made.level(45.0, 2.0, lambda _: 8000, concurrency=80, stay_s=1.5, number=4),
        End(t_s=47.0, reason="done"),
    ]
    state = State(header(**head))
    state.apply_all(events)
    return state.snapshot()


def drawn(snapshot: Snapshot, width: int) -> Sequence[str]:
    out = io.StringIO()
    Console(file=out, width=width, highlight=False).print(levels_table(snapshot, width))
    return [line.rstrip() for line in out.getvalue().splitlines() if line.strip()]


@pytest.mark.parametrize("width", [80, 100, 170])
def test_marks_stand_beside_the_load(width: int) -> None:
    rows = [line.split() for line in drawn(session(), width)[2:]]
    assert [row[:2] if row[0] in "~?!" else row[0] for row in rows] == ["10", ["~", "20"], ["?", "40"], ["!", "80"]]


@pytest.mark.parametrize("width", [80, 90, 100, 105, 115, 125, 135, 145, 155, 170])
def test_no_figure_and_no_limiter_is_cut(width: int) -> None:
    assert not any("…" in line for line in drawn(session(), width))


def test_the_interval_is_shown_where_there_is_one_and_room_for_it() -> None:
    wide, narrow = drawn(session(), 170), drawn(session(), 80)
    assert "±" in wide[0]
    assert "±" not in narrow[0]
    assert "0.2 %" in wide[2] or "0.1 %" in wide[2]
    assert " – " in wide[3], "a rising level has none"
    assert "warm-up" in wide[0]


def test_the_legend_gives_each_level_its_reason() -> None:
    lines = legend(session())
    assert lines[0].startswith("~ not steady: at 20 throughput rose by ")
    assert lines[1] == "? too short to tell whether it was steady: at 40 hold it 8 s or longer"
    assert lines[2].startswith("! too short for a steady part: at 80 hold it ")
    assert lines[3].startswith("± 95 % confidence interval")


def test_without_marks_there_is_no_legend() -> None:
    state = State(header())
    state.apply_all([*made.level(0.0, 20.0, lambda _: 1000), End(t_s=20.0, reason="done")])
    assert [line[0] for line in legend(state.snapshot())] == ["±"]

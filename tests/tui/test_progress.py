from __future__ import annotations

import pytest

from session.marks import Mark
from tests.tui import samples
from tests.tui.helpers import line_text, scene_of
from tui.lines import width_of
from tui.panels.progress import progress
from tui.scene import Tape

MARKS = (
    Mark(0.0, "level", "1"),
    Mark(25.0, "level", "16"),
    Mark(50.0, "level", "256"),
    Mark(60.0, "note", "x"),
    Mark(75.0, "level", "0"),
    Mark(80.0, "error", "timeout"),
)


def drawn(width: int, **more: object) -> str:
    fields: dict[str, object] = {
        "position_s": 40.0, "duration_s": 100.0, "playing": True, "speed": 1.0, "marks": MARKS,
    }  # fmt: skip
    tape = Tape(**(fields | more))  # type: ignore[arg-type]
    (line,) = progress(scene_of(samples.live(), tape=tape), width, 1).lines
    assert width_of(line) == width
    return line_text(line)


def test_levels_amounts_marks_and_position() -> None:
    assert drawn(57) == "▶ 0:40 ┊1━━━━━━━━┊16━━━●───┊256✎─────┊0✗───────── 1:40 ×1"


def test_pause_and_speed_are_said() -> None:
    assert drawn(57, playing=False, speed=0.25).startswith("‖ 0:40 ")
    assert drawn(57, speed=32.0).endswith(" 1:40 ×32")


def test_amounts_without_room_are_left_out_and_never_cut() -> None:
    close = tuple(Mark(t, "level", "10000") for t in (10.0, 12.0, 14.0, 50.0))
    text = drawn(60, marks=close)
    assert "┊┊┊10000━" in text
    assert text.count("10000") == 2


def test_an_amount_is_not_shown_in_part_where_something_stands_on_it() -> None:
    for on_it in (52.0, 54.0, 57.0, 59.0):
        noted = (Mark(50.0, "level", "256"), Mark(on_it, "note", "x"))
        text = drawn(57, marks=noted)
        assert ("256" in text) == (on_it == 59.0)
        assert "✎" in text
        assert "256" not in drawn(57, marks=noted[:1], position_s=53.0)


def test_many_levels_in_a_cell_are_one_edge() -> None:
    crowd = tuple(Mark(t / 10, "level", "1") for t in range(1000))
    assert drawn(40, marks=crowd).count("┊") <= 40


@pytest.mark.parametrize("position", [0.0, 99.9, 100.0])
def test_the_ends_have_a_place(position: float) -> None:
    assert drawn(57, position_s=position).count("●") == 1


def test_the_end_alone_is_the_last_cell() -> None:
    assert "● 1:40" not in drawn(57, position_s=99.0)
    assert "● 1:40" in drawn(57, position_s=100.0)


@pytest.mark.parametrize("width", range(31))
def test_a_narrow_line_is_figures_alone(width: int) -> None:
    tape = Tape(40.0, 100.0, True, 1.0, MARKS)
    for line in progress(scene_of(samples.live(), tape=tape), width, 1).lines:
        assert width_of(line) == width


def test_hostile_and_odd_recordings_are_drawn() -> None:
    assert "\x1b" not in drawn(
        80, marks=(Mark(10.0, "level", "\x1b[2J8"), Mark(-5.0, "note", ""), Mark(1e9, "error", ""))
    )
    assert "●" in drawn(60, duration_s=0.0, position_s=0.0, marks=())


def test_the_present_has_no_line() -> None:
    assert progress(scene_of(samples.live()), 80, 1).lines == ()

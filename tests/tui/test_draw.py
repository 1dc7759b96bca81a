from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.tui.helpers import line_text
from tui.draw import fmt
from tui.draw.axis import nice_max, tick_rows, time_step
from tui.draw.bars import bar, gauge, stacked
from tui.draw.braille import Canvas
from tui.draw.clean import clean
from tui.draw.frame import Frame, framed
from tui.draw.plot import plot_size
from tui.lines import Block, fit, say, width_of
from tui.panels.text import wrap

SHARES = st.lists(st.floats(0, 1), min_size=5, max_size=5)
NAMES = ("memory", "compute", "communication", "latency", "overhead")


@pytest.mark.parametrize(
    ("seconds", "text"),
    [(None, "–"), (0.0, "0"), (0.00484, "4.84"), (0.0114, "11.4"), (0.138, "138"), (1.86, "1860"), (float("nan"), "–")],
)
def test_milliseconds_have_three_figures(seconds: float | None, text: str) -> None:
    assert fmt.ms(seconds) == text


def test_numbers_have_units_and_dashes() -> None:
    assert [fmt.kilo(x) for x in (None, 193.0, 1597.0, 15452.0, 999_600.0, 2.1e6)] == [
        *("–", "193", "1.60k", "15.5k", "1.00M", "2.10M"),
    ]
    assert fmt.ms_unit(0.692) == "692 ms"
    assert fmt.ms_unit(12.34) == "12.3 s"
    assert fmt.clock(3725) == "1:02:05"
    assert fmt.age(12) == "12 s old"
    assert fmt.age(300) == "5 min old"
    assert fmt.gib(141 * 2**30) == "141"
    assert fmt.share(None) == "–"
    assert fmt.axis(2500) == "2.5k"


def test_hostile_text_becomes_plain() -> None:
    assert (
        clean("[/x] \x1b[31mred\x1b[0m \x1b]0;title\x07ok\nnext\tcol \u202eevil \x9b2J\x00")
        == "[/x] red ok next col evil"
    )


@given(st.text())
@settings(max_examples=60)
def test_cleaned_text_has_no_control_characters(text: str) -> None:
    assert all(char.isprintable() for char in clean(text))


@given(st.floats(1e-9, 1e12))
def test_a_nice_end_is_at_or_above_the_value(value: float) -> None:
    assert value <= nice_max(value) * (1 + 1e-9)
    assert nice_max(value) <= value * 2


def test_ticks_and_steps() -> None:
    assert tick_rows(5) == ((0, 1.0), (2, 0.5), (4, 0.0))
    assert [row for row, _ in tick_rows(9)] == [0, 2, 4, 6, 8]
    assert time_step(280, 4) == 120
    assert nice_max(0) == 1.0


@given(SHARES, st.integers(0, 120))
@settings(max_examples=60)
def test_a_stacked_bar_fills_its_width(shares: list[float], width: int) -> None:
    parts = [(name, share, (name, name[0])) for name, share in zip(NAMES, shares, strict=True)]
    assert width_of(stacked(parts, width)) == width


def test_labels_are_as_long_as_they_fit() -> None:
    line = stacked([("memory", 0.8, ("memory 80 %", "M")), ("overhead", 0.2, ("overhead 20 %", "O"))], 20)
    assert "memory 80 %" in line_text(line)
    assert "O" in line_text(line)
    assert "overhead" not in line_text(line)


def test_bars_draw_eighths_and_unknown_is_an_empty_track() -> None:
    assert line_text(bar(0.5, 8, "memory")) == "████    "
    assert line_text(bar(0.001, 4, "memory")) == "▏   "
    assert line_text(bar(None, 4, "memory")) == "    "
    assert [role for _, role in gauge(None, 6, "memory")] == ["track"]
    assert line_text(gauge(0.25, 10, "memory")) == "━━╸━━━━━━━"


def test_a_gap_is_drawn_as_a_gap() -> None:
    canvas = Canvas(6, 1)
    canvas.path([(0, 0.0), (1, 0.0), (4, None), (8, 0.0)], "tpot")
    assert line_text(canvas.lines()[0]) == "⣀   ⡀ "


def test_dots_outside_the_canvas_are_ignored() -> None:
    canvas = Canvas(2, 1)
    canvas.dot(-1, 0, "tpot")
    canvas.dot(99, 99, "tpot")
    canvas.put(1, 0, "long", "value")
    assert line_text(canvas.lines()[0]) == " l"


def test_frames_hold_titles_and_keep_their_size() -> None:
    block = Block((say("hello"),), say("Title", "title"), say("corner", "dim"))
    for frame in Frame:
        for width, height in ((30, 4), (8, 2), (3, 1), (0, 0)):
            lines = framed(block, width, height, frame)
            assert len(lines) == height
            assert all(width_of(line) == width for line in lines)
    assert line_text(framed(block, 30, 3, Frame.BOX)[0]) == "╭─ Title ─────────── corner ─╮"


@given(st.text(max_size=40), st.integers(0, 30))
@settings(max_examples=60)
def test_fitted_lines_have_exactly_their_width(text: str, width: int) -> None:
    assert width_of(fit(say(clean(text)), width)) == width


@pytest.mark.parametrize("height", range(14, 60))
def test_a_tall_chart_has_its_quarters_labelled(height: int) -> None:
    _, rows = plot_size(80, height)
    assert len(tick_rows(rows)) == 5
    assert height - 1 - rows <= 3


@pytest.mark.parametrize("text", ["roofline reached 64 %", "roofline reached 64 %; batch 512"])
def test_a_percentage_stays_whole(text: str) -> None:
    lines = wrap(text, 19, 3)
    assert any("64 %" in line for line in lines)
    assert not any(line.startswith("%") for line in lines)

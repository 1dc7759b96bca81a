from __future__ import annotations

import pyte
from hypothesis import given
from hypothesis import strategies as st
from rich.color import ColorSystem
from rich.segment import Segment
from rich.style import Style

from tui.terminal_cells import PLAIN, Cell, Look, Looks, Pen, cells_of, change, encoded, runs

RED, BLUE = Look((), "38;2;255;0;0", ""), Look((1,), "38;2;0;0;255", "48;2;9;9;9")
STYLES = [
    "",
    "red",
    "bold red on blue",
    "dim",
    "underline",
    "reverse on white",
    "#102030",
    "italic strike #102030 on #000001",
]


def cells(text: str, look: Look = PLAIN) -> list[Cell]:
    return [(char, look) for char in text]


def test_only_what_differs_is_sent_and_short_gaps_are_bridged() -> None:
    assert list(runs(cells("abcdef"), cells("abcdef"))) == []
    assert list(runs(cells("abcdef"), cells("abXdef"))) == [(2, 3)]
    assert list(runs(cells("abcdefghi"), cells("XbcdefghX"))) == [(0, 1), (8, 9)]
    assert list(runs(cells("abcdef"), cells("XbcXef"))) == [(0, 4)]
    assert list(runs([None, None], cells("ab"))) == [(0, 2)]


def test_a_gap_of_another_colour_is_not_bridged() -> None:
    old, new = cells("a") + cells("b", RED) + cells("c"), cells("X") + cells("b", RED) + cells("X")
    assert list(runs(old, new)) == [(0, 1), (2, 3)]


def test_a_wide_character_is_never_halved() -> None:
    looks = Looks(ColorSystem.TRUECOLOR)
    old, new = (cells_of([Segment(text)], looks) for text in ("ab日c", "ab本c"))
    assert new == [("a", PLAIN), ("b", PLAIN), ("本", PLAIN), ("", PLAIN), ("c", PLAIN)]
    assert list(runs(old, new)) == [(2, 4)]


def test_a_mark_goes_with_its_character_however_the_text_is_cut() -> None:
    looks = Looks(ColorSystem.TRUECOLOR)
    assert cells_of([Segment("日\u0301b"), Segment("e"), Segment("\u0301x")], looks) == [
        *(("日\u0301", PLAIN), ("", PLAIN), ("b", PLAIN)),
        *(("e\u0301", PLAIN), ("x", PLAIN)),
    ]


def test_a_change_of_look_says_no_more_than_it_must() -> None:
    assert change(RED, RED) == ""
    assert change(PLAIN, RED) == "\x1b[38;2;255;0;0m"
    assert change(BLUE, PLAIN) == "\x1b[m"
    assert change(BLUE, BLUE._replace(front="31")) == "\x1b[31m"
    assert change(BLUE, BLUE._replace(attributes=())) == "\x1b[22m"
    assert change(Look((1, 2)), Look((1,), "31")) == "\x1b[22;1;31m"
    assert change(BLUE, BLUE._replace(back="")) == "\x1b[49m"


def test_blanks_take_any_colour_but_not_another_ground() -> None:
    pen = Pen()
    pen.write(0, 0, [*cells("a", RED), *cells("  "), *cells("b", RED), (" ", Look(back="44"))])
    assert pen.done() == "\x1b[1H\x1b[38;2;255;0;0ma  b\x1b[39;44m \x1b[m"


def test_few_cells_are_sent_colour_by_colour() -> None:
    """Two rows of a red and a blue figure: each colour is said once."""
    found = [(0, 0, cells("1", RED)), (9, 0, cells("2", BLUE)), (0, 1, cells("3", RED)), (9, 1, cells("4", BLUE))]
    sent = encoded(found)
    assert sent.count("38;2;255;0;0") == 1
    assert sent.count("38;2;0;0;255") == 1
    whole = [(0, y, cells(" " * 70 + "x", RED) + cells("y", BLUE)) for y in range(40)]
    assert encoded(whole).index("y") < encoded(whole).index("x", 100)


segments = st.lists(
    st.builds(
        Segment, st.text("ab  ─━日e\u0301⣿", max_size=8), st.sampled_from(STYLES).map(Style.parse)
    ),
    max_size=6,
)  # fmt: skip


@given(st.lists(segments, min_size=1, max_size=5))
def test_a_terminal_that_gets_differences_shows_the_last_line(lines: list[list[Segment]]) -> None:
    looks = Looks(ColorSystem.TRUECOLOR)
    screen, alone = pyte.Screen(60, 1), pyte.Screen(60, 1)
    shown: list[Cell | None] = [None] * 60
    for line in lines:
        new = (cells_of([*line, Segment(" " * 60)], looks))[:60]
        new = [*new[:59], (" ", PLAIN)]
        pyte.Stream(screen).feed(encoded([(start, 0, new[start:end]) for start, end in runs(shown, new)]))
        shown = list(new)
    pen = Pen()
    pen.write(0, 0, [cell for cell in shown if cell is not None])
    pyte.Stream(alone).feed(pen.done())
    for x in range(59):
        here, there = screen.buffer[0][x], alone.buffer[0][x]
        assert (here.data, here.bg, here.underscore) == (there.data, there.bg, there.underscore), x
        if here.data.strip():
            assert here == there, x

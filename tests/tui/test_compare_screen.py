from __future__ import annotations

import threading
from collections.abc import Callable

import pytest
from textual.pilot import Pilot

from tests.tui.desk_fakes import FakeLibrary, FakeWorks, compared, dialog, recorded
from tests.tui.helpers import NOWHERE, line_text, sent, text_of
from tui.config import Config
from tui.desk.app import DeskApp
from tui.desk.compare import CompareScreen
from tui.desk.keys import COMPARE_KEYS, DECLARED, rebind
from tui.desk.ports import Compared, Stopped, Wish
from tui.desk.sidebyside import columns_of, farthest, heading, remarks, row_line, shown
from tui.lines import width_of
from tui.panel import Panel
from tui.sense import Sense

SIZES = [(160, 45), (80, 24)]


def desk(works: FakeWorks, *, config: Config | None = None, sense: Sense | None = None) -> DeskApp:
    library = FakeLibrary(recorded("a"), recorded("b", started_at="2026-11-20T05:00:00+00:00"))
    return DeskApp("sessions", library=library, works=works, theme_folder=NOWHERE, look_s=3600,
                   config=config or Config(), sense=sense or Sense())  # fmt: skip


def screen(app: DeskApp) -> CompareScreen:
    assert isinstance(app.screen, CompareScreen)
    return app.screen


def said(app: DeskApp, name: str) -> str:
    return text_of(screen(app).query_one(f"#{name}", Panel).lines)


async def until(pilot: Pilot[Wish], holds: Callable[[], bool]) -> None:
    for _ in range(500):
        if holds():
            return
        await pilot.pause(0.01)
    raise AssertionError("it never came")


async def opened(pilot: Pilot[Wish], app: DeskApp) -> CompareScreen:
    """Mark both and compare them; wait until they are shown."""
    await until(pilot, lambda: len(app.get_screen("sessions").shown) == 2)  # type: ignore[attr-defined]
    await pilot.press("space", "space", "c")
    await until(pilot, lambda: isinstance(app.screen, CompareScreen) and app.screen.found is not None)
    await pilot.pause()
    return screen(app)


async def test_levels_stand_side_by_side_with_differences_and_marks() -> None:
    app = desk(FakeWorks())
    async with app.run_test(size=(160, 45)) as pilot:
        await opened(pilot, app)
        head, first, second, *rest = (said(app, "head") + "\n" + said(app, "table")).splitlines()
        assert head.split()[:2] == ["level", "limited"]
        assert first.split()[:5] == ["conc", "1", "a", "memory", "1,000"]
        assert second.split()[:3] == ["b", "compute", "1,001"]
        for text in ("✗ -12.3 ±0.4 %", "✓ +25.0 ±1.2 %", "~+0.1 ±0.6 %", "+4.0 % ?"):
            assert text in second
        below = "\n".join(rest)
        assert "b beats a in tok/s above about 24 in flight" in below
        assert "✓ better, ✗ worse" in below
        assert "not compared: b, conc 512" in below
        assert "b: meta-llama/Llama-3.1-8B, server 0.25.1" in below
        assert "a | b" in said(app, "title")


async def test_better_and_worse_have_colours_of_their_own_too() -> None:
    app = desk(FakeWorks())
    async with app.run_test(size=(160, 45)) as pilot:
        found = await opened(pilot, app)
        spans = [span for line in found.query_one("#table", Panel).lines for span in line]
        roles = {text.split()[0]: role for text, role in spans if text.strip()[:1] in "✓✗" and "%" in text}
        assert roles == {"✗": "bad", "✓": "good"}


@pytest.mark.parametrize(
    ("keys", "top", "left"),
    [
        (["down"], 1, 0),
        (["j", "j", "k"], 1, 0),
        (["up"], 0, 0),
        (["right"], 0, 1),
        (["l", "l", "h"], 0, 1),
        (["left"], 0, 0),
        (["pagedown"], 19, 0),
        (["space", "pageup"], 0, 0),
        (["ctrl+f", "ctrl+b", "down"], 1, 0),
        (["j", "l", "g"], 0, 0),
        (["j", "l", "home"], 0, 0),
    ],
)
async def test_it_scrolls_both_ways(keys: list[str], top: int, left: int) -> None:
    app = desk(FakeWorks(levels=30))
    async with app.run_test(size=(80, 24)) as pilot:
        found = await opened(pilot, app)
        await pilot.press(*keys)
        assert (found.at.top, found.at.left) == (top, left)
        first = said(app, "table").splitlines()[0]
        assert first.startswith("conc" if top % 2 == 0 else "   ")


async def test_the_end_is_the_last_line_and_the_last_column_and_no_further() -> None:
    app = desk(FakeWorks(levels=30))
    async with app.run_test(size=(80, 24)) as pilot:
        found = await opened(pilot, app)
        assert "more columns" in said(app, "title")
        await pilot.press("end")
        assert "not compared" in said(app, "table").splitlines()[-1]
        at = found.at.top
        await pilot.press("down", "pagedown")
        assert found.at.top == at
        await pilot.press(*("right",) * 20)
        assert "TPOT p99 ms" in said(app, "head")
        assert "more column" not in said(app, "title")
        left = found.at.left
        await pilot.press("left")
        assert found.at.left == left - 1


async def test_the_wheel_scrolls() -> None:
    app = desk(FakeWorks(levels=30))
    async with app.run_test(size=(80, 24)) as pilot:
        found = await opened(pilot, app)
        table = found.query_one("#table")
        table.on_mouse_scroll_down()  # type: ignore[attr-defined]
        assert found.at.top == 3
        table.on_mouse_scroll_up()  # type: ignore[attr-defined]
        assert found.at.top == 0


async def test_the_base_goes_round_and_figures_become_more() -> None:
    works = FakeWorks()
    app = desk(works)
    async with app.run_test(size=(160, 45)) as pilot:
        found = await opened(pilot, app)
        await pilot.press("b")
        await until(pilot, lambda: found.found is not None and found.found.names == ("b", "a"))
        await pilot.press("b")
        await until(pilot, lambda: found.found is not None and found.found.names == ("a", "b"))
        await pilot.press("a")
        await until(pilot, lambda: found.found is not None and "power W" in found.found.headings)
        await pilot.press("a")
        await until(pilot, lambda: found.found is not None and "power W" not in found.found.headings)
        assert works.comparing is not None
        assert works.comparing.asked == [(0, False), (1, False), (0, False), (0, True), (0, False)]


async def test_help_theme_and_back() -> None:
    app = desk(FakeWorks())
    async with app.run_test(size=(80, 24)) as pilot:
        await opened(pilot, app)
        before = app.theme
        await pilot.press("t")
        assert app.theme != before
        await pilot.pause()
        assert f"theme {app.theme}" in said(app, "message")
        await pilot.press("f1")
        assert dialog(app) == "KeyHelp"
        await pilot.press("escape", "q")
        assert dialog(app) == "SessionsScreen"


async def test_reading_says_how_far_it_is_and_ends_when_it_is_left() -> None:
    works = FakeWorks()
    works.gate = threading.Event()
    app = desk(works)
    async with app.run_test(size=(80, 24)) as pilot:
        await until(pilot, lambda: len(app.get_screen("sessions").shown) == 2)  # type: ignore[attr-defined]
        await pilot.press("space", "space", "c")
        await until(pilot, lambda: "reading 1 of 2: a … 0:10" in said(app, "message"))
        await pilot.press("b", "a", "down")  # nothing to move yet
        await pilot.press("escape")
        assert dialog(app) == "SessionsScreen"
        works.gate.set()
        await until(pilot, lambda: isinstance(works.left, Stopped))
    assert app.crash is None


async def test_what_cannot_be_read_is_said_in_place() -> None:
    works = FakeWorks()
    works.fails = "/recordings/b.rooftop: No such file \x1b[31mor directory"
    app = desk(works)
    async with app.run_test(size=(80, 24)) as pilot:
        await until(pilot, lambda: len(app.get_screen("sessions").shown) == 2)  # type: ignore[attr-defined]
        await pilot.press("space", "space", "c")
        await until(pilot, lambda: dialog(app) == "CompareScreen" and "No such file or directory" in said(app, "table"))
        assert "Esc leads back" in said(app, "table")
        await pilot.press("escape")
        assert dialog(app) == "SessionsScreen"


async def test_keys_are_the_users() -> None:
    tables = {"compare": {"down": ["n", "down"], "leave": "x", "all": "enter"}}
    app = desk(FakeWorks(levels=30), config=Config(desk_keys=tables))
    async with app.run_test(size=(80, 24)) as pilot:
        found = await opened(pilot, app)
        await pilot.press("n", "down", "j")
        assert found.at.top == 2
        assert "⏎ all figures" in said(app, "keys")
        await pilot.press("escape")
        assert dialog(app) == "CompareScreen"
        await pilot.press("x")
        assert dialog(app) == "SessionsScreen"


@pytest.mark.parametrize("size", SIZES)
async def test_ascii_and_no_colours(size: tuple[int, int]) -> None:
    app = desk(FakeWorks(), sense=Sense("none", ascii=True))
    async with app.run_test(size=size) as pilot:
        await opened(pilot, app)
        text = sent(app)
        assert text.isascii()
        assert "x -12.3+-0.4 %" in text
        assert "v +25.0+-1.2 %" in text


@pytest.mark.parametrize("width", [30, 60, 80, 120, 160, 300])
def test_every_line_is_as_wide_as_the_screen(width: int) -> None:
    for found in (compared("a", "模型\x1b[2J" * 20, "c", everything=True), compared("a", "b", levels=0)):
        columns = columns_of(found, width)
        last = farthest(columns, width)
        for left in range(last + 1):
            lines = [heading(found, columns, left, width), *(row_line(r, columns, left, width) for r in found.rows)]
            for line in (*lines, *remarks(found, width)):
                assert width_of(line) == width
                assert "\x1b" not in line_text(line)
        assert shown(columns, last, width) == len(columns.widths) or last == len(columns.widths) - 1


def test_levels_that_nobody_shares_are_said() -> None:
    found = Compared(("a", "b"), (), (), alone=("a, conc 1", "b, conc 2"))
    text = text_of(remarks(found, 80))
    assert "no level of the first is in another" in text
    assert "not compared: b, conc 2" in text


def test_declared_keys_are_apart_and_have_no_markup() -> None:
    for name, declared in DECLARED.items():
        assert len({key.id for key in declared}) == len(declared)
        assert not any("[" in key.help + key.label for key in declared)
        for key in declared:
            assert rebind({name: {key.id: list(key.keys)}})[1] == []
    assert {key.id for key in COMPARE_KEYS} >= {"base", "all", "leave"}


def test_what_cannot_be_bound_is_said_and_the_usual_key_stays() -> None:
    tables: dict[str, dict[str, object]] = {
        "setup": {"save": "s", "start": ["ctrl+r", "left"], "help": "ctrl+c"},
        "sessions": {"mark": 3},
    }
    keys, wrong = rebind(tables)
    assert [line.split(":")[0] for line in wrong] == ["[keys.setup] save", "[keys.setup] start", "[keys.setup] help",
                                                      "[keys.sessions] mark"]  # fmt: skip
    assert all(line.endswith("; the usual key stays") for line in wrong)
    assert keys["setup"].first("save") == "^s"

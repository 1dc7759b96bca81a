"""What is sent to terminals that can show less: ASCII, sixteen colours, none."""

from __future__ import annotations

import re
from itertools import pairwise
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from rich.cells import cell_len

import tui
from session.view import LogLine
from tests.tui import samples
from tests.tui.desk_fakes import FakeForm, FakeLibrary, FakeWorks, recorded
from tests.tui.fakes import FakeSession, FakeTape
from tests.tui.helpers import NOWHERE, app_of, line_text, scene_of, sent
from tui.config import Config
from tui.desk.app import DeskApp, First
from tui.glyphs import to_ascii
from tui.mono import mono_style
from tui.panels.log import log_line
from tui.panels.text import LIMITS
from tui.sense import Sense
from tui.views.registry import PAINTS

SAMPLES = ("live", "empty", "failing", "simulated", "no_gpu", "known")
SIZES = [(160, 45), (80, 24)]
DIALOGS = {"help": "question_mark", "note": "m", "lengths": "w", "palette": "ctrl+p", "quit": "q"}
FRONTS = re.compile(r"\x1b\[([\d;]*)m")
COLOURS = re.compile(r"(?:^|;)(?:3[0-8]|4[0-8]|9[0-7]|10[0-7])(?:;|$)")
BEYOND_16 = re.compile(r"(?:^|;)[34]8;[25](?:;|$)")


def codes(text: str) -> set[str]:
    return set(FRONTS.findall(text))


@given(st.text(max_size=40))
def test_ascii_is_as_wide_as_what_it_stands_for(text: str) -> None:
    printable = "".join(char for char in text if char.isprintable() and cell_len(char))
    assert to_ascii(printable).isascii()
    assert cell_len(to_ascii(printable)) == sum(map(cell_len, printable))


def test_every_braille_cell_has_a_sign_that_tells_where_its_dots_are() -> None:
    assert to_ascii("\u2800⠉⠒⠤⣀⡇⣿⠁⡀") == " '--.|*'."
    assert all(to_ascii(chr(code)) in "'-.:|*" for code in range(0x2801, 0x2900))


def test_ascii_reads_well() -> None:
    assert to_ascii("knee at 56 ± 3.0; without C ≤1.9×") == "knee at 56 +-3.0; without C<=1.9x"
    assert to_ascii("256 → 512, 61–83 °C … café 日本") == "256-> 512, 61-83  C ~ cafe ????"


def test_every_glyph_that_the_screen_uses_has_a_stand_in() -> None:
    for path in Path(tui.__file__).parent.rglob("*.py"):
        text = path.read_text(encoding="utf-8")
        assert to_ascii(text).count("?") == text.count("?"), path


@pytest.mark.parametrize("colours", ["truecolor", "none"])
@pytest.mark.parametrize("size", SIZES)
@pytest.mark.parametrize("sample", SAMPLES)
async def test_ascii_mode_sends_no_other_byte(sample: str, size: tuple[int, int], colours: str) -> None:
    app = app_of(FakeSession(getattr(samples, sample)()), sense=Sense(colours, ascii=True))  # type: ignore[arg-type]
    async with app.run_test(size=size) as pilot:
        for _ in range(3):
            await pilot.press("v")
            await pilot.pause()
            assert sent(app).isascii()


@pytest.mark.parametrize("size", SIZES)
@pytest.mark.parametrize("dialog", list(DIALOGS))
async def test_ascii_mode_holds_for_dialogs(dialog: str, size: tuple[int, int]) -> None:
    app = app_of(sense=Sense("16", ascii=True))
    async with app.run_test(size=size) as pilot:
        await pilot.press(DIALOGS[dialog])
        await pilot.pause()
        assert app.screen is not app.board
        text = sent(app)
        assert text.isascii()
        assert not any(BEYOND_16.search(code) for code in codes(text))


async def test_ascii_mode_holds_for_a_replay() -> None:
    app = app_of(FakeSession(samples.simulated(), FakeTape()), sense=Sense(ascii=True))
    async with app.run_test(size=(160, 45)) as pilot:
        await pilot.pause()
        assert "> 1:00 / 3:05" in re.sub(FRONTS, "", sent(app))
        assert sent(app).isascii()


def desk_of(first: First, sense: Sense) -> DeskApp:
    library = FakeLibrary(recorded("a", model="模型 café"), recorded("b", ended=None))
    return DeskApp(first, form=FakeForm("one", "two"), library=library, works=FakeWorks(), sense=sense,
                   theme_folder=NOWHERE, config=Config(), look_s=3600)  # fmt: skip


DESK = {"setup": ["f1", "ctrl+s", "ctrl+o"], "sessions": ["question_mark", "slash", "r", "d", "x", "e"]}


@pytest.mark.parametrize("size", SIZES)
@pytest.mark.parametrize(("first", "key"), [(first, key) for first, keys in DESK.items() for key in ("", *keys)])
async def test_the_desk_obeys_the_terminal_too(first: First, key: str, size: tuple[int, int]) -> None:
    senses: dict[str, Sense] = {"ascii": Sense("16", ascii=True), "mono": Sense("none")}
    for name, sense in senses.items():
        app = desk_of(first, sense)
        async with app.run_test(size=size) as pilot:
            for _ in range(500):
                if first == "setup" or app.get_screen("sessions").shown:  # type: ignore[attr-defined]
                    break
                await pilot.pause(0.01)
            await pilot.press(*([key] if key else []))
            await pilot.pause()
            text = sent(app)
            if name == "ascii":
                assert app.theme == "rooftop-16"
                assert text.isascii()
                assert not any(BEYOND_16.search(code) for code in codes(text))
            else:
                assert not any(COLOURS.search(code) for code in codes(text))


@pytest.mark.parametrize("size", SIZES)
@pytest.mark.parametrize("key", ["f", *DIALOGS.values()])
async def test_without_colours_none_is_sent(key: str, size: tuple[int, int]) -> None:
    app = app_of(FakeSession(samples.failing()), sense=Sense("none"))
    async with app.run_test(size=size) as pilot:
        await pilot.press(key)
        await pilot.pause()
        found = codes(sent(app))
        assert "1;7" in found
        assert not any(COLOURS.search(code) for code in found)


@pytest.mark.parametrize("key", ["f", *DIALOGS.values()])
async def test_sixteen_colours_are_the_terminals_own(key: str) -> None:
    app = app_of(sense=Sense("16"))
    async with app.run_test(size=(120, 40)) as pilot:
        assert app.theme == "rooftop-16"
        await pilot.press(key)
        await pilot.pause()
        found = codes(sent(app))
        assert any(COLOURS.search(code) for code in found)
        assert not any(BEYOND_16.search(code) for code in found)


async def test_the_theme_key_says_why_it_does_nothing_without_colours() -> None:
    app = app_of(sense=Sense("none"))
    async with app.run_test(size=(80, 24)) as pilot:
        await pilot.press("t")
        await pilot.pause()
        assert app.theme == "rooftop-dark"
        assert "no colours here" in sent(app)


# Colour is never the only signal


def test_every_limit_and_every_kind_of_line_has_a_sign_of_its_own() -> None:
    letters = [letter for letter, _ in LIMITS.values()]
    assert len(set(letters)) == len(letters)
    kinds = [line_text(log_line(LogLine(1.0, kind, "x"))) for kind in ("note", "info", "warning", "error")]
    assert len(set(kinds)) == len(kinds)


def test_neighbours_in_the_bar_of_parts_differ_without_colours() -> None:
    for left, right in pairwise(("memory", "kv", "compute", "communication", "latency", "overhead")):
        assert mono_style(f"ink/{left}") != mono_style(f"ink/{right}")
    for left, right in (("memory", "compute"), ("compute", "latency"), ("compute", "overhead")):
        assert mono_style(f"ink/{left}") != mono_style(f"ink/{right}")


def test_the_lines_of_the_chart_point_at_their_scales() -> None:
    chart = [line_text(line) for line in PAINTS["time"](scene_of(samples.live(1, 6)), 100, 14).lines]
    assert sum(row.count("←") for row in chart) == 1
    assert sum(row.count("→") for row in chart) == 1
    left = next(row.index("←") for row in chart if "←" in row)
    right = next(row.index("→") for row in chart if "→" in row)
    assert left < right


def test_a_bar_differs_from_its_track_without_colours() -> None:
    app = app_of(FakeSession(samples.live(1, 6)), sense=Sense("none"))
    rows = [app.palettes[app.theme].segment("━━", role).text for role in ("memory", "track")]
    assert rows == ["━━", "┄┄"]

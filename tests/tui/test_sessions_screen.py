from __future__ import annotations

import threading
from collections.abc import Callable
from importlib.resources import files
from pathlib import Path

import pytest
from textual.pilot import Pilot
from textual.widgets import Label

from session.catalogue import Entry
from tests.tui.desk_fakes import FakeForm, FakeLibrary, FakeWorks, dialog, recorded
from tests.tui.helpers import NOWHERE, text_of
from tests.tui.wiretap import tapped
from tui.config import Config
from tui.desk.app import DeskApp
from tui.desk.keys import SESSIONS_KEYS
from tui.desk.listing import Look, chosen, matches, row, size, sorted_by
from tui.desk.ports import Replay, Wish
from tui.desk.sessions import SessionsScreen
from tui.lines import width_of
from tui.panel import Panel
from tui.sense import Sense

SIZE = (80, 24)


def four() -> list[Entry]:
    return [
        recorded("a", started_at="2026-11-21T09:00:00+00:00", peak_tok_s=100.0, size_bytes=4000),
        recorded("b", started_at="2026-11-21T08:00:00+00:00", peak_tok_s=300.0, model="qwen3-30b", size_bytes=3000),
        recorded("c", started_at="2026-11-21T07:00:00+00:00", peak_tok_s=None, ended=None, size_bytes=2000),
        recorded("d", started_at="2026-11-21T06:00:00+00:00", gpu="NVIDIA B200", gpus=8, tp=8, size_bytes=1000),
    ]


def desk(library: FakeLibrary | None = None, **more: object) -> DeskApp:
    kept = library or FakeLibrary(*four())
    more.setdefault("config", Config())
    return DeskApp("sessions", library=kept, theme_folder=NOWHERE, look_s=3600, **more)  # type: ignore[arg-type]


def screen(app: DeskApp) -> SessionsScreen:
    found = app.get_screen("sessions")
    assert isinstance(found, SessionsScreen)
    return found


def said(app: DeskApp, name: str = "message") -> str:
    return text_of(screen(app).query_one(f"#{name}", Panel).lines)


def here(app: DeskApp) -> str:
    entry = screen(app).here
    return entry.path.stem if entry else ""


def names(app: DeskApp) -> str:
    return "".join(entry.path.stem for entry in screen(app).shown)


async def until(pilot: Pilot[Wish], holds: Callable[[], bool]) -> None:
    for _ in range(500):
        if holds():
            return
        await pilot.pause(0.01)
    raise AssertionError("it never came")


async def listed(pilot: Pilot[Wish], app: DeskApp, names_: str = "abcd") -> None:
    await until(pilot, lambda: names(app) == names_)
    await pilot.pause()


@pytest.mark.parametrize(
    ("keys", "at"),
    [
        (["down"], "b"),
        (["j", "j", "k"], "b"),
        (["up"], "a"),
        (["end"], "d"),
        (["G", "g"], "a"),
        (["pagedown"], "d"),
        (["ctrl+f", "ctrl+b"], "a"),
        (["end", "home"], "a"),
        (["end", "pageup"], "a"),
        (["end", "up"], "c"),
    ],
)
async def test_the_cursor_goes_where_it_is_sent(keys: list[str], at: str) -> None:
    app = desk()
    async with app.run_test(size=SIZE) as pilot:
        await listed(pilot, app)
        await pilot.press(*keys)
        assert here(app) == at
        assert f"{at}.rooftop" in said(app, "detail")


async def test_enter_opens_a_replay() -> None:
    app = desk()
    async with app.run_test(size=SIZE) as pilot:
        await listed(pilot, app)
        await pilot.press("j", "enter")
    assert app.return_value == Replay(Path("/recordings/b.rooftop"))


async def test_what_cannot_be_opened_stays_in_the_list_and_says_why() -> None:
    bad = Entry(path=Path("/recordings/x.rooftop"), size_bytes=9, changed_s=1.0, problem="it is \x1b[31mempty")
    app = desk(FakeLibrary(bad))
    async with app.run_test(size=SIZE) as pilot:
        await listed(pilot, app, "x")
        assert "bad" in said(app, "list")
        assert "it is empty" in said(app, "detail")
        await pilot.press("enter")
        assert "cannot open it: it is empty" in said(app)
    assert app.return_value is None


async def test_the_filter_works_while_it_is_typed() -> None:
    app = desk()
    async with app.run_test(size=SIZE) as pilot:
        await listed(pilot, app)
        await pilot.press("slash", *"h200 e")
        assert names(app) == "abc"  # an "e" is in every path
        await pilot.press(*"nded/")
        assert names(app) == ""
        assert "nothing has these words" in said(app, "list")
        await pilot.press("backspace", "down", "enter")
        assert names(app) == "ab"
        assert here(app) == "b"
        assert "/h200 ended" in said(app, "title")
        await pilot.press("d")  # a command again, no letter
        assert dialog(app) == "YesNoDialog"
        await pilot.press("n", "escape")
        assert names(app) == "abcd"


async def test_columns_sort_both_ways() -> None:
    app = desk()
    async with app.run_test(size=(160, 45)) as pilot:
        await listed(pilot, app)
        await pilot.press("S")
        assert names(app) == "dcba"
        await pilot.press("s")
        assert "model↑" in said(app, "list")
        assert names(app) == "acdb"
        await pilot.press("s", "s", "s", "s")
        assert "tok/s↓" in said(app, "list")
        assert names(app) == "dbac"  # what is not known is last
        await pilot.press("S")
        assert names(app) == "abdc"
        await pilot.click("#list", offset=(3, 0))
        assert names(app) == "abcd"


async def test_those_that_are_marked_are_compared_with_the_first_of_them() -> None:
    works = FakeWorks()
    app = desk(works=works)
    async with app.run_test(size=(160, 45)) as pilot:
        await listed(pilot, app)
        assert "compare" in said(app, "keys")
        await pilot.press("j", "j", "space", "c")
        assert "mark two or more" in said(app)
        await pilot.press("g", "space", "c")
        assert dialog(app) == "CompareScreen"
        await until(pilot, lambda: works.read_paths == [Path("/recordings/c.rooftop"), Path("/recordings/a.rooftop")])
        await pilot.press("escape")
        assert dialog(app) == "SessionsScreen"
        assert "2 marked" in said(app, "title")
        lines = said(app, "list").splitlines()
        assert [line[1] for line in lines[1:5]] == ["2", " ", "1", " "]


async def test_what_is_not_there_is_not_offered() -> None:
    app = desk()
    async with app.run_test(size=(160, 45)) as pilot:
        await listed(pilot, app)
        assert not any(word in said(app, "keys") for word in ("compare", "redact", "export", "page", "new"))
        await pilot.press("space", "space", "c", "x", "e", "p", "n")
        assert dialog(app) == "SessionsScreen"
        assert said(app) == ""


@pytest.mark.parametrize(
    ("keys", "made"),
    [
        (["x", "enter"], ("redact", "a", "a-redact")),
        (["x", "end", "2", "enter"], ("redact", "a", "a-redact2")),
        (["p", "enter"], ("page", "a", "a-page")),
        (["j", "space", "k", "k", "space", "p", "enter"], ("page", "ba", "b-page")),
        (["e", "j", "enter", "enter"], ("parquet", "a", "a-parquet")),
        (["e", "j", "k", "enter", "enter"], ("csv", "a", "a-csv")),
    ],
)
async def test_what_is_made_asks_for_a_name_and_says_where_it_went(keys: list[str], made: tuple[str, ...]) -> None:
    works = FakeWorks()
    app = desk(works=works)
    async with app.run_test(size=SIZE) as pilot:
        await listed(pilot, app)
        await pilot.press(*keys)
        await until(pilot, lambda: f"wrote {made[2]}" in said(app))
    assert works.made == [made]


@pytest.mark.parametrize(
    "keys", [["x", "escape"], ["p", "escape"], ["e", "escape"], ["e", "q"], ["e", "enter", "escape"]]
)
async def test_nothing_is_made_after_an_escape(keys: list[str]) -> None:
    works = FakeWorks()
    app = desk(works=works)
    async with app.run_test(size=SIZE) as pilot:
        await listed(pilot, app)
        await pilot.press(*keys)
        assert dialog(app) == "SessionsScreen"
    assert works.made == []


async def test_a_name_that_is_taken_is_refused_while_it_is_typed() -> None:
    works = FakeWorks()
    app = desk(works=works)
    async with app.run_test(size=SIZE) as pilot:
        await listed(pilot, app)
        await pilot.press("x", "end", *("backspace",) * 20, *"taken", "enter")
        assert dialog(app) == "TextDialog"
        assert "taken is there already" in str(app.screen.query_one("#wrong", Label).render())
    assert works.made == []


async def test_what_cannot_be_made_says_why() -> None:
    works = FakeWorks()
    works.fails = "the HTML page needs Plotly"
    app = desk(works=works)
    async with app.run_test(size=SIZE) as pilot:
        await listed(pilot, app)
        await pilot.press("p", "enter")
        await until(pilot, lambda: "needs Plotly" in said(app))


async def test_leaving_asks_while_a_file_is_being_written() -> None:
    works = FakeWorks()
    works.gate = threading.Event()
    app = desk(works=works)
    async with app.run_test(size=SIZE) as pilot:
        await listed(pilot, app)
        await pilot.press("x", "enter", "j")
        assert "writing a-redact" in said(app)
        await pilot.press("p")
        assert dialog(app) == "SessionsScreen"
        assert "is not finished" in said(app)
        await pilot.press("q")
        assert dialog(app) == "YesNoDialog"
        await pilot.press("n")
        works.gate.set()
        await until(pilot, lambda: "wrote a-redact" in said(app))
        await pilot.press("q")
    assert works.made == [("redact", "a", "a-redact")]


async def test_a_recording_that_cannot_be_opened_is_made_into_nothing() -> None:
    bad = Entry(path=Path("/recordings/x.rooftop"), size_bytes=9, changed_s=1.0, problem="it is empty")
    app = desk(FakeLibrary(bad), works=FakeWorks())
    async with app.run_test(size=SIZE) as pilot:
        await listed(pilot, app, "x")
        for key in ("x", "e", "p"):
            await pilot.press(key)
            assert dialog(app) == "SessionsScreen"
            assert "cannot open it" in said(app)


async def test_keys_are_the_users() -> None:
    tables = {"sessions": {"down": "n", "new": "ctrl+n", "unfilter": "x", "filter": ["f", "/"], "sort": "d", "no": "y"}}
    app = desk(form=FakeForm(), works=FakeWorks(), config=Config(desk_keys=tables))
    async with app.run_test(size=(160, 45)) as pilot:
        await until(pilot, lambda: names(app) == "abcd")
        assert "[keys.sessions] no: there is no such name" in said(app)
        assert "unfilter: x is typed into fields" in said(app)
        assert "sort: d is delete's" in said(app)
        await pilot.press("n")
        assert here(app) == "b"
        await pilot.press("j")
        assert here(app) == "b"
        assert "f / filter" in said(app, "keys")
        assert "^n new" in said(app, "keys")
        await pilot.press("f", *"gpuf")
        assert "nothing has these words; Esc shows all" in said(app, "list")
        await pilot.press("escape", "question_mark")
        help_text = text_of(app.screen.query_one(Panel).lines)
        assert "^n          set up a new session" in help_text
        await pilot.press("escape", "ctrl+n")
        assert dialog(app) == "SetupScreen"


async def test_deleting_asks_and_enter_is_no_yes() -> None:
    library = FakeLibrary(*four())
    app = desk(library)
    async with app.run_test(size=SIZE) as pilot:
        await listed(pilot, app)
        await pilot.press("j", "d")
        assert dialog(app) == "YesNoDialog"
        await pilot.press("enter", "escape")
        await pilot.press("delete", "n")
        assert library.deleted == []
        await pilot.press("d", "y")
        assert library.deleted == ["b.rooftop"]
        await listed(pilot, app, "acd")
        assert here(app) == "c"


async def test_those_that_are_marked_are_deleted_together() -> None:
    library = FakeLibrary(*four())
    app = desk(library)
    async with app.run_test(size=SIZE) as pilot:
        await listed(pilot, app)
        await pilot.press("space", "space", "G", "d", "y")
        assert library.deleted == ["a.rooftop", "b.rooftop"]
        await listed(pilot, app, "cd")


async def test_marks_end_with_escape() -> None:
    app = desk()
    async with app.run_test(size=SIZE) as pilot:
        await listed(pilot, app)
        await pilot.press("space", "space")
        assert "2 marked" in said(app, "title")
        await pilot.press("escape")
        assert "marked" not in said(app, "title")


async def test_one_that_is_being_written_is_not_deleted() -> None:
    library = FakeLibrary(recorded("live", writing=True))
    app = desk(library)
    async with app.run_test(size=SIZE) as pilot:
        await listed(pilot, app, "live")
        await pilot.press("d")
        assert dialog(app) == "SessionsScreen"
        assert "is being written" in said(app)


async def test_what_the_disk_refuses_is_said() -> None:
    library = FakeLibrary(*four())
    library.refuses = "cannot delete it: Permission denied"
    app = desk(library)
    async with app.run_test(size=SIZE) as pilot:
        await listed(pilot, app)
        await pilot.press("d", "y")
        assert "Permission denied" in said(app)
        await pilot.press("r", "2", "enter")
        assert "Permission denied" in said(app)


async def test_renaming() -> None:
    library = FakeLibrary(*four())
    app = desk(library)
    async with app.run_test(size=SIZE) as pilot:
        await listed(pilot, app)
        await pilot.press("r")
        assert dialog(app) == "TextDialog"
        await pilot.press("end", "slash", "enter")
        assert library.renamed == []
        await pilot.press("backspace", "2", "enter")
        assert library.renamed == [("a.rooftop", "a2")]


async def test_recordings_are_read_beside_the_screen_the_smallest_first() -> None:
    new = [recorded(name, size_bytes=n).__class__(
        path=Path(f"/recordings/{name}.rooftop"), size_bytes=n, changed_s=float(n), started_at=None
    ) for name, n in (("big", 300), ("small", 100), ("mid", 200))]  # fmt: skip
    library = FakeLibrary(*new)
    app = desk(library)
    async with app.run_test(size=SIZE) as pilot:
        await until(pilot, lambda: said(app, "list").count("20.7k") == 3)
    assert library.read == ["small.rooftop", "mid.rooftop", "big.rooftop"]


async def test_the_other_keys() -> None:
    app = desk(form=FakeForm())
    async with app.run_test(size=SIZE) as pilot:
        await listed(pilot, app)
        before = app.theme
        await pilot.press("t")
        assert app.theme != before
        await pilot.press("question_mark")
        assert dialog(app) == "KeyHelp"
        await pilot.press("q", "n")
        assert dialog(app) == "SetupScreen"
        await pilot.press("escape")
    assert app.return_value is None


async def test_q_quits() -> None:
    app = desk()
    async with app.run_test(size=SIZE) as pilot:
        await listed(pilot, app)
        await pilot.press("q")
        await until(pilot, lambda: not app.is_running or app._exit)
    assert app.return_value is None


async def test_the_mouse_chooses_scrolls_and_opens() -> None:
    app = desk()
    async with app.run_test(size=SIZE) as pilot:
        await listed(pilot, app)
        await pilot.click("#list", offset=(5, 3))
        assert here(app) == "c"
        await pilot.double_click("#list", offset=(5, 2))
    assert app.return_value == Replay(Path("/recordings/b.rooftop"))


async def test_a_list_longer_than_the_screen_scrolls() -> None:
    many = [recorded(f"{n:03}", started_at=f"2026-11-21T05:{n // 60:02}:{n % 60:02}+00:00") for n in range(300)]
    app = desk(FakeLibrary(*many))
    async with app.run_test(size=SIZE) as pilot:
        await until(pilot, lambda: len(screen(app).shown) == 300)
        await pilot.press("G")
        assert here(app) == "000"
        assert "▸" in said(app, "list").splitlines()[-1]


async def test_an_empty_folder_says_so() -> None:
    app = desk(FakeLibrary())
    async with app.run_test(size=SIZE) as pilot:
        await until(pilot, lambda: "no recordings yet" in said(app, "list"))
        await pilot.press("enter", "d", "r", "space", "c", "j", "G")
        assert dialog(app) == "SessionsScreen"


async def test_a_still_list_sends_nothing() -> None:
    app = desk()
    async with app.run_test(size=SIZE) as pilot:
        await listed(pilot, app)
        await pilot.pause()
        painted: list[object] = []
        for panel in screen(app).query(Panel):
            panel.refresh = lambda *regions, **more: painted.append(regions)  # type: ignore[method-assign, assignment]
        screen(app).look()
        await pilot.pause(0.1)
        screen(app).draw()
        assert painted == []


@pytest.mark.parametrize("width", [40, 60, 80, 120, 160, 300])
def test_every_line_is_as_wide_as_the_screen(width: int) -> None:
    strange = recorded("z", model="\x1b]0;x\x07模型" * 40, target="http://\x9b31mhost", gpu="G" * 99)
    for entry in (*four(), strange, Entry(path=Path("/\x1b[2J.rooftop"), size_bytes=0, changed_s=0.0, problem="no")):
        line = row(entry, width, here=True, mark="1")
        assert width_of(line) == width
        assert not any("\x1b" in text or "\x9b" in text for text, _ in line)


def test_sizes_have_three_figures() -> None:
    assert [size(n) for n in (0, 999, 1000, 27_345, 410_054, 9_996_000, 10**13)] == [
        "0", "999", "1k", "27.3k", "410k", "10M", "10T",
    ]  # fmt: skip


def test_a_filter_wants_every_word() -> None:
    entry = four()[1]
    assert matches(entry, "QWEN ended")
    assert not matches(entry, "qwen cut")


def test_the_same_column_again_turns_round() -> None:
    look = sorted_by(Look(), "size")
    assert look.descending
    assert [entry.path.stem for entry in chosen(four(), look)] == list("abcd")
    assert [entry.path.stem for entry in chosen(four(), sorted_by(look, "size"))] == list("dcba")


def test_every_key_has_an_id_and_no_markup() -> None:
    assert len({key.id for key in SESSIONS_KEYS}) == len(SESSIONS_KEYS)
    assert not any("[" in key.help + key.label for key in SESSIONS_KEYS)


async def test_the_theme_is_the_configurations_or_the_flags() -> None:
    config = Config(theme="rooftop-light")
    assert desk(config=config).theme == "rooftop-light"
    assert desk(config=config, theme="rooftop-high-contrast").theme == "rooftop-high-contrast"
    assert desk(sense=Sense("16")).theme == "rooftop-16"


async def test_a_theme_that_is_saved_is_put_on_and_one_that_breaks_is_told(tmp_path: Path) -> None:
    dark = (files("themes") / "dark.toml").read_text(encoding="utf-8").replace("rooftop-dark", "mine")
    mine = tmp_path / "mine.toml"
    mine.write_text(dark)
    app = DeskApp("sessions", library=FakeLibrary(*four()), theme="mine", theme_folder=tmp_path, config=Config(),
                  look_s=3600)  # fmt: skip
    async with app.run_test(size=SIZE) as pilot:
        await listed(pilot, app)
        before = app.palette
        mine.write_text(dark + "# saved\n")
        app.look_at_themes()
        await pilot.pause()
        assert screen(app).query_one("#list", Panel).palette is app.palette is not before
        assert "theme mine read again" in said(app)
        mine.write_text("name = ")
        app.look_at_themes()
        assert "keeps its last good colours" in said(app)


async def test_without_colours_the_theme_key_says_why_it_does_nothing() -> None:
    app = desk(sense=Sense("none"))
    async with app.run_test(size=SIZE) as pilot:
        await listed(pilot, app)
        await pilot.press("t")
        assert "no colours here" in said(app)


async def test_a_key_sends_what_it_changes_and_a_still_list_nothing() -> None:
    app = desk()
    async with tapped(app, SIZE) as (pilot, wire):
        await listed(pilot, app)
        await pilot.pause()
        wire.take()
        await pilot.press("down")
        await pilot.pause()
        moved = wire.take_size()
        assert 0 < moved < 600  # two marks, the two rows' colours and the line below; the list is 1,920 cells
        screen(app).look()
        await pilot.pause(0.1)
        assert wire.take() == ""

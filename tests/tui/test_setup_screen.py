from __future__ import annotations

import threading

import pytest
from textual.pilot import Pilot
from textual.widgets import Input

from tests.tui.desk_fakes import FakeForm, FakeLibrary, dialog, recorded
from tests.tui.helpers import NOWHERE, text_of
from tui.config import Config
from tui.desk.app import DeskApp
from tui.desk.keys import SETUP_KEYS
from tui.desk.ports import Start, Wish
from tui.desk.row import Row
from tui.desk.setup import SetupScreen
from tui.panel import Panel

SIZE = (80, 24)


def desk(form: FakeForm | None = None, **more: object) -> DeskApp:
    more.setdefault("config", Config())
    return DeskApp("setup", form=form or FakeForm(), theme_folder=NOWHERE, **more)  # type: ignore[arg-type]


def screen(app: DeskApp) -> SetupScreen:
    found = app.get_screen("setup")
    assert isinstance(found, SetupScreen)
    return found


def row(app: DeskApp, name: str) -> Row:
    return screen(app).rows[name]


def beside(app: DeskApp, name: str) -> str:
    return text_of(row(app, name).query_one(".beside", Panel).lines)


def said(app: DeskApp, name: str = "message") -> str:
    return text_of(screen(app).query_one(f"#{name}", Panel).lines)


def focused(app: DeskApp) -> str:
    return next(name for name, one in screen(app).rows.items() if one.control is app.focused)


async def settled(pilot: Pilot[Wish], app: DeskApp, text: str, name: str = "message") -> None:
    """Wait for a line that comes from a thread."""
    for _ in range(500):
        if text in said(app, name):
            return
        await pilot.pause(0.01)
    raise AssertionError(f"never said {text!r} but {said(app, name)!r}")


async def until(pilot: Pilot[Wish], holds: object) -> None:
    assert callable(holds)
    for _ in range(500):
        if holds():
            return
        await pilot.pause(0.01)
    raise AssertionError("it never came")


@pytest.mark.parametrize("key", ["enter", "ctrl+r"])
async def test_start_ends_with_what_is_typed(key: str) -> None:
    app = desk(texts={"url": "http://gpu1:8000"})
    async with app.run_test(size=SIZE) as pilot:
        await pilot.press("down", "down", "space", "down", *"512", key)
        await until(pilot, lambda: app.return_value is not None)
    assert app.return_value == Start({"url": "http://gpu1:8000", "endpoint": "chat", "prompt-tokens": "512"})


@pytest.mark.parametrize(
    ("keys", "at"),
    [
        (["down"], "model"),
        (["tab", "tab"], "endpoint"),
        (["tab", "shift+tab"], "url"),
        (["up"], "gpu"),
        (["down", "up"], "url"),
        (["pagedown"], "endpoint"),
        (["pagedown", "pagedown"], "gpu"),
        (["pageup"], "gpu"),
    ],
)
async def test_keys_go_from_field_to_field(keys: list[str], at: str) -> None:
    app = desk()
    async with app.run_test(size=SIZE) as pilot:
        await pilot.press(*keys)
        assert focused(app) == at


async def test_what_is_wrong_stands_beside_the_field_while_it_is_typed() -> None:
    app = desk()
    async with app.run_test(size=(160, 45)) as pilot:
        await pilot.press("pagedown", "down", "5", "x")
        assert "'5x' will not do" in beside(app, "prompt-tokens")
        assert "'5x' will not do" in said(app, "help")
        await settled(pilot, app, "cannot start: prompt tokens: '5x' will not do")
        await pilot.press("backspace")
        assert beside(app, "prompt-tokens") == ""
        await until(pilot, lambda: "cannot start" not in said(app))


async def test_what_contradicts_itself_is_told_beside_the_field_that_is_to_blame() -> None:
    app = desk(texts={"prompt-tokens": "1"})
    async with app.run_test(size=(160, 45)) as pilot:
        await pilot.press("pagedown", "right")
        await until(pilot, lambda: "too short for chat" in beside(app, "prompt-tokens"))
        await pilot.press("left")
        await until(pilot, lambda: beside(app, "prompt-tokens") == "")


async def test_a_wrong_field_does_not_start_and_gets_the_focus() -> None:
    app = desk(texts={"prompt-tokens": "many"})
    async with app.run_test(size=SIZE) as pilot:
        await pilot.press("ctrl+r")
        await settled(pilot, app, "cannot start")
        assert focused(app) == "prompt-tokens"
        assert app.return_value is None


async def test_a_file_is_checked_beside_the_screen() -> None:
    form = FakeForm()
    form.gate = threading.Event()
    app = desk(form)
    async with app.run_test(size=SIZE) as pilot:
        await pilot.press("up", "up", *"bad")
        assert focused(app) == "dataset"
        assert beside(app, "dataset") == "…"
        await pilot.press("up", "7")
        assert row(app, "prompt-tokens").text == "7"  # the check of the file is held, the keys are not
        form.gate.set()
        await until(pilot, lambda: "'bad' will not do" in beside(app, "dataset"))


async def test_the_server_is_asked_when_its_address_is_left_and_its_models_are_offered() -> None:
    form = FakeForm("a", "b\x1b[2J")
    app = desk(form)
    async with app.run_test(size=(160, 45)) as pilot:
        await until(pilot, lambda: "2 models" in beside(app, "url"))
        await pilot.press("home", *"http://gpu1", "ctrl+k")
        assert form.asked == [""]
        await pilot.press("down")
        await until(pilot, lambda: form.asked == ["", "http://gpu1"])
        await until(pilot, lambda: "2 to choose from" in beside(app, "model"))
        assert "a, b" in said(app, "help")
        assert "\x1b" not in said(app, "help")
        await pilot.press("ctrl+n")
        assert row(app, "model").text == "a"
        await pilot.press("ctrl+n")
        assert row(app, "model").text == "b\x1b[2J".replace("\x1b", "\x1b")
        await pilot.press("ctrl+y")
        assert row(app, "model").text == ""


async def test_what_was_typed_before_enter_may_be_told_of_after_it() -> None:
    """A change takes one message more than Enter does: of one packet they arrive the other way round."""
    app = desk()
    async with app.run_test(size=SIZE) as pilot:
        field = row(app, "prompt-tokens")
        field.text = "64"
        await pilot.pause()
        screen = app.screen
        assert isinstance(screen, SetupScreen)
        screen.act("start")
        screen.on_row_changed(Row.Changed(field))
        await until(pilot, lambda: app.return_value == Start({"prompt-tokens": "64"}))


async def test_typing_on_after_enter_starts_nothing() -> None:
    app = desk()
    async with app.run_test(size=SIZE) as pilot:
        screen, field = app.screen, row(app, "prompt-tokens")
        assert isinstance(screen, SetupScreen)
        screen.act("start")
        field.text = "64"
        screen.on_row_changed(Row.Changed(field))
        await until(pilot, lambda: "checking" not in said(app, "message"))
        await pilot.pause()
        assert app.return_value is None


async def test_a_server_that_does_not_answer_is_no_obstacle() -> None:
    app = desk()
    async with app.run_test(size=(160, 45)) as pilot:
        await until(pilot, lambda: "– nobody answers there" in beside(app, "url"))
        await pilot.press("enter")
        await until(pilot, lambda: app.return_value == Start({}))


async def test_a_profile_is_saved_loaded_and_deleted_after_a_question() -> None:
    form = FakeForm()
    app = desk(form, texts={"prompt-tokens": "64"})
    async with app.run_test(size=SIZE) as pilot:
        await pilot.press("ctrl+s")
        assert dialog(app) == "TextDialog"
        await pilot.press(*"a b", "enter")
        assert form.saved == {}
        await pilot.press("backspace", "backspace", "enter")
        assert form.saved == {"a": {"prompt-tokens": "64"}}
        assert "rooftop --profile a" in said(app)
        assert "profile a" in said(app, "title")
        assert "changed" not in said(app, "title")
        await pilot.press("ctrl+o", "enter")
        assert screen(app).texts == {}
        await pilot.press("ctrl+o", "j", "k", "j", "enter")
        assert screen(app).texts == {"prompt-tokens": "64"}
        await pilot.press("ctrl+o", "j", "d")
        assert dialog(app) == "YesNoDialog"
        await pilot.press("enter", "n")
        assert form.saved
        await pilot.press("ctrl+o", "j", "d", "y")
        assert form.saved == {}
        await pilot.press("ctrl+o", "q")
        assert dialog(app) == "SetupScreen"


async def test_a_profile_that_was_changed_says_so() -> None:
    form = FakeForm()
    form.saved["a"] = {"gpu": "h100"}
    app = desk(form, texts={"gpu": "h100"}, profile="a")
    async with app.run_test(size=SIZE) as pilot:
        await until(pilot, lambda: "profile a" in said(app, "title"))
        assert "changed" not in said(app, "title")
        await pilot.press("up", "x")
        await until(pilot, lambda: "profile a (changed)" in said(app, "title"))


async def test_another_profile_is_replaced_after_a_question() -> None:
    form = FakeForm()
    form.saved["a"] = {"gpu": "h100"}
    app = desk(form, texts={"gpu": "h200"})
    async with app.run_test(size=SIZE) as pilot:
        await pilot.press("ctrl+s", "a", "enter", "n")
        assert form.saved["a"] == {"gpu": "h100"}
        await pilot.press("ctrl+s", "a", "enter", "y")
        assert form.saved["a"] == {"gpu": "h200"}


async def test_the_other_keys() -> None:
    app = desk(library=FakeLibrary(recorded("one")))
    async with app.run_test(size=SIZE) as pilot:
        before = app.theme
        await pilot.press("ctrl+t")
        assert app.theme != before
        await pilot.press("f1")
        assert dialog(app) == "KeyHelp"
        help_text = text_of(app.screen.query_one(Panel).lines)
        assert all(key.help in help_text for key in SETUP_KEYS[:8])
        await pilot.press("escape", "pagedown", "pagedown", "ctrl+n")
        assert row(app, "gpu").text == "h100"
        await pilot.press("ctrl+l")
        assert dialog(app) == "SessionsScreen"
        await pilot.press("n")
        assert dialog(app) == "SetupScreen"
        assert row(app, "gpu").text == "h100"
        await pilot.press("escape")
    assert app.return_value is None


async def test_without_a_library_there_is_no_key_for_it() -> None:
    app = desk()
    async with app.run_test(size=SIZE) as pilot:
        assert "sessions" not in said(app, "keys")
        await pilot.press("ctrl+l")
        assert dialog(app) == "SetupScreen"


async def test_the_mouse_does_what_keys_do() -> None:
    app = desk()
    async with app.run_test(size=(160, 45)) as pilot:
        await pilot.click(row(app, "prompt-tokens").control)
        assert focused(app) == "prompt-tokens"
        await pilot.click(row(app, "endpoint").control)
        assert row(app, "endpoint").text == "chat"
        await pilot.click("#keys", offset=(1, 0))
        await until(pilot, lambda: app.return_value == Start({"endpoint": "chat"}))


async def test_a_signal_leaves() -> None:
    app = desk()
    async with app.run_test(size=SIZE) as pilot:
        app.leave_soon(143)
        await until(pilot, lambda: app.return_code == 143)


def test_every_key_has_an_id_and_no_markup() -> None:
    assert len({key.id for key in SETUP_KEYS}) == len(SETUP_KEYS)
    assert not any("[" in key.help + key.label for key in SETUP_KEYS)


async def test_nothing_blinks() -> None:
    app = desk()
    async with app.run_test(size=SIZE):
        assert not any(box.cursor_blink for box in screen(app).query(Input))

from __future__ import annotations

from pathlib import Path

import pytest

from tests.tui import samples
from tests.tui.fakes import FakeControls, FakeSession, FakeTape
from tests.tui.helpers import app_of, dialog, line_text, replay_of, shown
from tui.helptext import help_lines
from tui.keys import KEYS, Keymap, keys_for


@pytest.mark.parametrize(
    ("keys", "sets"),
    [
        (["right_square_bracket"], [(512, "key")]),
        (["left_square_bracket"], [(128, "key")]),
        (["up", "plus", "k"], [(257, "key"), (258, "key"), (259, "key")]),
        (["down", "minus", "j"], [(255, "key"), (254, "key"), (253, "key")]),
        (["equals_sign", "1", "6", "enter"], [(16, "key")]),
        (["equals_sign", "1", "6", "backspace", "enter"], [(1, "key")]),
        (["equals_sign", "1", "6", "escape", "enter"], []),
        (["space", "space"], [(0, "pause"), (256, "resume")]),
    ],
)
async def test_load_keys_act_at_once(keys: list[str], sets: list[tuple[int, str]]) -> None:
    controls = FakeControls()
    app = app_of(controls=controls)
    async with app.run_test(size=(80, 24)) as pilot:
        await pilot.press(*keys)
        assert controls.sets == sets
        if sets:
            assert f"{sets[-1][0]:,}" in shown(app, "tiles")


async def test_o_opens_the_loop_at_the_rate_there_is_and_c_closes_it() -> None:
    session, controls = FakeSession(), FakeControls()
    app = app_of(session, controls)
    rate = round(session.snapshot.rates.requests_s or 0)
    async with app.run_test(size=(160, 45)) as pilot:
        await pilot.press("c")
        assert "closed already" in shown(app, "message")
        await pilot.press("o")
        assert "Rate" in shown(app, "tiles")
        assert f"{rate} req/s" in shown(app, "tiles")
        await pilot.press(
            "up", "left_square_bracket", "equals_sign", "3", "2", "enter", "space", "space", "right_square_bracket"
        )
        assert controls.rates == [
            (rate, "key"), (rate + 1, "key"), ((rate + 1) // 2, "key"), (32, "key"), (0, "pause"), (32, "resume"),
            (64, "key"),
        ]  # fmt: skip
        assert not controls.sets
        session.change(mode="open", rate_s=64.0, concurrency=0, in_flight=17)
        app.tick()
        assert "17 active" in shown(app, "tiles")
        await pilot.press("c")
        assert controls.sets == [(17, "key")]
        assert "Concurrency" in shown(app, "tiles")


async def test_without_load_the_mode_changes_and_nothing_is_sent() -> None:
    controls = FakeControls()
    app = app_of(FakeSession(samples.empty()), controls)
    async with app.run_test(size=(80, 24)) as pilot:
        await pilot.press("o")
        assert "rate" in shown(app, "tiles")
        await pilot.press("up", "c")
        assert controls.rates == [(0, "key"), (1, "key")]
        assert controls.sets == [(1, "key")]


async def test_typed_digits_are_shown_at_once() -> None:
    app = app_of()
    async with app.run_test(size=(80, 24)) as pilot:
        await pilot.press("equals_sign", "4", "2")
        assert "→ 42⏎" in shown(app, "tiles")
        assert "load: 42_  ⏎ sets it, Esc does not" in shown(app, "message")


async def test_freezing_holds_the_view_and_reads_on() -> None:
    session = FakeSession()
    app = app_of(session)
    async with app.run_test(size=(160, 45)) as pilot:
        await pilot.press("f")
        reads = session.reads
        session.change(in_flight=77)
        app.tick()
        assert session.reads == reads + 1
        assert "77" not in shown(app, "tiles")
        assert "FROZEN" in shown(app, "header")
        await pilot.press("f")
        assert "77" in shown(app, "tiles")


async def test_the_view_keys() -> None:
    app = app_of()
    async with app.run_test(size=(80, 24)) as pilot:
        assert "Over time" in shown(app, "time")
        await pilot.press("z")
        assert "last 1 h" in shown(app, "time")
        await pilot.press("z", "z", "z")
        assert "last 10 min" in shown(app, "time")
        await pilot.press("v")
        await pilot.pause()
        assert "By concurrency" in shown(app, "level")
        assert "time" not in app.board.places
        await pilot.press("v")
        await pilot.pause()
        assert "Roofline" in line_text(app.board.panel("roofline").lines[0])
        assert "level" not in app.board.places
        await pilot.press("v")
        await pilot.pause()
        assert set(app.board.places) & {"time", "level", "roofline"} == {"time"}


async def test_v_never_shows_what_is_there_already() -> None:
    """A large screen has two charts at once: there are two views of three."""
    app = app_of()
    async with app.run_test(size=(160, 45)) as pilot:
        for second in ("roofline", "level", "roofline"):
            await pilot.press("v")
            await pilot.pause()
            assert set(app.board.places) & {"time", "level", "roofline"} == {"time", second}


async def test_themes_go_round() -> None:
    app = app_of()
    async with app.run_test(size=(80, 24)) as pilot:
        first = app.theme
        seen = []
        for _ in app.palettes:
            await pilot.press("t")
            await pilot.pause()
            seen.append(app.theme)
            assert app.board.panel("tiles").palette is app.palettes[app.theme]
        assert seen[-1] == first
        assert len(set(seen)) == len(app.palettes)


async def test_a_note_goes_into_the_recording() -> None:
    controls = FakeControls()
    app = app_of(controls=controls)
    async with app.run_test(size=(80, 24)) as pilot:
        await pilot.press("m", *"q1", "space", *"on", "enter")
        await pilot.press("m", "x", "escape")
        await pilot.press("m", "enter")
        await pilot.pause()
        assert controls.notes == ["q1 on"]
        assert not controls.sets
        assert "noted: q1 on" in shown(app, "message")


async def test_lengths_are_checked_while_typed() -> None:
    controls = FakeControls()
    app = app_of(controls=controls)
    async with app.run_test(size=(80, 24)) as pilot:
        await pilot.press("w")
        await pilot.pause()
        await pilot.press("delete", "0")
        assert "between 1 and" in str(app.screen.query_one("#wrong").render())
        await pilot.press("enter")
        assert not controls.workloads
        await pilot.press("backspace", *"2048", "x", "tab", *"64", "enter")
        await pilot.pause()
        assert controls.workloads == [(2048, 64)]


async def test_a_screenshot_says_where_it_went(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    app = app_of()
    async with app.run_test(size=(160, 45)) as pilot:
        await pilot.press("ctrl+s")
        (saved,) = tmp_path.glob("*.svg")
        assert str(saved) in shown(app, "message")


async def test_quitting_asks_while_load_runs() -> None:
    app = app_of()
    async with app.run_test(size=(80, 24)) as pilot:
        await pilot.press("q")
        await pilot.pause()
        assert dialog(app) == "QuitDialog"
        assert "Llama" in shown(app, "header")
        await pilot.press("n")
        await pilot.pause()
        assert app.is_running
        assert dialog(app) != "QuitDialog"
        await pilot.press("q", "y")
    assert app.return_code == 0


@pytest.mark.parametrize("key", ["q", "ctrl+c", "ctrl+q"])
async def test_quitting_is_immediate_without_load(key: str) -> None:
    app = app_of(FakeSession(samples.empty()))
    async with app.run_test(size=(80, 24)) as pilot:
        await pilot.press(key)
    assert app.return_code == 0


async def test_ctrl_c_twice_quits_under_load_and_from_dialogs() -> None:
    app = app_of()
    async with app.run_test(size=(80, 24)) as pilot:
        await pilot.press("m", "ctrl+c", "ctrl+c")
    assert app.return_code == 0


async def test_help_opens_scrolls_and_closes() -> None:
    app = app_of()
    async with app.run_test(size=(80, 24)) as pilot:
        await pilot.press("question_mark")
        await pilot.pause()
        assert dialog(app) == "HelpDialog"
        await pilot.press("down", "pagedown", "up", "pageup", "escape")
        await pilot.pause()
        assert dialog(app) != "HelpDialog"


async def test_the_palette_offers_every_command() -> None:
    controls = FakeControls()
    app = app_of(controls=controls)
    async with app.run_test(size=(80, 24)) as pilot:
        commands = {command.title: command for command in app.get_system_commands(app.screen)}
        assert len(commands) == sum(key.palette for key in keys_for(replay=False))
        commands["Double the load; from 0 to 1"].callback()
        assert controls.sets == [(512, "key")]
        await pilot.press("ctrl+p")
        await pilot.pause()
        assert dialog(app) == "CommandPalette"
        assert "Llama" in shown(app, "header")


@pytest.mark.parametrize(
    ("key", "position"),
    [("left", 59), ("right", 61), ("shift+left", 30), ("shift+right", 90), ("home", 0), ("end", 185)],
)
async def test_replay_keys_seek(key: str, position: float) -> None:
    tape = FakeTape()
    app = replay_of(tape)
    async with app.run_test(size=(80, 24)) as pilot:
        await pilot.press(key)
        assert tape.position_s == position


async def test_replay_plays_pauses_and_changes_speed() -> None:
    tape = FakeTape()
    app = replay_of(tape)
    async with app.run_test(size=(120, 30)) as pilot:
        await pilot.press("space", "full_stop", "full_stop", "comma")
        assert not tape.playing
        assert tape.speed == 2
        assert "‖ 1:00 / 3:05 ×2" in shown(app, "header")
        assert "REPLAY" in shown(app, "header")


@pytest.mark.parametrize(
    "key", ["right_square_bracket", "left_square_bracket", "up", "down", "k", "j", "equals_sign", "c", "o", "w", "m"]
)
async def test_load_keys_are_off_in_a_replay(key: str) -> None:
    app = replay_of(FakeTape())
    async with app.run_test(size=(80, 24)) as pilot:
        await pilot.press(key)
        assert "replay: load keys are off" in shown(app, "message")
        await pilot.press("q")
    assert app.return_code == 0


@pytest.mark.parametrize("replay", [False, True])
@pytest.mark.parametrize("width", [40, 56, 76, 96])
def test_the_help_lists_every_key(replay: bool, width: int) -> None:
    text = "\n".join(line_text(line) for line in help_lines(width, Keymap(), replay=replay))
    for key in keys_for(replay=replay):
        if key.help:
            assert Keymap().written(key.id) in text
            assert width < 70 or key.help in text
    assert "NOT work" in text


def test_declared_texts_hold_no_markup_and_ids_are_unique() -> None:
    assert len({key.id for key in KEYS}) == len(KEYS)
    assert not any("[" in key.help + key.label + key.group for key in KEYS)

"""Going back in a running session, over a recording that grows."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.tui.helpers import dialog, shown
from tests.tui.running import Running
from tui.app import RooftopApp


@pytest.fixture
def running(tmp_path: Path) -> Iterator[Running]:
    made = Running(tmp_path / "a.rooftop")
    yield made
    made.session.close()


def conc(app: RooftopApp) -> str:
    return shown(app, "tiles").splitlines()[2].split()[1]


@pytest.mark.parametrize("key", ["end", "escape"])
async def test_one_goes_back_and_one_key_returns(running: Running, key: str) -> None:
    app = running.app
    async with app.run_test(size=(160, 45)) as pilot:
        assert conc(app) == "64"
        assert "progress" not in app.board.places
        await pilot.press("shift+left")
        await pilot.pause()
        assert conc(app) == "1"
        assert "0:30 ago · End returns to live" in shown(app, "header")
        assert "End live" in shown(app, "footer")
        assert "‖ 0:20" in shown(app, "progress")
        running.go(5.0)
        app.tick()
        assert "0:35 ago" in shown(app, "header")
        assert conc(app) == "1"
        assert app.snapshot.now_s == 55.0, "measuring goes on"
        await pilot.press(key)
        await pilot.pause()
        assert conc(app) == "64"
        assert "ago" not in shown(app, "header")
        assert "progress" not in app.board.places


async def test_load_keys_work_and_say_what_they_did(running: Running) -> None:
    app, controls = running.app, running.controls
    async with app.run_test(size=(160, 45)) as pilot:
        await pilot.press("shift+left", "right_square_bracket")
        assert controls.sets == [(128, "key")]
        assert "from now on, not in this picture: 128 in flight" in shown(app, "message")
        assert conc(app) == "1"
        await pilot.press("space")
        assert controls.sets[-1] == (0, "pause")
        assert "0 in flight" in shown(app, "message")
        await pilot.press("o")
        assert "requests a second" in shown(app, "message")
        assert "Concurrency" in shown(app, "tiles"), "the loop was closed at that instant"
        await pilot.press("equals_sign", "1", "6", "escape")
        assert "ago" in shown(app, "header"), "Esc ends the typing first"
        await pilot.press("escape")
        assert "ago" not in shown(app, "header")


async def test_arrows_go_a_second_and_forward_to_the_present(running: Running) -> None:
    app = running.app
    async with app.run_test(size=(160, 45)) as pilot:
        for n in range(1, 4):
            await pilot.press("left")
            assert f"0:0{n} ago" in shown(app, "header")
        for _ in range(3):
            await pilot.press("right")
        running.clock.now += 0.4
        app.tick()
        await pilot.pause()
        assert "ago" not in shown(app, "header")
        await pilot.press("right")
        assert "this is the present" in shown(app, "message")


async def test_the_past_is_played_faster_until_it_is_the_present(running: Running) -> None:
    app = running.app
    async with app.run_test(size=(160, 45)) as pilot:
        await pilot.press("p")
        assert "this is the present" in shown(app, "message")
        await pilot.press("comma")
        assert "this is the present" in shown(app, "message")
        await pilot.press("shift+left", "p")
        running.go(2.0)
        app.tick()
        await pilot.pause()
        assert "▶ 0:22" in shown(app, "progress")
        await pilot.press("full_stop", "full_stop", "full_stop", "full_stop")
        assert "replay speed ×16" in shown(app, "message")
        for _ in range(4):
            running.go(1.0)
            app.tick()
        await pilot.pause()
        assert "ago" not in shown(app, "header")
        assert app.session.transport is not None
        assert app.session.transport.speed == 1.0


async def test_levels_notes_start_and_times_can_be_gone_to(running: Running) -> None:
    app = running.app
    async with app.run_test(size=(160, 45)) as pilot:
        for key, where in (
            ("left_curly_bracket", "0:41"),
            ("left_curly_bracket", "0:21"),
            ("right_curly_bracket", "0:41"),
            ("home", "0:00"),
        ):
            await pilot.press(key)
            await pilot.pause()
            running.clock.now += 0.4
            app.tick()
            assert f"‖ {where}" in shown(app, "progress")
        await pilot.press("n")
        assert "no note or event after 0:00" in shown(app, "message")
        await pilot.press("g", *"25%", "enter")
        await pilot.pause()
        assert dialog(app) == "Board"
        running.clock.now += 0.4
        app.tick()
        assert "‖ 0:1" in shown(app, "progress")


async def test_a_frozen_picture_is_where_one_begins(running: Running) -> None:
    app = running.app
    async with app.run_test(size=(160, 45)) as pilot:
        await pilot.press("f")
        running.go(8.0)
        app.tick()
        await pilot.press("left")
        assert "0:09 ago" in shown(app, "header")
        assert "FROZEN" not in shown(app, "header")


async def test_the_banner_is_there_where_it_is_narrow(running: Running) -> None:
    app = running.app
    async with app.run_test(size=(80, 24)) as pilot:
        await pilot.press("shift+left")
        assert "0:30 ago · End returns to live" in shown(app, "header")
        await pilot.resize_terminal(60, 17)
        await pilot.pause()
        assert "0:30 ago" in shown(app, "header")
        assert "progress" in app.board.places
        await pilot.resize_terminal(60, 16)
        await pilot.pause()
        assert "progress" not in app.board.places
        assert "0:30 ago" in shown(app, "header")


async def test_end_returns_from_a_list_too(running: Running) -> None:
    app = running.app
    async with app.run_test(size=(160, 45)) as pilot:
        await pilot.press("6", "shift+left", "end")
        assert "ago" not in shown(app, "header")


async def test_a_recording_that_cannot_be_read_is_said(running: Running) -> None:
    app = running.app
    async with app.run_test(size=(160, 45)) as pilot:
        running.path.unlink()
        await pilot.press("left")
        assert "the recording cannot be read" in shown(app, "message")
        app.tick()
        assert conc(app) == "64"
        assert "ago" not in shown(app, "header")


async def test_quitting_asks_for_the_load_of_the_present(running: Running) -> None:
    app = running.app
    async with app.run_test(size=(160, 45)) as pilot:
        await pilot.press("home")
        await pilot.press("q")
        await pilot.pause()
        assert dialog(app) == "QuitDialog"

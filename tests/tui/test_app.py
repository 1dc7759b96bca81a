from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from session.view import Snapshot
from tests.tui import samples
from tests.tui.fakes import FakeControls, FakeRamp, FakeSession, FakeTape
from tests.tui.helpers import app_of, shown
from tui.app import RooftopApp
from tui.config import Config
from tui.pace import BEATS, Pace


async def test_resizing_live_down_to_nothing_and_back() -> None:
    app = app_of(FakeSession(samples.live(8)))
    async with app.run_test(size=(160, 45)) as pilot:
        for size in ((40, 10), (10, 3), (1, 1), (60, 16), (300, 80), (80, 24), (160, 45)):
            await pilot.resize_terminal(*size)
            await pilot.pause()
            app.tick()
            if size == (40, 10):
                assert "needs 60x16, is 40x10" in shown(app, "small")
        assert "Latency" in shown(app, "latency")
        assert "small" not in app.board.places


async def test_the_size_needed_is_said_in_full_where_it_fits() -> None:
    app = app_of()
    async with app.run_test(size=(100, 10)):
        assert "rooftop needs 60x16; this terminal is 100x10" in shown(app, "small")


@pytest.mark.parametrize("name", ["live", "empty", "failing", "simulated", "no_gpu"])
async def test_every_sample_is_drawn(name: str) -> None:
    snapshot: Snapshot = getattr(samples, name)()
    app = app_of(FakeSession(snapshot))
    async with app.run_test(size=(120, 36)) as pilot:
        await pilot.pause()
        assert "rooftop" in shown(app, "header")
        assert ("SIMULATED" in shown(app, "header")) == (name == "simulated")


async def test_gpus_that_turn_up_later_get_their_room() -> None:
    session = FakeSession(samples.no_gpu())
    app = app_of(session)
    async with app.run_test(size=(160, 45)) as pilot:
        before = app.board.places["gpus"].height
        session.snapshot = samples.live(8)
        app.tick()
        await pilot.pause()
        assert app.board.places["gpus"].height > before
        assert shown(app, "gpus").count("H200") == 8


async def test_the_board_goes_on_under_a_dialog() -> None:
    session = FakeSession()
    app = app_of(session)
    async with app.run_test(size=(160, 45)) as pilot:
        await pilot.press("m")
        await pilot.pause()
        session.change(in_flight=123)
        app.tick()
        await pilot.pause()
        rows = app.screen._compositor.render_strips()
        assert any("123 active" in row.text for row in rows)


async def test_problems_stay_in_sight() -> None:
    controls = FakeControls()
    app = app_of(controls=controls)
    async with app.run_test(size=(120, 30)):
        controls.trouble = "the engine died (signal 9); what it recorded is kept"
        app.tick()
        assert "the engine died (signal 9)" in shown(app, "message")


async def test_a_recording_that_cannot_be_read_is_said(monkeypatch: pytest.MonkeyPatch) -> None:
    session = FakeSession()
    app = app_of(session)
    async with app.run_test(size=(120, 30)):

        def broken() -> Snapshot:
            raise OSError("disk gone")

        monkeypatch.setattr(session, "refresh", broken)
        app.tick()
        assert "disk gone" in shown(app, "message")
        monkeypatch.undo()
        app.tick()
        assert "disk gone" not in shown(app, "message")


async def test_the_ramp_sets_levels_until_a_key_takes_over() -> None:
    controls, ramp = FakeControls(), FakeRamp(1, 4)
    app = app_of(FakeSession(samples.empty()), controls, ramp=ramp)
    async with app.run_test(size=(80, 24)) as pilot:
        app.tick()
        assert controls.sets == [(1, "plan"), (4, "plan")]
        await pilot.press("up")
        assert ramp.cancelled
        assert controls.sets[-1] == (5, "key")


async def test_the_hint_goes_when_load_starts() -> None:
    session = FakeSession(samples.empty())
    app = app_of(session)
    async with app.run_test(size=(80, 24)) as pilot:
        assert "press ] to start load, ? for help" in shown(app, "message")
        await pilot.press("right_square_bracket")
        assert "press ]" not in shown(app, "message")


async def test_a_broken_user_theme_is_a_warning(tmp_path: Path) -> None:
    (tmp_path / "broken.toml").write_text("name = [")
    app = app_of(folder=tmp_path)
    async with app.run_test(size=(120, 30)):
        assert "theme broken.toml skipped" in shown(app, "message")
        assert app.theme == "rooftop-dark"


async def test_an_unknown_theme_is_said() -> None:
    app = app_of(theme="plaid")
    async with app.run_test(size=(160, 45)):
        assert "no theme is called plaid" in shown(app, "message")


async def test_no_color_does_not_crash(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("NO_COLOR", "1")
    app = app_of()
    async with app.run_test(size=(80, 24)) as pilot:
        await pilot.press("t", "question_mark")
        await pilot.pause()


async def test_exit_from_a_handler_is_clean() -> None:
    app = app_of()
    async with app.run_test(size=(80, 24)) as pilot:
        app.call_later(app.exit, return_code=143)
        await pilot.pause()
    assert app.return_code == 143


async def test_the_timer_reads_by_itself() -> None:
    session = FakeSession(replace(samples.empty(), now_s=1.0))
    app = RooftopApp(session, FakeControls(), theme_folder=Path("/nonexistent"), refresh_s=0.01, config=Config())
    async with app.run_test(size=(80, 24)) as pilot:
        await pilot.pause(0.1)
        assert session.reads > 2


async def test_figures_are_drawn_once_a_second_and_quickly_after_a_key() -> None:
    session = FakeSession()
    app = app_of(session)
    async with app.run_test(size=(80, 24)) as pilot:
        for _ in range(3 * BEATS):
            app._beat()  # the start is quick
            await pilot.pause()
        before = session.reads
        for _ in range(2 * BEATS):
            app._beat()
            await pilot.pause()
        assert 2 <= session.reads - before <= 3
        before = session.reads
        await pilot.press("z")
        for _ in range(BEATS):
            app._beat()
            await pilot.pause()
        assert session.reads - before == BEATS


async def test_a_replay_that_stands_still_is_not_read() -> None:
    tape = FakeTape()
    session = FakeSession(transport=tape)
    app = app_of(session)
    async with app.run_test(size=(80, 24)) as pilot:
        await pilot.press("space")
        before = session.reads
        for _ in range(3 * BEATS):
            app._beat()
            await pilot.pause()
        assert session.reads == before
        tape.seek(90.0)
        app._beat()
        await pilot.pause()
        assert session.reads == before + 1


async def test_a_paused_replay_is_read_to_its_end_in_bites_between_which_keys_are_heard() -> None:
    session = FakeSession(replace(samples.live(), reading=0.3), transport=FakeTape())
    app = app_of(session)
    async with app.run_test(size=(80, 24)) as pilot:
        await pilot.press("space")
        before = session.bites
        app._beat()
        assert session.bites == before + 1
        await pilot.press("question_mark")
        assert len(app.screen_stack) == 2
        while session.bites < before + 4:
            await pilot.pause()
        session.change(reading=None)
        app.tick()
        await pilot.pause(0.05)
        at_rest = session.bites
        app._beat()
        assert session.bites == at_rest


def test_reads_fall_into_the_first_beat_of_each_second() -> None:
    """So that the clock on the screen neither skips a second nor shows one twice."""
    pace = Pace(1.0)
    while pace.beat():  # the start is quick
        pace.read(7.13)
    beat_s, now_s = 0.2, 7.13
    pace.read(now_s)
    seconds = []
    for _ in range(50):
        now_s += beat_s
        if pace.beat():
            seconds.append(int(now_s))
            pace.read(now_s)
    assert seconds == list(range(8, 8 + len(seconds)))
    assert len(seconds) == 10

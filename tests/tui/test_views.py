from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest
from textual.pilot import Pilot

from session.view import LogLine, Snapshot
from tests.tui import samples
from tests.tui.fakes import FakeControls, FakeSession, FakeTape
from tests.tui.helpers import app_of, dialog, line_text, scene_of, shown, text_of
from tests.tui.recorded import replay_at
from tui.config import Config
from tui.draw.frame import Frame
from tui.keys import BY_ID, KEYS
from tui.layout import MIN_HEIGHT, MIN_WIDTH
from tui.panels.tabs import tabs
from tui.scene import Look, Scene
from tui.views.registry import NAMES, PAINTS, VIEWS, arrange

SIZES = ((60, 16), (79, 19), (80, 20), (80, 24), (119, 40), (120, 30), (160, 45), (230, 50), (300, 80))
SNAPSHOTS = {"live": samples.live(8, 10), "empty": samples.empty(), "failing": samples.failing()}


def look(view: str, **more: object) -> Look:
    return Look(view=view, **more)  # type: ignore[arg-type]


def tops(scene: Scene, size: tuple[int, int]) -> set[str]:
    return {place.panel for place in arrange(*size, scene)}


@pytest.mark.parametrize("name", list(SNAPSHOTS))
@pytest.mark.parametrize("view", list(VIEWS))
def test_panels_of_every_view_stay_on_the_screen_and_apart(view: str, name: str) -> None:
    for size in SIZES:
        for large in (None, *VIEWS[view].order):
            scene = replace(scene_of(SNAPSHOTS[name]), look=look(view, large=large))
            taken: set[tuple[int, int]] = set()
            for place in arrange(*size, scene):
                cells = {
                    (x, y)
                    for x in range(place.x, place.x + place.width)
                    for y in range(place.y, place.y + place.height)
                }
                assert not cells & taken
                assert place.x + place.width <= size[0]
                assert place.y + place.height <= size[1]
                taken |= cells
            assert {"header", "message", "footer"} <= tops(scene, size)
            assert ("tabs" in tops(scene, size)) == (size[1] >= 20)


@pytest.mark.parametrize("view", list(VIEWS))
def test_every_view_shows_a_panel_of_its_own_at_the_least_size(view: str) -> None:
    panels = tops(replace(scene_of(samples.live()), look=look(view)), (MIN_WIDTH, MIN_HEIGHT))
    assert panels & set(VIEWS[view].order)
    assert tops(replace(scene_of(samples.live()), look=look(view)), (40, 10)) == {"small"}


def test_views_are_declared_with_keys_and_panels() -> None:
    assert [key.id for key in KEYS if key.id in VIEWS] == list(VIEWS)
    for view in VIEWS.values():
        assert BY_ID[view.name].keys
        assert view.order
        assert set(view.order) <= set(PAINTS)
        assert view.listing is None or view.listing in view.order


def test_the_line_of_views_fits_and_gives_way() -> None:
    scene = replace(scene_of(samples.live()), look=look("levels"))
    full = line_text(tabs(NAMES, scene, 80).lines[0])
    assert all(title in full for _, title in NAMES)
    assert "[5 Levels]" in full
    narrow = line_text(tabs(NAMES, scene, 60).lines[0])
    assert "[5 Levels]" in narrow
    assert "Overview" not in narrow
    assert all(sign in narrow for sign in "123456")


@pytest.mark.parametrize("view", list(VIEWS))
async def test_digits_switch_views(view: str) -> None:
    app = app_of()
    async with app.run_test(size=(160, 45)) as pilot:
        await pilot.press(BY_ID[view].keys[0])
        await pilot.pause()
        assert f"[{BY_ID[view].keys[0]} {VIEWS[view].title}]" in shown(app, "tabs")
        assert set(app.board.places) & set(VIEWS[view].order)


async def test_tab_goes_round_the_views_and_back() -> None:
    app = app_of()
    async with app.run_test(size=(80, 24)) as pilot:
        seen = []
        for _ in VIEWS:
            await pilot.press("tab")
            seen.append(app.viewing.look.view)
        assert seen == [*list(VIEWS)[1:], "overview"]
        await pilot.press("shift+tab")
        assert app.viewing.look.view == "events"


async def large(pilot: Pilot[None], *keys: str) -> set[str]:
    await pilot.press(*keys)
    await pilot.pause()
    board = pilot.app.screen
    return set(board.places) - {"header", "tabs", "message", "footer"}  # type: ignore[attr-defined]


async def test_x_maximises_one_panel_after_the_other() -> None:
    app = app_of(FakeSession(samples.known()))
    async with app.run_test(size=(80, 24)) as pilot:
        everything = await large(pilot, "4")
        for panel in VIEWS["regime"].order:
            assert await large(pilot, "x") == {panel}
            assert "Esc all" in shown(app, "tabs")
            assert app.board.places[panel].height == 20
        assert await large(pilot, "x") == everything
        assert await large(pilot, "x", "x", "escape") == everything


async def test_a_view_keeps_its_maximised_panel_until_asked_for_again() -> None:
    app = app_of()
    async with app.run_test(size=(160, 45)) as pilot:
        assert await large(pilot, "5", "x") == {"level_table"}
        assert len(await large(pilot, "1")) > 1
        assert await large(pilot, "5") == {"level_table"}
        assert len(await large(pilot, "5")) > 1


async def test_clicks_switch_views_press_keys_and_maximise() -> None:
    controls = FakeControls()
    app = app_of(controls=controls)
    async with app.run_test(size=(160, 45)) as pilot:
        await pilot.click(offset=(shown(app, "tabs").index("5 Levels"), 1))
        await pilot.pause()
        assert app.viewing.look.view == "levels"
        title = app.board.places["level_table"]
        for maximised in ({"level_table"}, {"level_table", "level", "level_detail"}):
            await pilot.click(offset=(title.x + 5, title.y))
            await pilot.pause()
            assert set(app.board.places) & set(PAINTS) - {"header", "tabs", "message", "footer"} == maximised
        await pilot.click(offset=(shown(app, "footer").index("] double"), 44))
        assert controls.sets == [(512, "key")]
        await pilot.click(offset=(5, 20))
        assert app.viewing.look.view == "levels"


async def test_lists_are_scrolled_while_arrows_keep_the_load() -> None:
    controls = FakeControls()
    app = app_of(FakeSession(samples.live(1, 10)), controls)
    async with app.run_test(size=(80, 24)) as pilot:
        await pilot.press("5")
        assert chosen(app.board.panel("level_table").lines) == "512"
        for key, load in (
            ("k", "256"),
            ("k", "128"),
            ("j", "256"),
            ("home", "1"),
            ("pagedown", "128"),
            ("pageup", "1"),
        ):
            await pilot.press(key)
            assert chosen(app.board.panel("level_table").lines) == load, key
        assert not controls.sets
        await pilot.press("up", "down", "minus")
        assert [n for n, _ in controls.sets] == [513, 512, 511]
        await pilot.press("end")
        assert app.viewing.look.row is None, "the last row is followed"
        await pilot.press("1", "k")
        assert controls.sets[-1] == (512, "key")


def chosen(lines: tuple[tuple[tuple[str, str], ...], ...]) -> str:
    """The load in the row that is marked."""
    row = next(text for line in lines if (text := line_text(line)).lstrip("│ ").startswith("›"))
    return row.lstrip("│ ›").split()[0].lstrip("~?!▶")


async def test_in_a_replay_arrows_move_through_lists() -> None:
    app = app_of(FakeSession(samples.live(1, 10), FakeTape()))
    async with app.run_test(size=(80, 24)) as pilot:
        await pilot.press("5", "up", "up", "down")
        assert chosen(app.board.panel("level_table").lines) == "256"


async def test_the_wheel_moves_through_lists() -> None:
    app = app_of(FakeSession(samples.live(1, 10)))
    async with app.run_test(size=(80, 24)) as pilot:
        await pilot.press("5")
        app.scroll(-3)
        assert chosen(app.board.panel("level_table").lines) == "64"


async def test_levels_are_sorted_by_any_column_either_way() -> None:
    app = app_of(FakeSession(samples.live(1, 10)))
    async with app.run_test(size=(160, 45)) as pilot:
        await pilot.press("5", "s")
        assert "sorted by load" in shown(app, "message")
        await pilot.press("S", "home")
        assert "sorted by load, descending" in shown(app, "message")
        assert chosen(app.board.panel("level_table").lines) == "512"
        await pilot.press(*["s"] * len(VIEWS["levels"].columns))
        assert "sorted by time of start ↓" in shown(app, "level_table")
        await pilot.press("6", "s")
        assert app.viewing.look.sort is None


async def test_while_a_load_is_typed_digits_are_digits() -> None:
    controls = FakeControls()
    app = app_of(controls=controls)
    async with app.run_test(size=(80, 24)) as pilot:
        await pilot.press("5", "equals_sign", "1", "2")
        assert "load: 12_" in shown(app, "message")
        assert app.viewing.look.view == "levels"
        await pilot.press("enter", "1")
        assert controls.sets == [(12, "key")]
        assert app.viewing.look.view == "overview"
        await pilot.press("equals_sign", "4", "backspace", "enter", "x", "equals_sign", "escape")
        assert len(controls.sets) == 1
        assert app.viewing.look.large is not None, "Esc ends the typing first"
        await pilot.press("escape")
        assert app.viewing.look.large is None


async def test_the_first_view_is_the_users() -> None:
    app = app_of(config=Config(view="events"))
    async with app.run_test(size=(80, 24)):
        assert "events" in app.board.places


async def test_every_view_is_drawn_at_every_size_while_it_is_resized() -> None:
    app = app_of(FakeSession(samples.live(8, 10)))
    async with app.run_test(size=(160, 45)) as pilot:
        for size in ((40, 10), (60, 16), (80, 24), (300, 80)):
            await pilot.resize_terminal(*size)
            for view in VIEWS:
                await pilot.press(BY_ID[view].keys[0])
                await pilot.pause()
                assert ("small" in app.board.places) == (size == (40, 10))
                for place in app.board.places.values():
                    lines = app.board.panel(place.panel).lines
                    assert len(lines) == place.height
                    if place.frame is Frame.BOX:
                        assert line_text(lines[-1]).startswith("╰")


async def test_replayed_levels_and_events_are_those_of_the_recording(tmp_path: Path) -> None:
    app = replay_at(tmp_path, 70.0)
    async with app.run_test(size=(160, 45)) as pilot:
        await pilot.press("5")
        await pilot.pause()
        assert chosen(app.board.panel("level_table").lines) == "512"
        assert "too short: the warm-up is in its figures" in shown(app, "level_detail")
        await pilot.press("6")
        await pilot.pause()
        assert "1:00  · info    concurrency 256 → 512 (plan)" in shown(app, "events")
        await pilot.press("k", "k")
        marked = next(line for line in shown(app, "events").splitlines() if "›" in line)
        assert "concurrency 16 → 64" in marked


def many(count: int) -> Snapshot:
    log = tuple(LogLine(float(i), "warning" if i % 10 == 0 else "info", f"event {i}") for i in range(count))
    return replace(samples.live(), log=log)


async def test_events_follow_the_newest_until_one_is_chosen() -> None:
    session = FakeSession(many(200))
    app = app_of(session)
    async with app.run_test(size=(80, 24)) as pilot:
        await pilot.press("6")
        await pilot.pause()
        assert "event 199" in shown(app, "events")
        assert "of 200" in shown(app, "events")
        assert "20 warnings" in shown(app, "events")
        await pilot.press("home")
        session.snapshot = many(210)
        app.tick()
        assert "event 0" in shown(app, "events")
        await pilot.press("end")
        session.snapshot = many(220)
        app.tick()
        assert "event 219" in shown(app, "events")


async def test_keys_mean_nothing_to_the_board_under_a_dialog() -> None:
    app = app_of()
    async with app.run_test(size=(80, 24)) as pilot:
        await pilot.press("question_mark")
        await pilot.pause()
        await pilot.press("5", "x")
        assert dialog(app) == "HelpDialog"
        assert app.viewing.look == Look()
        await pilot.press("question_mark")
        await pilot.pause()
        assert dialog(app) == "Board"


def test_the_detail_is_of_the_chosen_level() -> None:
    scene = replace(scene_of(samples.live(1, 10)), look=look("levels", row=7))
    text = text_of(PAINTS["level_detail"](scene, 76, 20))
    assert "throughput rose by 12 % over the level" in text
    assert "~128" in line_text(PAINTS["level_detail"](scene, 76, 20).title)

"""What one must know to read the figures right is on the screen in every view."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import pytest

from session.events import Event, Source, Tick
from session.fold import State
from session.view import ClientView, ServerView, Snapshot, SourceView
from tests.tui import samples
from tests.tui.fakes import FakePast, FakeSession, FakeTape
from tests.tui.helpers import app_of, scene_of, shown, text_of
from tui.app import RooftopApp
from tui.config import Config
from tui.panels.header import header
from tui.panels.sources import sources
from tui.views.registry import VIEWS

SIZES = ((160, 45), (80, 24), (60, 16))


def _silent() -> Snapshot:
    live = samples.live()
    server = replace(live.server, age_s=12.0)
    gone = SourceView("server", False, "cannot reach it", 12.0)
    return replace(live, server=server, sources={**live.sources, "server": gone})


def _old_metrics() -> Snapshot:
    return replace(samples.live(), server=replace(samples.live().server, age_s=5.0))


def _old_gpus() -> Snapshot:
    return replace(samples.live(), gpus=(samples.gpu(0, 60.0, 20.0, 600.0, age_s=7.0),))


def _late() -> Snapshot:
    return replace(samples.live(), client=ClientView(0.02, 0.99, True))


CASES: dict[str, Callable[[str], RooftopApp]] = {
    "SIMULATED": lambda view: app_of(FakeSession(samples.simulated()), config=Config(view=view)),
    "REPLAY": lambda view: app_of(FakeSession(samples.live(), FakeTape()), config=Config(view=view)),
    " ago": lambda view: app_of(FakeSession(samples.live(), FakePast()), config=Config(view=view)),
    "CLIENT-BOUND": lambda view: app_of(FakeSession(_late()), config=Config(view=view)),
    "NO ANSWER for 12 s": lambda view: app_of(FakeSession(_silent()), config=Config(view=view)),
    "METRICS 5 s OLD": lambda view: app_of(FakeSession(_old_metrics()), config=Config(view=view)),
    "GPUS 7 s OLD": lambda view: app_of(FakeSession(_old_gpus()), config=Config(view=view)),
}


@pytest.mark.parametrize("size", SIZES)
@pytest.mark.parametrize("banner", list(CASES))
async def test_every_view_has_the_banners(banner: str, size: tuple[int, int]) -> None:
    app: RooftopApp = CASES[banner]("overview")
    async with app.run_test(size=size) as pilot:
        for view in VIEWS:
            app.act(view)
            await pilot.pause()
            assert app.viewing.look.view == view
            assert banner in shown(app, "header")
            assert "header" in app.board.places
            await pilot.press("x")
            assert banner in shown(app, "header"), "a panel that fills the view leaves the banner"
            await pilot.press("x")
            app.viewing.restore()


@pytest.mark.parametrize("view", list(VIEWS))
async def test_fresh_figures_have_no_banner(view: str) -> None:
    app = app_of(config=Config(view=view))
    async with app.run_test(size=(80, 24)):
        assert not any(word in shown(app, "header") for word in ("OLD", "ANSWER", "REPLAY", "SIMULATED", "BOUND"))


def test_a_server_that_gives_no_figures_is_not_old() -> None:
    assert "OLD" not in text_of(header(scene_of(replace(samples.no_gpu(), server=ServerView())), 160, 1))


def test_a_missing_source_says_for_how_long() -> None:
    text = text_of(sources(scene_of(_silent()), 60, 9))
    assert "✗ server    missing  for 12 s" in text
    assert "✓ metrics   answers  0 s old" in text


def test_what_comes_back_is_said_once() -> None:
    events: list[Event] = [
        Source(t_s=0.1, source="server", ok=True),
        Source(t_s=5.0, source="server", ok=False, reason="connection refused"),
        Source(t_s=9.0, source="server", ok=True),
        Tick(t_s=10.0, dt_s=1.0),
    ]
    state = State(samples.HEADER)
    state.apply_all(events)
    assert [line.text for line in state.snapshot(10.0).log] == ["connection refused", "the server answers"]

"""Every view of a real recording with a panel that fills it, and the past of a session as it ran."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from session.codec import encode
from session.playback import LiveSession, ReplaySession
from session.recording import Reader
from session.timeshift import TimeShift
from tests.tui.clock import Clock
from tests.tui.helpers import app_of
from tests.tui.recorded import replay_at, unpacked
from tui.app import RooftopApp
from tui.views.registry import VIEWS

Compare = Callable[..., bool]
SIZES = {"160x45": (160, 45), "80x24": (80, 24)}
THEMES = ("rooftop-dark", "rooftop-light")
LARGE = {"overview": 3, "requests": 1, "gpus": 1, "regime": 3, "levels": 2, "events": 1}
"""How often ``x`` is pressed: roofline, list, strips, scaling, chart, log."""
NOW_S, THEN_S = 66.0, 45.0


@pytest.mark.parametrize("theme", THEMES)
@pytest.mark.parametrize("size", list(SIZES))
@pytest.mark.parametrize("view", list(VIEWS))
def test_a_large_panel(snap_compare: Compare, tmp_path: Path, view: str, size: str, theme: str) -> None:
    at_s, gpus = (39.0, 4) if view == "gpus" else (70.0, 1)
    app = replay_at(tmp_path, at_s, tp=gpus, theme=theme, view=view)
    assert snap_compare(app, terminal_size=SIZES[size], press=["x"] * LARGE[view])


@pytest.fixture
def running(tmp_path: Path) -> Iterator[Callable[[str], RooftopApp]]:
    """A session of an H200 that has run for 66 s, and is looked at as it was at 45 s."""
    source = Reader(unpacked(tmp_path, 1))
    path = tmp_path / "running.rooftop"
    events = [event for event in source.poll() if event.t_s <= NOW_S]
    path.write_bytes(b"".join(map(encode, (source.header, *events))))
    source.close()
    clock = Clock(NOW_S)
    session = TimeShift(LiveSession(path, lambda: NOW_S), lambda path: ReplaySession(path, clock), clock)
    session.refresh()
    session.seek(THEN_S)
    while session.past is None or session.past.reading is not None:
        session.refresh()
    yield lambda theme: app_of(session, theme=theme, clock=clock)
    session.close()


@pytest.mark.parametrize("theme", THEMES)
@pytest.mark.parametrize("size", list(SIZES))
@pytest.mark.parametrize("view", ["overview", "requests"])
def test_the_past_of_a_recorded_session(
    snap_compare: Compare, running: Callable[[str], RooftopApp], view: str, size: str, theme: str
) -> None:
    keys = [str(list(VIEWS).index(view) + 1)]
    assert snap_compare(running(theme), terminal_size=SIZES[size], press=keys)

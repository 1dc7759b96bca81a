"""The screens as they look. After a wanted change: pytest tests/tui --snapshot-update, then look at them."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from session.marks import Mark
from session.view import Snapshot
from tests.tui import samples
from tests.tui.fakes import FakePast, FakeSession, FakeTape
from tests.tui.helpers import app_of
from tests.tui.recorded import replay_at
from tui.sense import Sense

Compare = Callable[..., bool]
SIZES = {"160x45": (160, 45), "80x24": (80, 24)}


@pytest.mark.parametrize("theme", ["rooftop-dark", "rooftop-light"])
@pytest.mark.parametrize("size", list(SIZES))
def test_board(snap_compare: Compare, size: str, theme: str) -> None:
    assert snap_compare(app_of(theme=theme), terminal_size=SIZES[size])


@pytest.mark.parametrize("theme", ["rooftop-okabe-ito", "rooftop-16"])
def test_further_themes(snap_compare: Compare, theme: str) -> None:
    assert snap_compare(app_of(theme=theme), terminal_size=(100, 30))


@pytest.mark.parametrize("sense", [Sense("16", ascii=True), Sense("none")], ids=["ascii", "no-colours"])
def test_less_than_everything(snap_compare: Compare, sense: Sense) -> None:
    assert snap_compare(app_of(sense=sense), terminal_size=(100, 30))


@pytest.mark.parametrize("size", list(SIZES))
def test_eight_gpus(snap_compare: Compare, size: str) -> None:
    assert snap_compare(app_of(FakeSession(samples.live(8, 10))), terminal_size=SIZES[size])


@pytest.mark.parametrize("size", list(SIZES))
@pytest.mark.parametrize("sample", [samples.empty, samples.failing, samples.no_gpu])
def test_other_states(snap_compare: Compare, sample: Callable[[], Snapshot], size: str) -> None:
    assert snap_compare(app_of(FakeSession(sample())), terminal_size=SIZES[size])


@pytest.mark.parametrize(("size", "presses"), [("160x45", 1), ("80x24", 2)])
def test_the_roofline(snap_compare: Compare, size: str, presses: int) -> None:
    app = app_of(FakeSession(samples.known()))
    assert snap_compare(app, terminal_size=SIZES[size], press=["v"] * presses)


def test_what_is_predicted_is_dotted(snap_compare: Compare) -> None:
    assert snap_compare(app_of(FakeSession(samples.known(7))), terminal_size=SIZES["80x24"], press=["v"])


def test_replay_of_a_simulation(snap_compare: Compare) -> None:
    app = app_of(FakeSession(samples.simulated(), FakeTape()), theme="rooftop-high-contrast")
    assert snap_compare(app, terminal_size=(120, 36))


def test_help(snap_compare: Compare) -> None:
    assert snap_compare(app_of(), terminal_size=(80, 24), press=["question_mark"])


WOUND = (
    Mark(5.0, "level", "1"), Mark(45.0, "level", "4"), Mark(65.0, "note", "prefix caching off"),
    Mark(72.0, "warning", "no metrics for 4 s"), Mark(85.0, "level", "16"), Mark(125.0, "level", "64"),
)  # fmt: skip


@pytest.mark.parametrize("size", list(SIZES))
def test_a_replay_with_its_progress(snap_compare: Compare, size: str) -> None:
    app = app_of(FakeSession(samples.live(), FakeTape(marks=WOUND)))
    assert snap_compare(app, terminal_size=SIZES[size])


@pytest.mark.parametrize("size", list(SIZES))
def test_the_past_of_a_running_session(snap_compare: Compare, size: str) -> None:
    app = app_of(FakeSession(samples.live(), FakePast(marks=WOUND)))
    assert snap_compare(app, terminal_size=SIZES[size])


def test_asking_for_a_time(snap_compare: Compare) -> None:
    app = app_of(FakeSession(samples.live(), FakeTape(marks=WOUND)))
    assert snap_compare(app, terminal_size=(80, 24), press=["g", "1", ":", "7", "5"])


@pytest.mark.parametrize("theme", ["rooftop-dark", "rooftop-light"])
@pytest.mark.parametrize("size", list(SIZES))
@pytest.mark.parametrize("view", ["overview", "regime", "levels", "events"])
def test_views_of_a_recording(snap_compare: Compare, tmp_path: Path, view: str, size: str, theme: str) -> None:
    assert snap_compare(replay_at(tmp_path, 70.0, theme=theme, view=view), terminal_size=SIZES[size])


@pytest.mark.parametrize("view", ["overview", "regime", "levels"])
def test_four_gpus_of_a_recording(snap_compare: Compare, tmp_path: Path, view: str) -> None:
    assert snap_compare(replay_at(tmp_path, 42.0, tp=4, view=view), terminal_size=SIZES["160x45"])


def test_a_maximised_panel(snap_compare: Compare, tmp_path: Path) -> None:
    assert snap_compare(replay_at(tmp_path, 70.0, view="regime"), terminal_size=SIZES["80x24"], press=["x", "x", "x"])

from __future__ import annotations

import pytest

from tests.tui import samples
from tui.layout import CHARTS, MIN_HEIGHT, MIN_WIDTH, Place
from tui.scene import Scene
from tui.views.registry import arrange as arranged

ESSENTIAL = {"header", "tiles", "verdict", "message", "footer"}
LIVE = {gpus: samples.live(gpus) for gpus in (0, 1, 4, 8)}


def arrange(width: int, height: int, gpus: int, chart: str = "time") -> tuple[Place, ...]:
    return arranged(width, height, Scene(LIVE[gpus], 1.0, chart=chart))


@pytest.mark.parametrize("gpus", [0, 1, 4, 8])
def test_panels_never_overlap_and_stay_on_the_screen(gpus: int) -> None:
    for width in (60, 79, 80, 119, 120, 160, 200, 300):
        for height in (16, 20, 24, 33, 34, 45, 60, 80):
            for chart in CHARTS:
                taken: set[tuple[int, int]] = set()
                for place in arrange(width, height, gpus, chart):
                    rows, columns = range(place.y, place.y + place.height), range(place.x, place.x + place.width)
                    cells = {(x, y) for x in columns for y in rows}
                    assert not cells & taken
                    assert place.x + place.width <= width
                    assert place.y + place.height <= height
                    taken |= cells


def test_everything_is_shown_at_160x45() -> None:
    names = {place.panel for place in arrange(160, 45, 8)}
    assert names == ESSENTIAL | {"tabs", "latency", "time", "level", "levels", "server", "log", "gpus"}
    assert next(place.height for place in arrange(160, 45, 8) if place.panel == "gpus") == 11


def test_80x24_has_one_chart_which_can_be_the_other() -> None:
    names = {place.panel for place in arrange(80, 24, 1)}
    assert names == ESSENTIAL | {"tabs", "time", "server", "gpus"}
    assert {place.panel for place in arrange(80, 24, 1, "level")} == ESSENTIAL | {"tabs", "level", "server", "gpus"}


def test_the_roofline_takes_the_place_of_the_chart_by_load() -> None:
    for width, height in ((160, 45), (120, 30), (80, 60), (80, 24)):
        places = {place.panel: place for place in arrange(width, height, 1, "roofline")}
        assert "level" not in places
        assert places["roofline"][1:] == next(p for p in arrange(width, height, 1, "level") if p.panel == "level")[1:]


def test_the_least_size_still_has_a_chart_and_gpus() -> None:
    assert {place.panel for place in arrange(MIN_WIDTH, MIN_HEIGHT, 8)} == ESSENTIAL | {"time", "gpus"}


@pytest.mark.parametrize("size", [(59, 40), (160, 15), (10, 3), (1, 1), (0, 0)])
def test_too_small_is_said(size: tuple[int, int]) -> None:
    assert [place.panel for place in arrange(*size, 1)] == ["small"]

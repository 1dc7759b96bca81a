"""The roofline's chart, and the predicted line of the chart by concurrency."""

from __future__ import annotations

from dataclasses import replace

import pytest

from session.setup import Setup
from session.view import Snapshot
from tests.tui import samples
from tests.tui.helpers import line_text, scene_of, text_of
from tui.draw.logplot import LogPlot
from tui.draw.logscale import LogScale
from tui.lines import width_of
from tui.panels.levelchart import levelchart
from tui.panels.roofline import roofline_chart
from tui.views.registry import PAINTS

NARROW, WIDE = (80, 7), (76, 11)


def shape_unknown() -> Snapshot:
    known = samples.known()
    assert known.setup is not None
    blind = tuple(replace(level, gpus=()) for level in known.levels)
    setup = replace(known.setup, shape=None, shape_missing="[/x]\x1b[2Jno config")
    return replace(known, setup=setup, levels=blind, gpus=())


SNAPSHOTS = {
    "known": samples.known(),
    "one level": samples.known(1),
    "no level": replace(samples.empty(), setup=samples.known().setup),
    "shape unknown": shape_unknown(),
    "nothing known": samples.live(),
}


@pytest.mark.parametrize("panel", ["roofline", "level"])
@pytest.mark.parametrize("name", list(SNAPSHOTS))
def test_it_draws_at_every_size(panel: str, name: str) -> None:
    scene = scene_of(SNAPSHOTS[name])
    for width in (0, 1, 7, 18, 30, 56, 80, 156, 300):
        for height in (0, 1, 2, 3, 4, 5, 12, 40):
            block = PAINTS[panel](scene, width, height)
            assert "\x1b" not in text_of(block)
            assert len(block.lines) <= max(1, height)


@pytest.mark.parametrize("size", [NARROW, WIDE])
def test_levels_are_letters_and_the_present_is_in_brackets(size: tuple[int, int]) -> None:
    block = roofline_chart(scene_of(samples.known()), *size)
    chart = text_of(block)
    assert "[C]" in chart
    assert chart.count("M") >= 6, "letters that fall into one cell are one"
    assert "┊ ridge" in chart
    assert "64" in chart


def test_axes_have_titles_with_units_and_the_corner_has_the_peaks() -> None:
    block = roofline_chart(scene_of(samples.known()), *WIDE)
    assert "TFLOP/s per GPU" in line_text(block.title)
    assert "FLOP/byte" in line_text(block.title)
    assert line_text(block.corner) == "4.80 TB/s, 892 TFLOP/s"
    assert " 100┤" in text_of(block)
    assert text_of(block).splitlines()[-2].split()[:3] == ["1", "10", "100"]


def test_the_caption_has_the_numbers() -> None:
    scene = scene_of(samples.known())
    caption = text_of(roofline_chart(scene, *NARROW)).splitlines()[-1]
    assert caption.startswith("at 256: ")
    assert " FLOP/B, " in caption
    assert "TFLOP/s of 892 possible; ridge at batch 186" in caption, "the clock is at 1785 of 1980 MHz"
    idle = replace(samples.known(7), in_flight=0)
    assert text_of(roofline_chart(scene_of(idle), *NARROW)).splitlines()[-1].startswith("at 64: ")


def test_right_of_the_ridge_is_right_of_its_line() -> None:
    """Batch 248 lies beyond 186, batch 124 before it."""
    rows = text_of(roofline_chart(scene_of(samples.known()), *WIDE)).splitlines()
    ridge = next(row.index("┊") for row in rows if "┊ ridge" in row)
    present = next(row.index("[C]") for row in rows if "[C]" in row)
    letters = [x for row in rows[:-2] for x, char in enumerate(row) if char == "M"]
    assert present + 1 > ridge
    assert max(letters) < ridge


def test_what_is_missing_is_said() -> None:
    assert "--gpu NAME" in text_of(roofline_chart(scene_of(samples.live()), *WIDE))
    text = text_of(roofline_chart(scene_of(SNAPSHOTS["shape unknown"]), 160, 11))
    assert "no point: the model's shape is not known ([/x]no config)" in text
    assert "ridge at 206 FLOP/B" in text
    waiting = text_of(roofline_chart(scene_of(SNAPSHOTS["no level"]), *WIDE))
    assert "one point for each level" in waiting
    assert "⠉" in waiting or "⠒" in waiting, "the roof is there from the start"


def test_figures_of_counters_are_upper_bounds() -> None:
    known = samples.known()
    assert known.setup is not None
    counted = replace(known, setup=replace(known.setup, shape=None))
    caption = text_of(roofline_chart(scene_of(counted), *WIDE)).splitlines()[-1]
    assert caption.count("≤") == 2


def dim_dots(snapshot: Snapshot) -> int:
    block = levelchart(scene_of(snapshot), *WIDE)
    return sum("⠀" < char <= "⣿" for line in block.lines for text, role in line if role == "dim" for char in text)


def test_what_is_predicted_is_a_dotted_line_of_its_own() -> None:
    assert dim_dots(samples.known()) > 5
    assert dim_dots(samples.live()) == 0
    assert "dotted: predicted" in line_text(levelchart(scene_of(samples.known(7)), 110, 11).corner)
    assert "dotted" not in line_text(levelchart(scene_of(samples.live()), 110, 11).corner)


def test_the_note_on_the_dotted_line_takes_no_legend_its_place() -> None:
    for width in range(40, 120):
        known = levelchart(scene_of(samples.known()), width, 8)
        plain = levelchart(scene_of(replace(samples.known(), setup=None)), width, 8)
        assert line_text(known.corner).endswith(line_text(plain.corner))
        assert known.corner == plain.corner or width_of(known.corner) + width_of(known.title) + 8 <= width


def test_a_prediction_needs_a_closed_loop() -> None:
    known = samples.known()
    rows = tuple(replace(row, mode="open", rate_s=row.concurrency / 2, concurrency=0) for row in known.levels)
    scene = scene_of(replace(known, levels=rows, mode="open", rate_s=8.0), mode="open")
    assert "dotted" not in line_text(levelchart(scene, 160, 11).corner)
    assert "/s: " in text_of(roofline_chart(scene, *WIDE)).splitlines()[-1]


def test_log_scales_have_round_ends_and_marks() -> None:
    scale = LogScale.around(1.3, 420.0)
    assert (scale.low, scale.high) == (1.0, 500.0)
    assert scale.marks(9) == [1, 2, 5, 10, 20, 50, 100, 200, 500]
    assert scale.marks(8) == [1, 10, 100]
    assert scale.marks(2) == [1, 100]
    assert scale.fraction(1.0) == 0.0
    assert scale.fraction(500.0) == pytest.approx(1.0)
    flat = LogScale.around(5.0, 5.0)
    assert flat.high > flat.low
    tiny = LogScale.around(0.003, 0.004)
    assert (tiny.low, tiny.high) == pytest.approx((0.002, 0.005))


def test_a_point_beyond_the_scales_stays_on_the_canvas() -> None:
    plot = LogPlot(20, 5, LogScale(1.0, 100.0), LogScale(1.0, 100.0))
    assert plot.cell(1e-6, 1e9) == (0, 0)
    assert plot.cell(1e9, 1e-6) == (19, 4)


def test_a_setup_without_anything_is_no_crash() -> None:
    nothing = replace(samples.known(), setup=Setup(None, None, None))
    assert "no roofline" in text_of(roofline_chart(scene_of(nothing), *WIDE))

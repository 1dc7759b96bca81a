from __future__ import annotations

import re
from dataclasses import replace

import pytest

from session.view import Snapshot
from tests.tui import samples, sessions
from tests.tui.helpers import line_text, scene_of, text_of
from tui.draw.cells import choose_cells
from tui.draw.columns import bars, columns
from tui.lines import Line, width_of
from tui.panels.gpucharts import by_family, gpu_charts
from tui.scene import Look, Scene
from tui.views import gpus

SESSIONS = {
    "empty": sessions.of([]),
    "one": sessions.of(sessions.working(1)),
    "four": sessions.of(sessions.working(4)),
    "eight": sessions.of(sessions.working(8)),
    "forty": sessions.of(sessions.working(40, 20)),
    "mig": sessions.of(sessions.partitioned()),
    "lost": sessions.of(sessions.lost()),
    "uncounted": sessions.of(sessions.uncounted()),
    "no-gpu": samples.no_gpu(),
    "sample": samples.live(8),
}


def look(snapshot: Snapshot, row: int | None = None, span_s: int | None = 600) -> Scene:
    return scene_of(snapshot, look=Look(view="gpus", row=row), span_s=span_s)


def charts(name: str, width: int = 156, height: int = 39) -> list[str]:
    return text_of(gpu_charts(look(SESSIONS[name]), width, height)).splitlines()


@pytest.mark.parametrize("name", list(SESSIONS))
@pytest.mark.parametrize("span_s", [120, 3600, None])
def test_it_draws_at_every_size(name: str, span_s: int | None) -> None:
    scene = look(SESSIONS[name], span_s=span_s)
    for width in (0, 1, 7, 30, 40, 56, 80, 156, 300):
        for height in (0, 1, 2, 3, 4, 9, 19, 39, 76):
            block = gpu_charts(scene, width, height)
            assert len(block.lines) <= height
            assert "\x1b" not in text_of(block)
            if name not in ("empty", "no-gpu"):
                assert all(width_of(line) <= width for line in block.lines if width >= 40)


@pytest.mark.parametrize(("width", "height"), [(80, 19), (156, 39), (300, 74)])
@pytest.mark.parametrize(("name", "count"), [("one", 1), ("four", 4), ("eight", 8), ("mig", 6), ("lost", 4)])
def test_every_gpu_has_its_four_first_quantities(name: str, count: int, width: int, height: int) -> None:
    rows = charts(name, width, height)
    wanted = ("DRAM", "tensor", "power", "memory") if (width, count) != (80, 8) else ("DRAM", "tensor")
    for quantity in wanted:
        assert sum(bool(re.search(rf"(^|  ){quantity} ", row)) for row in rows if "H200" not in row) == count


def test_present_values_have_units_and_limits() -> None:
    text = "\n".join(charts("one"))
    for said in ("DRAM         60.0 %", "power         400 W", "memory        128 GiB", "PCIe         0.30 GB/s"):
        assert said in text
    assert "limit   700 W" in text
    assert "of   140 GiB" in text
    assert "NVLink" not in text, "one GPU has no peers"


def test_eight_gpus_on_a_small_screen_have_a_strip_each_and_their_power_in_words() -> None:
    rows = charts("eight", 80, 19)
    assert [row.split()[0] for row in rows[0:16:2]] == [str(n) for n in range(8)]
    assert all("▄" in row and "tensor" in row for row in rows[1:16:2])
    assert "power 400/700 W" in rows[0]
    assert "0:00" in rows[16]


def test_more_gpus_than_lines_scroll() -> None:
    scene = look(SESSIONS["forty"])
    first, last = gpu_charts(scene, 80, 19), gpu_charts(look(SESSIONS["forty"], row=39), 80, 19)
    assert text_of(first).split()[0] == "0"
    assert line_text(first.corner) == "1–18 of 40"
    assert line_text(last.corner) == "23–40 of 40"
    assert text_of(last).splitlines()[17].split()[0] == "39"


def test_instances_stand_beneath_their_gpu() -> None:
    assert [view.info.index for view in by_family(SESSIONS["mig"].gpus)] == [0, 3, 5, 1, 2, 4]
    rows = charts("mig", 100, 26)
    heads = [row for row in rows if "H200" in row]
    assert heads[1].startswith("└ 3 H200 MIG 3g.71gb instance 3")
    assert "power     – W" in rows[rows.index(heads[1]) + 2], "power stays with the whole GPU"


def test_an_instance_without_its_gpu_stands_by_itself() -> None:
    alone = [view for view in SESSIONS["mig"].gpus if view.info.index in (2, 3)]
    assert [view.info.index for view in by_family(alone)] == [2, 3]


def test_a_lost_gpu_says_so_in_its_place_and_keeps_its_past() -> None:
    rows = charts("lost")
    at = next(n for n, row in enumerate(rows) if row.startswith("2 H200"))
    assert rows[at].rstrip() == "2 H200  ✗ GPU is lost: reset it, or restart the machine"
    past, present = rows[at + 2][23:43], rows[at + 2][43:60]
    assert "█" in past
    assert present.strip() == "", "since it was lost there is a gap"
    assert "DRAM            – %" in rows[at + 1]
    assert rows[at + 9].startswith("3 H200") or any(row.startswith("3 H200") for row in rows)


def test_a_lost_gpu_on_one_line_says_so_too() -> None:
    rows = text_of(gpu_charts(look(SESSIONS["lost"]), 80, 4)).splitlines()
    assert any("✗ GPU is lost" in row for row in rows)


def test_throttling_and_memory_errors_are_said_in_words() -> None:
    head = next(row for row in charts("lost") if row.startswith("1 H200"))
    assert "! throttled by power 60% (so far power 35 s)" in head
    for said in ("! row remap pending: reset the GPU", "! ECC uncorrected 2", "remapped rows 1", "HBM 91 °C"):
        assert said in head
    assert "low use" not in head
    assert any(row.startswith("0 H200  not throttled") for row in charts("lost"))


def test_counters_that_are_missing_are_dashes_with_the_reason() -> None:
    block = gpu_charts(look(SESSIONS["uncounted"]), 80, 19)
    assert "no counters: GPM needs Hopper or newer" in line_text(block.corner)
    assert "DRAM            – %" in text_of(block)
    strip = text_of(block).splitlines()[1][23:70]
    assert strip.strip() == ""


def test_why_no_gpu_can_be_read_is_said() -> None:
    assert "no NVIDIA driver on this host" in text_of(gpu_charts(look(SESSIONS["no-gpu"]), 156, 39))


def test_stale_values_are_dim_and_dated() -> None:
    old = tuple(replace(view, age_s=12.0) for view in SESSIONS["one"].gpus)
    block = gpu_charts(look(replace(SESSIONS["one"], gpus=old)), 156, 39)
    assert "12 s old" in line_text(block.lines[0])
    assert _role_of(block.lines, "400") == "dim"
    assert _role_of(gpu_charts(look(SESSIONS["one"]), 156, 39).lines, "400") == "value"


def _role_of(lines: tuple[Line, ...], text: str) -> str:
    return next(role for line in lines for said, role in line if said.strip() == text)


def test_rates_have_one_scale_for_all_gpus() -> None:
    events = sessions.working(2, 20)
    for sample in events[2:]:
        sample.gpus[1] = sessions.reading(1, 5, nvlink_tx_bytes_s=3e11, nvlink_rx_bytes_s=3e11)  # type: ignore[union-attr]
    rows = text_of(gpu_charts(look(sessions.of(events)), 80, 19)).splitlines()
    ends = [row.rstrip().split("┤")[-1].split()[-1] for row in rows if row.startswith("NVLink")]
    assert len(ends) == 2
    assert ends[0] == ends[1] == "600"


def test_columns_stay_where_they_are_as_time_passes() -> None:
    events = sessions.working(1, 60)
    at = [text_of(gpu_charts(look(sessions.of(events[: t + 1])), 80, 19)).splitlines()[5] for t in (40, 41)]
    assert at[0][23:70].rstrip() == at[1][23:70].rstrip()[: len(at[0][23:70].rstrip())]


def test_what_is_shown_says_its_span() -> None:
    title = line_text(gpu_charts(look(SESSIONS["one"], span_s=120), 156, 39).title)
    assert title == "GPU  last 2 min, a column is 3 s"


def test_the_view_has_room_for_it_everywhere() -> None:
    for width, height in ((60, 12), (80, 20), (160, 41)):
        (place,) = gpus.VIEW.arrange(width, height, look(SESSIONS["eight"]))
        assert (place.width, place.height) == (width, height)
    assert gpus.VIEW.rows(look(SESSIONS["eight"])) == 8


@pytest.mark.parametrize("now_s", [0.0, 59.0, 600.0, 7200.0, 1e6])
@pytest.mark.parametrize("span_s", [120, 600, None])
def test_cells_hold_the_span_and_now(now_s: float, span_s: int | None) -> None:
    cells = choose_cells(now_s, span_s, 50)
    end_s = cells.start_s + cells.width * cells.cell_s
    assert cells.start_s <= now_s < end_s
    assert cells.start_s % cells.cell_s == 0
    shown_s = now_s - cells.start_s
    assert shown_s >= 0.7 * min(now_s, span_s if span_s else now_s) - cells.cell_s


def test_a_gap_is_blank_zero_is_a_line_and_one_is_full() -> None:
    assert columns([None, 0.0, 0.5, 1.0, 2.0], 1) == [" ▁▄██"]
    assert columns([None, 0.0, 0.5, 1.0], 2) == ["   █", " ▁██"]
    assert bars([0.0, 1.0], 1) == [" █"]

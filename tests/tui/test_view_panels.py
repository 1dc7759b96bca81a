"""The panels of the views Regime, Levels and Events."""

from __future__ import annotations

from dataclasses import replace

import pytest
from msgspec import structs

from regime.scaling import Point, fit
from session.view import Efficiency, LevelView, LogLine, SourceView
from tests.tui import samples
from tests.tui.helpers import line_text, scene_of, text_of
from tui.levelorder import COLUMNS, SORTABLE, ordered
from tui.lines import width_of
from tui.panels.budget import budget
from tui.panels.errors import errors
from tui.panels.events import events
from tui.panels.leveldetail import level_detail
from tui.panels.leveltable import level_table
from tui.panels.predicted import predicted
from tui.panels.scaling import scaling_chart
from tui.panels.sources import sources
from tui.panels.start import is_start, start_lines
from tui.panels.verdict import verdict
from tui.scene import Look, Scene

LIVE = samples.live(1, 10)


def levels_scene(**more: object) -> Scene:
    return replace(scene_of(LIVE), look=Look(view="levels", **more))  # type: ignore[arg-type]


def row_of(text: str, word: str) -> str:
    return next(line for line in text.splitlines() if word in line)


def test_the_budget_has_both_sides_in_milliseconds() -> None:
    text = text_of(budget(scene_of(LIVE), 76, 12))
    found = LIVE.verdict
    assert found.measured_parts is not None
    assert found.modelled_parts is not None
    latency = found.measured_parts.of("latency")
    assert latency is not None
    assert latency.seconds is not None
    assert f"{latency.seconds * 1e3:.2f}" in row_of(text, "L latency")
    assert row_of(text, "L latency").rstrip().endswith("–"), "the model does not tell it apart"
    assert row_of(text, "R rest").split()[2:4] == ["–", "–"]
    assert "without" in text
    assert "roofline reached 61 %" in line_text(budget(scene_of(LIVE), 76, 12).corner)


def test_bars_of_the_budget_are_to_one_scale() -> None:
    block = budget(scene_of(LIVE), 100, 12)
    line = next(line for line in block.lines if "C compute" in line_text(line))
    filled = [len(text) for text, role in line if role == "compute" and "━" in text]
    parts = (LIVE.verdict.measured_parts, LIVE.verdict.modelled_parts)
    seconds = [part.seconds for parts in parts if parts and (part := parts.of("compute"))]
    assert len(filled) == 2
    assert (filled[0] > filled[1]) == ((seconds[0] or 0) > (seconds[1] or 0))


def test_a_budget_of_one_side_says_why_the_other_is_not_there() -> None:
    alone = replace(LIVE, verdict=replace(LIVE.verdict, modelled_parts=None))
    assert "modelled: cannot tell" in text_of(budget(scene_of(alone), 90, 14))
    nothing = replace(LIVE, verdict=samples.failing().verdict)
    text = text_of(budget(scene_of(nothing), 76, 12))
    assert "cannot tell: no DRAM counter was readable" in text or "without" in text
    assert "Idle" in text_of(budget(scene_of(samples.empty()), 76, 12))


def test_scaling_names_the_knee_and_its_interval() -> None:
    scaling = LIVE.scaling
    assert scaling is not None
    assert scaling.knee is not None
    text = text_of(scaling_chart(scene_of(LIVE), 76, 14))
    assert f"knee {scaling.knee:.0f}" in text
    assert f"95 %: {scaling.knee_low:.0f}–{scaling.knee_high:.0f}" in text
    assert text.count("•") == len(scaling.points)
    assert "twice the batch: " in text
    assert "levels of different batch are needed" in text_of(scaling_chart(scene_of(samples.empty()), 76, 14))


def test_a_scaling_without_knee_says_so_and_draws_none() -> None:
    flat = fit([Point(n, 0.005 + 0.0001 * (n % 3), 1e-5) for n in (1, 2, 4, 8)])
    text = text_of(scaling_chart(scene_of(replace(LIVE, scaling=flat)), 76, 14))
    assert "no knee up to batch 8" in text
    assert "┊" not in text


def test_predictions_stand_beside_what_was_measured() -> None:
    known = samples.known()
    text = text_of(predicted(scene_of(known), 76, 12))
    assert len(text.splitlines()) == 1 + len(known.levels)
    assert "%" in row_of(text, " 64 ")
    assert "fitted to" in line_text(predicted(scene_of(known), 76, 12).corner)
    why = text_of(predicted(scene_of(LIVE), 76, 12))
    assert why.startswith("nothing is foreseen: the GPU's peaks are not known")


def test_the_table_has_percentiles_and_energy_at_160() -> None:
    spent = Efficiency(1, 206.0, 444.0, 0.46)
    rows = tuple(replace(level, efficiency=spent) for level in LIVE.levels)
    scene = replace(levels_scene(), snapshot=replace(LIVE, levels=rows))
    lines = text_of(level_table(scene, 156, 20)).splitlines()
    assert [name for name in ("TTFT ms", "TPOT ms", "ITL ms", "E2E ms") if name in lines[0]]
    assert lines[1].split()[:5] == ["load", "time", "tok/s", "±%", "req/s"]
    assert "444  0.46" in lines[2]
    assert "~128" in row_of(text_of(level_table(scene, 156, 20)), "~128")
    for width in range(36, 240):
        for line in level_table(scene, width, 20).lines:
            assert width_of(line) <= width, (width, line_text(line))


def test_narrow_tables_keep_the_rate_the_interval_and_the_verdict() -> None:
    text = text_of(level_table(levels_scene(), 76, 20))
    assert "tok/s" in text
    assert "±%" in text
    assert "M memory" in text
    assert "…" not in text


def test_goodput_has_a_column_where_there_are_bounds() -> None:
    assert "good" not in text_of(level_table(levels_scene(), 156, 20))
    header = structs.replace(LIVE.header, slo={"ttft": 0.5})
    scene = replace(levels_scene(), snapshot=replace(LIVE, header=header))
    assert "good" in text_of(level_table(scene, 156, 20))


def loads(found: list[LevelView]) -> list[int]:
    return [level.concurrency for level in found]


def test_the_order_is_by_the_chosen_column_and_the_unknown_is_last() -> None:
    rows = (*LIVE.levels[:3], replace(LIVE.levels[3], rates=samples.empty().rates))
    assert loads(ordered(rows, Look())) == [1, 2, 4, 8]
    assert loads(ordered(rows, Look(descending=True))) == [8, 4, 2, 1]
    assert loads(ordered(rows, Look(sort="tok/s"))) == [1, 2, 4, 8]
    assert loads(ordered(rows, Look(sort="tok/s", descending=True))) == [4, 2, 1, 8]
    assert loads(ordered(rows, Look(sort="no such column"))) == [1, 2, 4, 8]


@pytest.mark.parametrize("name", SORTABLE)
def test_every_column_sorts_and_is_marked_where_it_is_shown(name: str) -> None:
    for descending in (False, True):
        scene = levels_scene(sort=name, descending=descending)
        block = level_table(scene, 250, 20)
        assert f"sorted by {name} {'↓' if descending else '↑'}" in line_text(block.title)
        assert len(ordered(LIVE.levels, scene.look)) == len(LIVE.levels)
    column = next((one for one in COLUMNS if one.name == name and one.name != "goodput"), None)
    if column:
        assert any(role == "accent" and column.head in text for text, role in block.lines[1])


def test_a_table_that_is_too_low_shows_the_rows_about_the_chosen_one() -> None:
    block = level_table(levels_scene(row=2), 156, 5)
    assert "1–3 of 10" in line_text(block.corner) or "2–4 of 10" in line_text(block.corner)
    assert any(line_text(line).startswith("›") for line in block.lines)


def test_the_detail_says_trust_server_and_advice() -> None:
    scene = levels_scene(row=7)
    text = text_of(level_detail(scene, 76, 20))
    assert "throughput rose by 12 % over the level" in text
    assert "batch 124, step 7.14 ms" in text
    low = text_of(level_detail(levels_scene(row=0), 76, 20))
    assert "changed by 0.4 % over the level; 95 %: 191 to 195 tok/s; 1.50 s of warm-up left out" in " ".join(
        low.split()
    )
    assert "raise the concurrency" in low
    assert "once it ran a few seconds" in text_of(level_detail(scene_of(samples.empty()), 76, 20))
    assert not level_detail(scene_of(samples.empty()), 76, 0).lines


def test_a_long_event_is_shown_in_full_when_it_is_chosen() -> None:
    text = "the server answered 500: " + "a very long reason " * 10
    snap = replace(LIVE, log=(*LIVE.log, LogLine(190.0, "error", text)))
    shown = text_of(events(scene_of(snap), 76, 20))
    assert " ".join(shown.split("─" * 76)[1].split()) == text.strip()
    assert "1 error" in line_text(events(scene_of(snap), 76, 20).title)
    first = text_of(events(replace(scene_of(snap), look=Look(view="events", row=1)), 76, 20))
    assert "─" * 76 not in first, "its row has room for it"


def test_kinds_of_events_are_in_words() -> None:
    text = text_of(events(scene_of(samples.failing()), 76, 20))
    assert "✗ error" in text
    assert "! warning" in text
    assert "✎ note" in text
    assert "3 lines of the recording not readable" in line_text(events(scene_of(samples.failing()), 76, 20).corner)


def test_errors_are_counted_by_kind_the_most_frequent_first() -> None:
    lines = text_of(errors(scene_of(samples.failing()), 60, 8)).splitlines()
    assert lines[0].split() == ["✗", "31", "timeout", "last", "3:01,", "4", "s", "ago"]
    assert lines[1].strip() == "→ more --timeout, or fewer in flight"
    assert lines[2].split()[:5] == ["✗", "4", "http", "[/x]", "500"]
    assert lines[3].strip() == "boom next gnirts"
    assert text_of(errors(scene_of(LIVE), 60, 8)) == f"none in {LIVE.requests:,} requests"


def test_sources_say_their_age_and_why_they_are_missing() -> None:
    views = {
        "gpus": SourceView("gpus", False, "no NVIDIA driver", None),
        "metrics": SourceView("metrics", True, None, 42.0),
        "server": SourceView("server", None, None, None),
    }
    block = sources(scene_of(replace(LIVE, sources=views)), 60, 8)
    lines = text_of(block).splitlines()
    assert lines == [
        "✗ gpus      missing  ",
        "  no NVIDIA driver",
        "✓ metrics   answers  42 s old",
        "· server    waiting  ",
    ]
    assert ("42 s old", "warn") in block.lines[2]


def test_first_lines_fit_and_go_when_there_is_something_to_see() -> None:
    start = scene_of(samples.empty())
    assert is_start(start)
    assert len(start_lines(start)) == 3
    assert max(map(width_of, start_lines(start))) <= 60
    assert "starts load" in text_of(verdict(start, 60, 4))
    assert not is_start(scene_of(LIVE))
    assert not is_start(replace(start, target=1.0))

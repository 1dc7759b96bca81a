from __future__ import annotations

from dataclasses import replace

import pytest
from msgspec import structs

from session.events import GpuReading
from session.view import Goodput, GpuView, ServerView, Snapshot, SourceView, TraceView, Trust
from tests.tui import samples
from tests.tui.helpers import line_text, scene_of, text_of
from tui.board import paint
from tui.draw.frame import Frame
from tui.layout import Place
from tui.lines import width_of
from tui.panels.footer import footer
from tui.panels.gpus import gpus
from tui.panels.header import header
from tui.panels.latency import latency
from tui.panels.levelchart import comparable, levelchart
from tui.panels.levels import levels
from tui.panels.message import message
from tui.panels.server import server
from tui.panels.throttle import throttle_reasons
from tui.panels.tiles import tiles
from tui.panels.timechart import choose_window, timechart
from tui.panels.verdict import verdict
from tui.scene import Scene, Tape
from tui.views.registry import PAINTS

SNAPSHOTS = {
    "live": samples.live(8),
    "empty": samples.empty(),
    "failing": samples.failing(),
    "simulated": samples.simulated(),
    "no-gpu": samples.no_gpu(),
}


@pytest.mark.parametrize("panel", list(PAINTS))
@pytest.mark.parametrize("name", list(SNAPSHOTS))
def test_every_panel_draws_at_every_size(panel: str, name: str) -> None:
    scene = scene_of(SNAPSHOTS[name])
    for width in (0, 1, 7, 30, 56, 80, 156, 300):
        for height in (0, 1, 2, 5, 12):
            block = PAINTS[panel](scene, width, height)
            assert "\x1b" not in text_of(block)
            assert "\n" not in "".join(line_text(line) for line in block.lines)


def test_hostile_server_text_is_shown_flat() -> None:
    snap = replace(samples.failing(), model="[/x]\x1b[2Jevil\nmodel", server_version="\u202e0.1")
    assert "[/x]evil model" in text_of(header(scene_of(snap), 200, 1))
    assert "✗ HTTP 500 [/x] boom next gnirts" in text_of(message(scene_of(snap), 80, 1))
    assert "http-500 [/x] 4" in text_of(tiles(scene_of(snap), 250, 3))


def test_unknown_is_a_dash_and_never_zero() -> None:
    text = text_of(latency(scene_of(samples.empty()), 80, 6))
    assert "–" in text
    assert "0" not in text.replace("last 10 s", "").replace("p50", "").replace("p90", "")
    bare = GpuView(samples.live().gpus[0].info, GpuReading(index=0))
    row = text_of(gpus(scene_of(replace(samples.live(), gpus=(bare,))), 150, 2)).splitlines()[1]
    assert "0 %" not in row
    assert row.count("–") >= 7


def test_header_keeps_banners_when_narrow() -> None:
    snap = replace(samples.failing(), simulated=True, paused=True, concurrency=0)
    scene = scene_of(snap, tape=Tape(60, 185, True, 2.0), frozen=True)
    for width in (60, 80, 160):
        line = header(scene, width, 1).lines[0]
        assert width_of(line) == width
        for banner in ("SIMULATED", "REPLAY", "FROZEN", "PAUSED", "CLIENT-BOUND") if width > 60 else ("SIMULATED",):
            assert banner in line_text(line)
    assert "▶ 1:00 / 3:05 ×2" in line_text(header(scene, 160, 1).lines[0])


def test_lost_load_workers_are_a_banner() -> None:
    snap = replace(samples.live(), client=replace(samples.live().client, lost=2))
    assert "2 LOAD WORKERS LOST" in text_of(header(scene_of(snap), 80, 1))


def test_tiles_show_target_typed_digits_and_errors() -> None:
    scene = scene_of(samples.live(), typed="16")
    assert "→ 16⏎" in text_of(tiles(scene, 156, 3))
    assert "→ 16⏎" in text_of(tiles(scene, 80, 3))
    text = text_of(tiles(scene_of(samples.failing()), 156, 3))
    assert "19.2k tok/s" in text
    assert "35" in text
    assert all(width_of(line) == 156 for line in tiles(scene, 156, 3).lines)


def test_tables_never_cut_numbers() -> None:
    for width in (56, 63, 80):
        text = text_of(latency(scene_of(samples.live(1, 10)), width, 6))
        assert "…" not in text
        assert "6498" in text
    assert "…" not in text_of(levels(scene_of(samples.live(1, 10)), 80, 12))


def test_server_says_why_it_has_no_metrics() -> None:
    snap = samples.empty()
    assert "waiting for the server's metrics" in text_of(server(scene_of(snap), 60, 3))
    down = replace(samples.live().sources["metrics"], ok=False, reason="/metrics answers 404")
    assert "404" in text_of(server(scene_of(replace(snap, sources={"metrics": down})), 60, 3))


def test_stale_values_are_dimmed_and_dated() -> None:
    old = replace(samples.live(), server=replace(samples.live().server, age_s=12.0))
    block = server(scene_of(old), 80, 1)
    assert line_text(block.corner) == "12 s old"
    assert {role for _, role in block.lines[0]} <= {"dim", "text"}
    card = replace(samples.live().gpus[0], age_s=40.0)
    table = gpus(scene_of(replace(samples.live(), gpus=(card,))), 150, 2)
    assert line_text(table.corner) == "40 s old"
    assert {role for _, role in table.lines[1]} <= {"dim", "text", "track"}


def test_gpus_say_why_there_are_none() -> None:
    assert "no NVIDIA driver" in text_of(gpus(scene_of(samples.no_gpu()), 80, 2))
    assert "waiting for the GPUs" in text_of(gpus(scene_of(samples.empty()), 80, 2))


def test_a_lost_gpu_says_why_in_its_row_and_is_counted_in_the_summary() -> None:
    cards = samples.live(8).gpus
    why = "lost (fell off the bus)\x1b[2J: see dmesg"
    views = (replace(cards[0], reading=GpuReading(index=0, missing=why)), *cards[1:])
    scene = scene_of(replace(samples.live(8), gpus=views))
    rows = text_of(gpus(scene, 150, 9)).splitlines()
    assert "lost (fell off the bus): see dmesg" in rows[1]
    assert "DRAM" not in rows[1]
    assert "1 missing" in text_of(gpus(scene, 150, 2))


def test_throttled_time_is_shown_as_a_share_and_low_use_is_no_throttling() -> None:
    card = samples.live().gpus[0]
    reading = GpuReading(index=0, throttle=4, throttled_pct={"power": 43.2, "low use": 90.0, "HW heat": 0.0})
    shown = text_of(gpus(scene_of(replace(samples.live(), gpus=(replace(card, reading=reading),))), 150, 2))
    assert "power 43%" in shown
    assert "low use" not in shown


def test_hbm_and_hosts_have_a_place_where_they_are_known() -> None:
    cards = samples.live(2).gpus
    hot = structs.replace(cards[0].reading, hbm_temp_c=88.0)
    views = (
        replace(cards[0], reading=hot, info=structs.replace(cards[0].info, host="node-a")),
        replace(cards[1], info=structs.replace(cards[1].info, host="node-b")),
    )
    head, first, second = text_of(gpus(scene_of(replace(samples.live(2), gpus=views)), 200, 3)).splitlines()[-3:]
    assert "HBM °C" in head
    assert "88" in first
    assert ("node-a" in first, "node-b" in second) == (True, True)


def test_a_source_that_delivers_badly_says_so_beside_the_gpus() -> None:
    words = "figures over 5 s old: start the exporter with -c 1000 (gpu1:9400)"
    old = replace(samples.live().gpus[0], age_s=28.0)
    snap = replace(samples.live(), gpus=(old,), sources={"gpus": SourceView("gpus", True, words, 0.5)})
    assert line_text(gpus(scene_of(snap), 78, 2).corner) == words
    assert "28 s" in line_text(gpus(scene_of(snap), 60, 2).corner)


def test_another_kind_of_server_is_named_and_wide_screens_show_its_own_latency() -> None:
    view = replace(samples.live().server, kind="SGLang", ttft_p50_s=0.123, queue_s=0.045)
    scene = scene_of(replace(samples.live(), server=view))
    assert "Server (SGLang)" in line_text(server(scene, 90, 4).title)
    shown = text_of(server(scene, 90, 4))
    assert "123" in shown
    assert "45" in shown
    assert "123" not in text_of(server(scene, 56, 4))


def test_gpus_are_summed_up_where_rows_do_not_fit() -> None:
    text = text_of(gpus(scene_of(samples.live(8)), 80, 2))
    assert "8× H200" in text
    assert "DRAM 42–45 %" in text
    table = text_of(gpus(scene_of(samples.live(8, 10)), 150, 9))
    assert table.count("SW power cap") == 8
    assert "685/700" in table


def test_throttle_reasons_are_named_and_idle_is_none() -> None:
    assert throttle_reasons(None) is None
    assert throttle_reasons(0x1) == ""
    assert throttle_reasons(0x4 | 0x40) == "SW power cap, HW thermal"
    assert throttle_reasons(0x88, short=True) == "HW slow, brake"


def test_verdict_shows_shares_reasons_and_abstains() -> None:
    text = text_of(verdict(scene_of(samples.live()), 90, 7))
    assert "C compute 42 %" in text
    assert "W weights 38 %  K KV 4 %" in text
    assert "without C ≤1.7×" in text
    assert "measured" in text
    assert "modelled" in text
    assert "weights 16.1 GB" in text
    block = verdict(scene_of(samples.failing()), 90, 7)
    assert "cannot tell: no DRAM counter" in text_of(block)
    assert "kv-capacity" in line_text(block.corner)
    assert "modelled" in text_of(verdict(scene_of(samples.no_gpu()), 80, 4))


def test_verdict_in_two_lines_keeps_the_bar() -> None:
    lines = verdict(scene_of(samples.live()), 76, 2).lines
    assert line_text(lines[0]).startswith(" C ")
    assert "W weights" in line_text(lines[1])


def test_level_chart_marks_points_by_their_limiter() -> None:
    text = text_of(levelchart(scene_of(samples.live(1, 10)), 76, 12))
    assert text.count("M") == 8
    assert text.count("C") == 2
    assert "512" in text.splitlines()[-1]
    assert "one point for each level" in text_of(levelchart(scene_of(samples.empty()), 76, 12))
    assert text_of(levelchart(scene_of(samples.live(1, 1)), 76, 12)).count("M") == 1


def test_only_levels_of_the_same_lengths_are_compared() -> None:
    rows = samples.live().levels
    other = replace(rows[0], prompt_tokens=2048)
    again = replace(rows[1], number=40)
    found = comparable((*rows, other, again), 512, 128)
    assert len(found) == len(rows)
    assert found[1].number == 40
    mixed = replace(samples.live(), levels=(rows[0], other))
    assert "2048→128" in text_of(levels(scene_of(mixed), 90, 5))


def open_loop() -> Snapshot:
    """The ramp of the samples as one over rates, of which most requests were good."""
    live = samples.live(1, 10)
    rows = tuple(replace(row, mode="open", rate_s=row.concurrency / 2, concurrency=0) for row in live.levels)
    return replace(
        live, levels=rows, level=rows[-1], mode="open", rate_s=256.0, concurrency=0, goodput=Goodput(0.873, 120.0)
    )


def test_an_open_loop_shows_its_rate_and_what_was_good() -> None:
    scene = Scene(snapshot=open_loop(), target=256.0, mode="open")
    wide, narrow = (text_of(tiles(scene, width, 3)) for width in (160, 80))
    for text in (wide, narrow):
        assert "256" in text
        assert "onc" not in text
        assert "87" in text
        assert "good" in text
    table = text_of(levels(scene, 160, 12))
    assert "load" in table
    assert "0.5/s" in table
    chart = levelchart(scene, 76, 12)
    assert "By requests/s" in line_text(chart.title)
    assert "0.5" in text_of(chart)
    assert not comparable(scene.snapshot.levels, 512, 128), "rates and concurrencies share no axis"


def test_levels_say_which_are_to_be_taken_with_care() -> None:
    scene = scene_of(samples.live())
    table = levels(scene, 156, 12)
    rows = [line_text(line) for line in table.lines]
    assert "±%" in rows[0]
    assert " 1.0 " in rows[1]
    assert rows[8].lstrip().startswith("~ 128")
    assert rows[9].lstrip().startswith("?▶ 256")
    assert " – " in rows[9], "no interval yet"
    assert line_text(table.title).endswith("~ not steady  ? steady unknown")
    short = replace(samples.level(0, 1), trust=Trust(short=True, reason="too short"))
    narrow = levels(scene_of(replace(samples.live(), levels=(short,))), 56, 4)
    assert "! 1 " in line_text(narrow.lines[1])
    assert "! with warm-up" in line_text(narrow.title)


def test_the_level_chart_marks_them_too() -> None:
    """A terminal of 80x24 has room for the chart and none for the table."""
    chart = levelchart(scene_of(samples.live()), 76, 8)
    assert "~128" in text_of(chart)
    assert "~ not steady" in line_text(chart.corner)
    plain = replace(samples.live(), levels=samples.live().levels[:7])
    assert line_text(levelchart(scene_of(plain), 76, 8).corner) == "512→128 tok"


def test_goodput_has_a_column_where_there_are_bounds() -> None:
    assert "good%" not in text_of(levels(scene_of(samples.live()), 156, 12))
    row = replace(samples.level(3, 1), goodput=Goodput(0.873, 10.0))
    bounded = replace(samples.live(), levels=(row,), header=structs.replace(samples.HEADER, slo={"ttft": 0.5}))
    for width in (80, 156):
        text = text_of(levels(scene_of(bounded), width, 12))
        assert "good%" in text
        assert " 87 " in text


def test_time_chart_marks_levels_and_leaves_gaps() -> None:
    text = text_of(timechart(scene_of(samples.live()), 90, 10))
    assert all(str(n) in text.splitlines()[0] for n in (1, 64, 256))
    assert "┊" in text
    assert "2:00" in text


def test_one_second_changes_only_the_newest_column() -> None:
    before = samples.live(1, 6)
    after = replace(
        before, now_s=before.now_s + 1, series=(*before.series, structs.replace(before.series[-1], t_s=125))
    )
    old, new = (text_of(timechart(scene_of(s), 150, 10)).splitlines() for s in (before, after))
    changed = [(a, b) for a, b in zip(old, new, strict=True) if a != b]
    assert sum(x != y for a, b in changed for x, y in zip(a, b, strict=True)) <= 3


def test_the_window_moves_in_leaps() -> None:
    starts = {choose_window(t, 120, 60).start_s for t in range(120, 240)}
    assert len(starts) <= 6
    for t in range(0, 4000, 7):
        window = choose_window(t, 600, 70)
        assert 0 <= window.dot(t) < 140
    assert choose_window(90_000, None, 70).dot_s >= 600


def test_one_stall_does_not_flatten_the_chart() -> None:
    snap = samples.live()
    stalled = replace(snap, series=(*snap.series[:-1], structs.replace(snap.series[-1], tpot_s=0.6)))
    top = text_of(timechart(scene_of(stalled), 90, 10)).splitlines()[0]
    assert top.rstrip().endswith("30+")


def test_message_line_puts_the_urgent_first() -> None:
    assert "press ] to start load" in text_of(message(scene_of(samples.empty()), 80, 1))
    dead = scene_of(samples.live(), problem="the engine died (signal 9)", flash="saved")
    assert "the engine died (signal 9)" in text_of(message(dead, 120, 1))
    assert "saved" in text_of(message(scene_of(samples.live(), flash="saved"), 80, 1))
    ended = replace(samples.live(), ended="quit")
    assert "the session ended: quit" in text_of(message(scene_of(ended), 80, 1))


def test_footer_fits_and_always_has_help_and_quit() -> None:
    for width in (40, 60, 80, 160):
        line = footer(scene_of(samples.live()), width, 1).lines[0]
        assert width_of(line) <= width
        assert line_text(line).endswith("? help  q quit")
    assert "faster" in text_of(footer(scene_of(samples.live(), tape=Tape(0, 9, False, 1)), 120, 1))


def test_an_idle_server_has_zeros_and_no_gauge_of_nothing() -> None:
    snap: Snapshot = replace(samples.live(), server=ServerView(age_s=0.1, running=0.0, waiting=0.0, engines=2))
    block = server(scene_of(snap), 60, 4)
    assert "running" in text_of(block)
    assert line_text(block.corner) == "2 engines"


def test_every_part_of_a_step_has_a_letter_so_that_no_colour_is_needed() -> None:
    text = text_of(verdict(scene_of(samples.live()), 120, 9))
    measured, modelled = (line for line in text.splitlines() if line.startswith("m"))
    assert all(f" {letter} " in measured for letter in "WCO")
    assert all(f" {letter} " in modelled for letter in "WCR")
    one = text_of(verdict(scene_of(samples.live()), 80, 4))
    assert "measured" in one
    assert "modelled" not in one, "a low panel has room for one bar"


def test_verdict_gives_advice_and_how_the_step_grows() -> None:
    early = samples.live(1, 5)
    text = text_of(verdict(scene_of(early), 120, 9))
    assert "→ weights are read for a batch of 16: raise the concurrency" in text
    assert "• scaling: 4.8" in text
    assert "ms × batch" in text
    assert "→" not in text_of(verdict(scene_of(samples.failing()), 120, 9))


def test_verdict_names_what_stands_beside_and_what_was_inferred() -> None:
    wide = verdict(scene_of(samples.live()), 140, 9)
    assert "power-capped · mixed" in line_text(wide.title)
    assert "max-num-seqs (inferred: 256)" in line_text(wide.corner)
    narrow = verdict(scene_of(samples.live()), 80, 4)
    assert line_text(narrow.title) == "Decode step · power-capped"
    for width in (80, 93, 120, 160):
        place = Place("verdict", 0, 0, width, 8, Frame.RULE)
        top = line_text(paint(place, scene_of(samples.live()))[0])
        assert "max-num-seqs (inferred: 256)" in top, "what stands beside never takes the corner's room"
        assert "power-capped" in top


def test_a_trace_shows_its_name_speed_and_progress() -> None:
    level = replace(samples.live().levels[0], mode="trace", concurrency=0, speed=2.0)
    snap = replace(
        samples.live(), mode="trace", concurrency=0, speed=2.0, level=level, levels=(level,),
        trace=TraceView("\x1b[2Jtoy-" + "n" * 60, 4000, 1200),
        series=tuple(structs.replace(point, concurrency=0, speed=2.0) for point in samples.live().series),
    )  # fmt: skip
    scene = replace(scene_of(snap, mode="trace"), target=2.0)
    assert "\x1b" not in text_of(header(scene, 200, 1))
    assert "toy-nnnnnn" in text_of(header(scene, 200, 1))
    assert "n" * 30 not in text_of(header(scene, 200, 1))
    for words in ("Trace speed", "×2", "1,200 of 4,000"):
        assert words in text_of(tiles(scene, 250, 3))
    assert "×2" in text_of(levels(scene, 150, 5))
    assert "By speed of the trace" in line_text(levelchart(scene, 80, 10).title)
    assert "×2" in text_of(timechart(scene, 120, 10))
    assert "+0.1" in text_of(footer(scene, 200, 1))
    assert "→ ×3" in text_of(tiles(replace(scene, typed="3"), 250, 3))
    assert "was ×2" in text_of(
        tiles(scene_of(replace(snap, speed=0.0, paused=True, resume_to=2.0), mode="trace"), 250, 3)
    )


def test_the_header_says_which_tool_measured_it() -> None:
    snap = samples.live()
    scene = scene_of(replace(snap, header=structs.replace(snap.header, target="", origin="vllm bench")))
    assert "by vllm bench" in line_text(header(scene, 160, 1).lines[0])
    assert " by " not in line_text(header(scene_of(snap), 160, 1).lines[0])

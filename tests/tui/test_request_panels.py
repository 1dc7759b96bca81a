from __future__ import annotations

from dataclasses import replace

import pytest

from session.events import Event, Level, Tick
from session.view import Snapshot
from tests.tui import samples, sessions
from tests.tui.helpers import line_text, scene_of, text_of
from tui.lines import width_of
from tui.panels.errors import errors
from tui.panels.histograms import histograms
from tui.panels.requesttable import listed, request_table, settled
from tui.panels.scatter import scatter
from tui.panels.slowest import slowest
from tui.scene import Look, Scene
from tui.views import requests

ONE: list[Event] = [Level(t_s=0.0, concurrency=1), sessions.request(2.0)]
DEAD: list[Event] = [Level(t_s=0.0, concurrency=1), *(sessions.failed(1.0 + t) for t in range(9))]
SESSIONS = {
    "empty": sessions.of([]),
    "one": sessions.of(ONE),
    "all-errors": sessions.of(DEAD),
    "busy": sessions.of(sessions.served(errors=True)),
    "sample": samples.live(),
}
PANELS = (request_table, slowest, scatter, histograms, errors)


def look(snapshot: Snapshot, sort: str | None = None, **more: object) -> Scene:
    return scene_of(snapshot, look=Look(view="requests", sort=sort, **more), span_s=120)  # type: ignore[arg-type]


@pytest.mark.parametrize("name", list(SESSIONS))
@pytest.mark.parametrize("sort", [None, *requests.VIEW.columns])
def test_every_panel_draws_at_every_size(name: str, sort: str | None) -> None:
    scene = look(SESSIONS[name], sort)
    for panel in PANELS:
        for width in (0, 1, 7, 30, 56, 80, 156, 300):
            for height in (0, 1, 2, 3, 5, 12, 40):
                block = panel(scene, width, height)
                assert len(block.lines) <= height
                for line in block.lines:
                    assert not set("\x1b\n\u202e\x07") & set(line_text(line))


def test_the_newest_request_is_last_and_says_all() -> None:
    rows = text_of(request_table(look(sessions.of(ONE)), 100, 5)).splitlines()
    assert rows[0].split() == ["ended", "load", "TTFT", "ms", "TPOT", "ms", "E2E", "s", "prompt", "output", "answer"]
    assert rows[1].split() == ["0:02.0", "1", "100", "9.00", "1.00", "128", "101", "ok"]


def test_a_queue_has_a_column_where_there_is_one() -> None:
    event = sessions.request(2.0, queue_s=0.25)
    level = Level(t_s=0.0, concurrency=0, mode="open", rate=2.5)
    text = text_of(request_table(look(sessions.of([level, event])), 120, 5))
    assert "queue ms" in text
    assert text.splitlines()[1].split()[:3] == ["0:02.0", "2.5/s", "250"]


def test_what_is_not_known_is_a_dash() -> None:
    row = text_of(request_table(look(sessions.of(DEAD)), 120, 3)).splitlines()[1]
    assert row.split()[2:7] == ["–"] * 5
    assert "✗ http 500: boom [/x] red next gnirts" in row


def test_counted_chunks_are_told_from_tokens() -> None:
    events: list[Event] = [Level(t_s=0.0, concurrency=1), sessions.request(2.0, counted=False)]
    assert "~101" in text_of(request_table(look(sessions.of(events)), 100, 3))


def test_a_cancelled_request_is_no_error() -> None:
    snapshot = sessions.of([Level(t_s=0.0, concurrency=1), sessions.failed(2.0, "cancelled", None, None)])
    assert "– cancelled" in text_of(request_table(look(snapshot), 100, 3))
    assert text_of(errors(look(snapshot), 100, 3)) == "none"


@pytest.mark.parametrize(("sort", "key"), [("E2E", "last_s"), ("TTFT", "ttft_s"), ("tokens", "output_tokens")])
def test_the_list_is_sorted_and_turned(sort: str, key: str) -> None:
    snapshot = SESSIONS["busy"]
    values = [getattr(row.request, key) or 0 for row in listed(look(snapshot, sort))]
    assert values == sorted(values)
    assert len(values) > 10
    turned = [getattr(row.request, key) or 0 for row in listed(look(snapshot, sort, descending=True))]
    assert turned == values[::-1]


def test_the_title_says_whose_slowest_they_are() -> None:
    scene = look(SESSIONS["busy"], "TTFT")
    assert line_text(request_table(scene, 90, 9).title) == "Slowest requests  by TTFT, of level 1"
    assert line_text(slowest(scene, 60, 9).title) == "Slowest  by TTFT, of level 1 (load 4)"
    assert line_text(slowest(look(SESSIONS["busy"]), 60, 9).title) == "Slowest  by E2E, of level 1 (load 4)"


def test_a_chosen_row_is_marked_and_on_the_screen() -> None:
    lines = text_of(request_table(look(SESSIONS["busy"], row=3), 100, 8)).splitlines()
    assert [line for line in lines if line.startswith("▶")] == [lines[4]]
    assert "0:28.7" in lines[4], "the fourth of the 128 that are kept"


def test_a_list_that_runs_moves_once_a_second() -> None:
    events: list[Event] = [Level(t_s=0.0, concurrency=50), *(sessions.request(1 + n / 50) for n in range(300))]
    found = sessions.of(events)
    early, later = (settled(found.finished, t) for t in (6.3, 6.9))
    assert early == later
    assert early[-1].request.t_s == pytest.approx(6.0)
    slow = sessions.of(list(sessions.served(20, per_s=2)))
    assert settled(slow.finished, slow.now_s) == slow.finished.latest


def test_a_list_that_outruns_what_is_kept_is_not_empty() -> None:
    events: list[Event] = [Level(t_s=0.0, concurrency=50), *(sessions.request(5.01 + n / 9000) for n in range(900))]
    found = sessions.of(events)
    assert settled(found.finished, 5.5) == found.finished.latest


def test_errors_are_counted_dated_and_quoted() -> None:
    block = errors(look(SESSIONS["busy"]), 120, 5)
    http, timeout = (line for line in text_of(block).splitlines() if "✗" in line)
    assert http.split()[:4] == ["✗", "3", "http", "500"]
    assert "last 0:45, 15 s ago  boom [/x] red" in http
    assert timeout.split()[:3] == ["✗", "3", "timeout"]
    assert line_text(block.corner) == "6 of 232 requests, 2.6 %"


def test_more_kinds_than_lines_are_counted() -> None:
    events: list[Event] = [Level(t_s=0.0, concurrency=1), *(sessions.failed(1.0, f"kind{n}", None) for n in range(9))]
    lines = text_of(errors(look(sessions.of(events)), 120, 4)).splitlines()
    assert len(lines) == 4
    assert lines[-1] == "and 6 kinds more"


def test_failures_are_crosses_and_dots_are_where_they_belong() -> None:
    block = scatter(look(SESSIONS["busy"]), 80, 12)
    rows = text_of(block).splitlines()
    assert "✗" in rows[0], "they took longer than any first token"
    assert "✗ failed" in line_text(block.corner)
    heights = [y for y, row in enumerate(rows[:-1]) if any("\u2800" < char <= "\u28ff" for char in row[7:12])]
    assert min(heights) > 5, "the first of them are fast, so low"
    assert "0:30" in rows[-1]


def test_a_stretch_without_requests_is_empty() -> None:
    events: list[Event] = [Level(t_s=0.0, concurrency=1)]
    events += [Tick(t_s=float(t), dt_s=1.0, ttft_s=[0.1]) for t in range(1, 61) if not 20 <= t < 40]
    rows = text_of(scatter(look(sessions.of(events)), 6 + 60, 10)).splitlines()[:-1]
    drawn = {x - 6 for row in rows for x, char in enumerate(row) if "\u2800" < char <= "\u28ff"}
    assert drawn == {t // 2 for t in range(60) if not 19 <= t < 39}


def test_a_point_of_the_scatter_stays_in_its_column() -> None:
    events = list(sessions.served(60))
    one, other = (text_of(scatter(look(sessions.of(events, now_s)), 80, 12)).splitlines()[5] for now_s in (60.0, 61.0))
    assert one == other


def test_a_distribution_is_marked_where_its_percentiles_are() -> None:
    text = text_of(histograms(look(SESSIONS["busy"]), 66, 20))
    assert "TTFT ▲p50   190  ○p90   455  ◆p99   579" in text
    axis = text.splitlines()[4]
    assert axis.index("▲") < axis.index("○") < axis.index("◆")
    assert "100" in axis


def test_a_distribution_says_whose_it_is() -> None:
    assert "level 1, steady part" in line_text(histograms(look(SESSIONS["busy"]), 66, 20).title)
    assert "level 1, warm-up included" in line_text(histograms(look(sessions.of(ONE)), 66, 20).title)


def test_one_value_is_one_column() -> None:
    rows = text_of(histograms(look(sessions.of(ONE)), 66, 20)).splitlines()
    ttft = [row.strip() for row in rows[1:4]]
    assert ttft == ["█"] * 3
    itl = rows[11:14]
    assert not any(row.strip() for row in itl), "no gap was seen, so nothing is drawn"


def test_everything_is_in_a_line_where_it_is_low() -> None:
    lines = histograms(look(SESSIONS["busy"]), 80, 4).lines
    assert [line_text(line)[:5].strip() for line in lines] == ["TTFT", "TPOT", "ITL", "E2E"]
    assert all(width_of(line) == 80 for line in lines)
    assert all("p99" in line_text(line) for line in lines)


def test_the_view_places_its_list_at_every_size() -> None:
    for snapshot in (*SESSIONS.values(), replace(samples.live(), gpus=())):
        for width, height in ((60, 12), (80, 20), (160, 41), (300, 76)):
            places = requests.VIEW.arrange(width, height, look(snapshot))
            assert "requests" in [place.panel for place in places]
            assert max(place.y + place.height for place in places) <= height


def test_what_to_do_is_said_where_there_is_room() -> None:
    refused = [sessions.failed(1.0, "connect", None, "Connection refused"), sessions.failed(2.0, "http_500", 500, "no")]
    found = look(sessions.of([Level(t_s=0.0, concurrency=1), *refused]))
    wide = text_of(errors(found, 120, 4))
    assert "→ is the server running at this address?" in wide
    assert "→ the server's log says why" in wide
    assert "http_500 500" not in wide
    assert "→" not in text_of(errors(found, 120, 2))
    assert "→ is the server running" in text_of(errors(found, 54, 8))

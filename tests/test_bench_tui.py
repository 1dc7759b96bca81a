"""What the screen's bench makes of bytes and recordings; running it is nobody's test."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

from bench.tui.load import write_load
from bench.tui.measures import Figures, Program, key_to_sign, measure, quantile
from bench.tui.rows import table, view_table
from bench.tui.stalling import compared
from bench.tui.terminal import Picture, Taken, Terminal, first_that_shows
from session.events import Metrics
from session.playback import fold_file
from session.recording import Reader

ECHO = """
import os, sys, termios, tty
tty.setcbreak(0)
def out(text): sys.stdout.write(text); sys.stdout.flush()
out("\\x1b[?2026$p\\x1b[2J\\x1b[Hready")
answer = os.read(0, 64)
out(" answered" if answer == b"\\x1b[?2026;2$y" else repr(answer))
on = False
while True:
    key = os.read(0, 1)
    on = not on
    out("\\x1b[2;1H" + ("FROZEN" if on else "      "))
"""


def test_the_load_is_the_same_every_time_and_counts_on(tmp_path: Path) -> None:
    first, second = tmp_path / "a", tmp_path / "b"
    begin_s = write_load(first, repeats=3)
    assert write_load(second, repeats=3) == begin_s
    assert first.read_bytes() == second.read_bytes()
    reader = Reader(first)
    events = reader.poll()
    reader.close()
    assert reader.unread == 0
    made = [event.engines["3"].generation_tokens or 0 for event in events if isinstance(event, Metrics)]
    assert made == sorted(made)
    state = fold_file(first)
    snapshot = state.snapshot()
    assert len(snapshot.gpus) == 8
    assert max(level.concurrency for level in snapshot.levels) == 1024
    top = next(level for level in snapshot.levels if level.concurrency == 1024)
    assert top.duration_s == pytest.approx(30.25, abs=0.5)
    assert top.requests > 10_000


def test_chunks_may_end_inside_a_character_and_hold_what_pyte_does_not_know() -> None:
    picture = Picture(20, 2)
    picture.feed(b"\x1b[>1u\x1b[?2048$p")
    for byte in "日本─x".encode():
        picture.feed(bytes([byte]))
    assert picture.screen.display[0].rstrip() == "日本─x"


def test_what_was_sent_is_counted_by_time() -> None:
    taken = Taken([(0.1, b"ab"), (0.5, b"cde"), (0.9, b"f")])
    assert taken.size(0.2, 0.9) == 3
    assert taken.size() == 6
    assert taken.first(0.2) == 0.5
    assert first_that_shows(taken, lambda text: "cd" in text) == (0.5, 5)
    assert first_that_shows(taken, lambda text: "x" in text) is None


def test_a_program_in_a_terminal_is_answered_and_its_keys_are_timed() -> None:
    with Terminal([sys.executable, "-c", ECHO], {"TERM": "xterm"}) as terminal:
        terminal.read_until_shown(lambda text: "ready answered" in text)
        delays = key_to_sign(terminal, "f", "FROZEN", 4, apart_s=0.2)
    assert len(delays) == 4
    assert all(0 <= delay < 1 for delay in delays)


def test_a_program_that_fails_says_why() -> None:
    program = Program("broken", [sys.executable, "-c", "print('no GPU here')"], {}, lambda text: True, ready_s=10.0)
    with pytest.raises(ChildProcessError, match="no GPU here"):
        measure(program, 0.1)


def test_what_is_beyond_its_target_is_marked() -> None:
    found: dict[str, Figures] = {"rooftop": {"busy_kb_s": 6.2, "idle_kb_s": 0.0}, "other": {"busy_kb_s": 34.0}}
    lines = table(found).splitlines()
    assert "| **6.2** | 34 |" in next(line for line in lines if "at work, kB/s" in line)
    assert "| 0 | 0 | – |" in next(line for line in lines if "at rest, kB/s" in line)


def test_a_change_is_told_from_what_runs_differ_by_anyway() -> None:
    assert compared("itl", [1.0, 1.01, 1.02], [1.11]) == pytest.approx(
        {"stall_itl_p99_pct": 9.9, "stall_itl_spread_pct": 0.99}, abs=0.01
    )
    assert compared("itl", [], [1.0]) == {"stall_itl_p99_pct": None, "stall_itl_spread_pct": None}
    figures: Figures = {
        "stall_ttft_p99_pct": -9.0, "stall_ttft_spread_pct": 2.0, "stall_itl_p99_pct": 3.0, "stall_itl_spread_pct": 7.0
    }  # fmt: skip
    lines = table({"rooftop": figures}).splitlines()
    assert next(line for line in lines if "TTFT" in line).endswith("| **-9** |")
    assert "cannot tell: 3, but runs without it differ by ± 7" in next(line for line in lines if "ITL" in line)


def test_every_view_has_a_row() -> None:
    lines = view_table({"gpus/busy_kb_s": 5.5, "gpus/idle_kb_s": 0.0}, ["overview", "gpus"]).splitlines()
    assert lines[2].startswith("| overview | – | – |")
    assert lines[3].startswith("| gpus | **5.5** | 0 |")


def test_quantiles_are_of_the_values() -> None:
    assert quantile([3.0, 1.0, 2.0], 0.5) == 2.0
    assert quantile([], 0.5) is None
    assert quantile([float(n) for n in range(101)], 0.99) == 99.0

"""The screen in a real terminal against the simulated server."""

from __future__ import annotations

import os
import re
import signal
import time
import urllib.request
from pathlib import Path

import pytest

from session.playback import fold_file
from tests.processes import alive, descendants, sim, wait_for
from tests.terminal import Terminal


def running(url: str) -> int:
    with urllib.request.urlopen(f"{url}/metrics") as answer:
        found = re.search(rb"^vllm:num_requests_running{.*} (\S+)$", answer.read(), re.MULTILINE)
    assert found
    return int(float(found[1]))


def test_four_brackets_reach_sixteen_and_q_leaves_a_recording_that_replays(tmp_path: Path) -> None:
    path = tmp_path / "a.rooftop"
    with sim() as url:
        with Terminal(tmp_path, [url, "-o", str(path)]) as screen:
            screen.wait_for("llama-3.1-8b")
            assert "SIMULATED" in screen.text()
            screen.press("]]]]]")
            pressed = time.monotonic()
            screen.wait_until(lambda: running(url) == 16)
            assert time.monotonic() - pressed < 1.0
            screen.wait_for("memory-bound")
            screen.press("q")
            screen.wait_for("Load is running")
            screen.press("y")
            assert screen.wait_exit() == 0
        wait_for(lambda: running(url) == 0)
    snapshot = fold_file(path).snapshot()
    assert [level.concurrency for level in snapshot.levels] == [16]
    assert snapshot.ended == "quit"
    with Terminal(tmp_path, ["replay", str(path)]) as replay:
        replay.wait_for("REPLAY")
        replay.wait_for("SIMULATED")
        replay.press("\x1b[F")
        replay.wait_for("memory-bound")
        replay.press("q")
        assert replay.wait_exit() == 0


def test_the_loop_is_opened_by_key_and_the_server_gets_the_rate(tmp_path: Path) -> None:
    path = tmp_path / "a.rooftop"
    with sim() as url, Terminal(tmp_path, [url, "-o", str(path), "--output-tokens", "16"]) as screen:
        screen.wait_for("llama-3.1-8b")
        screen.press("o=20\r")
        screen.wait_for("Rate")
        screen.wait_until(lambda: fold_file(path).snapshot().requests >= 20)
        screen.press(" ")
        screen.wait_for("PAUSED")
        screen.press("\x03\x03")  # the second answers the question, where requests are still in flight
        screen.wait_exit()
    level = fold_file(path).snapshot().levels[0]
    assert (level.mode, level.rate_s, level.concurrency, level.errors) == ("open", 20.0, 0, {})
    assert level.requests / level.duration_s == pytest.approx(20, rel=0.7)


def test_a_client_that_was_late_is_told_on_leaving(tmp_path: Path) -> None:
    with sim() as url, Terminal(tmp_path, [url, "--concurrency", "2"]) as screen:
        screen.wait_until(lambda: running(url) == 2)
        worker = descendants(screen.process.pid)["loadgen.worker"]
        until = time.monotonic() + 2.0
        while time.monotonic() < until:
            os.kill(worker, signal.SIGSTOP)
            time.sleep(0.03)  # the worker is late: this is what is tested
            os.kill(worker, signal.SIGCONT)
            time.sleep(0.02)
        screen.wait_for("CLIENT-BOUND")
        screen.press("q")
        screen.press("y")
        assert screen.wait_exit() == 0
        assert "client-bound at 2: rooftop itself was late" in screen.text()


def test_the_demo_ramps_by_itself_in_a_small_terminal(tmp_path: Path) -> None:
    with Terminal(tmp_path, ["demo", "--hold", "2s"], 80, 24) as screen:
        screen.wait_for("SIMULATED")
        screen.wait_for("memory")
        screen.resize(40, 10)
        screen.wait_for("40x10")
        screen.resize(80, 24)
        screen.wait_for("SIMULATED")
        screen.press("q")
        screen.press("y")
        assert screen.wait_exit() == 0


@pytest.mark.parametrize("way", ["hang up", "SIGTERM"])
def test_when_the_terminal_goes_away_the_load_stops_and_the_recording_is_complete(tmp_path: Path, way: str) -> None:
    path = tmp_path / "a.rooftop"
    with sim() as url, Terminal(tmp_path, [url, "-o", str(path), "--concurrency", "8"]) as screen:
        screen.wait_until(lambda: running(url) == 8)
        family = descendants(screen.process.pid)
        if way == "hang up":
            screen.hang_up()
        else:
            screen.process.kill(15)
            screen.wait_exit()
        asked = time.monotonic()
        wait_for(lambda: running(url) == 0)
        assert time.monotonic() - asked < 2.0
        wait_for(lambda: not any(alive(pid) for pid in (screen.process.pid, *family.values())))
    assert fold_file(path).snapshot().ended is not None


def test_a_killed_screen_leaves_a_complete_recording(tmp_path: Path) -> None:
    path = tmp_path / "a.rooftop"
    with sim() as url, Terminal(tmp_path, [url, "-o", str(path), "--concurrency", "8"]) as screen:
        screen.wait_until(lambda: running(url) == 8)
        family = descendants(screen.process.pid)
        screen.process.kill(9)
        wait_for(lambda: not any(alive(pid) for pid in family.values()))
    assert fold_file(path).snapshot().ended == "the screen went away"


def test_a_dead_engine_is_told_on_the_screen(tmp_path: Path) -> None:
    with sim() as url, Terminal(tmp_path, [url, "--concurrency", "8"]) as screen:
        screen.wait_until(lambda: running(url) == 8)
        os.kill(descendants(screen.process.pid)["engine"], 9)
        screen.wait_for("the engine died (signal 9)")
        screen.press("q")
        screen.press("y")
        assert screen.wait_exit() == 1


def test_no_server_is_a_state_that_the_screen_explains_and_gets_over(tmp_path: Path) -> None:
    with sim() as url:
        port = url.rsplit(":", 1)[1]
    with Terminal(tmp_path, [url, "--concurrency", "2"]) as screen:
        screen.wait_for("cannot reach")
        with sim("--port", port):
            screen.wait_until(lambda: running(url) == 2)
            screen.wait_for("llama-3.1-8b")
            screen.press("q")
            screen.press("y")
            assert screen.wait_exit() == 0

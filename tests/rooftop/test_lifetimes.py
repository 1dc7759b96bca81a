"""What is left when a process is killed, a terminal vanishes or a server dies."""

from __future__ import annotations

import os
import signal
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from session.playback import fold_file
from session.report import report
from tests.processes import ROOFTOP, alive, descendants, environment, sim, wait_for
from tests.recorded import text_of


@pytest.fixture
def loading(tmp_path: Path) -> Iterator[tuple[subprocess.Popen[bytes], Path]]:
    """A headless run that has been loading a simulated server for a while."""
    path = tmp_path / "a.rooftop"
    with sim() as url:
        process = subprocess.Popen(
            [*ROOFTOP, "run", url, "--concurrency", "8", "--hold", "60s", "--output-tokens", "64", "-o", str(path)],
            env=environment(tmp_path),
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
        )
        try:
            wait_for(lambda: text_of(path).count('"type":"request"') > 16)
            yield process, path
        finally:
            process.kill()
            process.communicate()


@pytest.mark.parametrize("victim", ["rooftop", "engine", "loadgen.worker"])
def test_kill_nine_loses_at_most_the_last_second(loading: tuple[subprocess.Popen[bytes], Path], victim: str) -> None:
    process, path = loading
    family = {"rooftop": process.pid} | descendants(process.pid)
    killed_at = time.monotonic()
    os.kill(family[victim], signal.SIGKILL)
    wait_for(lambda: not any(alive(pid) for name, pid in family.items() if name != "rooftop"), limit_s=10)
    header_clock_s = fold_file(path).header.clock_ns / 1e9
    snapshot = fold_file(path).snapshot()
    assert snapshot.now_s > killed_at - header_clock_s - 1.0
    assert snapshot.unread == 0
    level = report(snapshot)["levels"][0]
    assert level["concurrency"] == 8
    assert level["requests"] > 16
    assert level["output_tok_s"] > 0
    if victim == "loadgen.worker":
        assert any("load worker died (signal 9)" in line.text for line in snapshot.log)
    if victim == "rooftop":
        assert snapshot.ended == "the screen went away"


def test_a_dead_engine_is_one_clear_line(loading: tuple[subprocess.Popen[bytes], Path]) -> None:
    process, _ = loading
    os.kill(descendants(process.pid)["engine"], signal.SIGKILL)
    out, _ = process.communicate(timeout=20)
    assert process.returncode == 1
    assert b"the engine died (signal 9)" in out
    assert b"Traceback" not in out


def test_a_dead_load_worker_ends_the_run_with_one_clear_line(loading: tuple[subprocess.Popen[bytes], Path]) -> None:
    process, path = loading
    os.kill(descendants(process.pid)["loadgen.worker"], signal.SIGKILL)
    out, _ = process.communicate(timeout=20)
    assert process.returncode == 1
    assert b"rooftop: a load worker died" in out
    assert b"Traceback" not in out
    assert fold_file(path).snapshot().ended is not None


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP])
def test_a_signal_ends_the_load_within_two_seconds_and_completes_the_recording(
    loading: tuple[subprocess.Popen[bytes], Path], number: signal.Signals
) -> None:
    process, path = loading
    process.send_signal(number)
    asked = time.monotonic()
    out, _ = process.communicate(timeout=20)
    assert process.returncode == 1
    assert b"Traceback" not in out
    snapshot = fold_file(path).snapshot()
    assert snapshot.ended == f"stopped by {number.name}"
    assert snapshot.in_flight == 0
    last_load_s = max(level.started_s + level.duration_s for level in snapshot.levels)
    assert last_load_s + fold_file(path).header.clock_ns / 1e9 < asked + 2.0


def test_a_full_disk_is_one_clear_line_and_keeps_what_was_recorded(tmp_path: Path) -> None:
    """A limit on the file's size stands for the disk: both fail the write."""
    path = tmp_path / "a.rooftop"
    with sim() as url:
        words = " ".join(
            [*ROOFTOP, "run", url, "--concurrency", "8", "--hold", "60s", "--output-tokens", "32", "-o", str(path)]
        )
        done = subprocess.run(
            ["bash", "-c", f"trap '' XFSZ; ulimit -f 24; exec {words}"],
            env=environment(tmp_path), capture_output=True, text=True, timeout=60, check=False,
        )  # fmt: skip
    assert done.returncode == 1
    assert "the recording cannot be written on" in done.stderr
    assert "Traceback" not in done.stderr
    assert fold_file(path).snapshot().requests > 0


def test_a_server_that_dies_and_comes_back_is_loaded_again(tmp_path: Path) -> None:
    path = tmp_path / "a.rooftop"
    with sim() as url:
        port = url.rsplit(":", 1)[1]
        process = subprocess.Popen(
            [*ROOFTOP, "run", url, "--concurrency", "4", "--hold", "60s", "--output-tokens", "32", "-o", str(path)],
            env=environment(tmp_path), stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
        )  # fmt: skip
        wait_for(lambda: '"type":"request"' in text_of(path))
    wait_for(lambda: '"error":"connect"' in text_of(path))
    wait_for(lambda: '"source":"server","ok":false' in text_of(path))
    before = fold_file(path).snapshot().requests
    with sim("--port", port):
        wait_for(lambda: fold_file(path).snapshot().requests > before + 8)
        wait_for(lambda: text_of(path).count('"source":"server","ok":true') >= 2)
        process.send_signal(signal.SIGINT)
        process.wait(20)
    snapshot = fold_file(path).snapshot()
    assert set(snapshot.errors) <= {"connect", "cut", "reset"}
    assert snapshot.ended is not None


def test_no_secret_shows_in_the_list_of_processes(tmp_path: Path) -> None:
    path = tmp_path / "a.rooftop"
    with sim() as url:
        process = subprocess.Popen(
            [*ROOFTOP, "run", url, "--concurrency", "1", "--hold", "60s", "-o", str(path)],
            env=environment(tmp_path, ROOFTOP_API_KEY="sesame-key"),
            stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
        )  # fmt: skip
        family = wait_for(lambda: f if len(f := descendants(process.pid)) == 2 else None)
        words = b"".join(Path(f"/proc/{pid}/cmdline").read_bytes() for pid in (process.pid, *family.values()))
        process.send_signal(signal.SIGTERM)
        process.wait(20)
    assert b"sesame" not in words

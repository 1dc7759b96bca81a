from __future__ import annotations

import subprocess
import sys

import pytest

from engine import spawn
from rooftop.__main__ import measures
from tests.processes import descendants


def end(spawned: spawn.Spawned) -> int:
    """Close what a process reads from; return its exit code."""
    spawned.process.communicate(timeout=20)
    spawned.stderr.close()
    return spawned.process.returncode


def test_what_was_prepared_is_taken_once_and_ends_quietly_without_an_order() -> None:
    spawn.prepare()
    spawn.prepare()
    first, second = spawn.take(), spawn.take()
    assert first.process.pid != second.process.pid
    assert first.process.poll() is None
    assert (end(first), end(second)) == (0, 0)


def test_one_that_died_meanwhile_is_not_taken() -> None:
    spawn.prepare()
    (waiting,) = spawn._spare
    waiting.process.kill()
    waiting.process.wait()
    taken = spawn.take()
    assert taken.process.pid != waiting.process.pid
    assert end(taken) == 0
    end(waiting)


def test_a_command_that_fails_leaves_no_process() -> None:
    done = subprocess.Popen(
        [sys.executable, "-m", "rooftop", "run", "http://127.0.0.1:1", "--concurrency", "1"],
        stdout=subprocess.PIPE, stderr=subprocess.PIPE,
    )  # fmt: skip
    _, said = done.communicate(timeout=30)  # its pipes would stay open as long as an engine lived that has them
    assert done.returncode == 1
    assert b"cannot reach" in said
    assert not descendants(done.pid)


@pytest.mark.parametrize(
    ("words", "begins"),
    [
        ([], True),
        (["http://h:1"], True),
        (["run", "http://h:1", "--rate", "1"], True),
        (["demo"], True),
        (["run", "--help"], False),
        (["--version"], False),
        (["report", "a.rooftop"], False),
        (["replay", "a.rooftop"], False),
        (["doctor"], False),
        (["sim"], False),
    ],
)
def test_an_engine_is_started_early_for_sessions_alone(words: list[str], begins: bool) -> None:
    assert measures(words) is begins

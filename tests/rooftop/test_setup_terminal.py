"""The set-up screen in a real terminal: what it starts is what the command line starts."""

from __future__ import annotations

import os
import signal
import tomllib
from pathlib import Path

import pytest

from session.codec import encode
from session.recording import Reader
from tests.events import header, ramp
from tests.processes import environment, sim
from tests.terminal import Terminal


def test_a_session_is_started_and_its_values_are_there_the_next_time(tmp_path: Path) -> None:
    state = Path(environment(tmp_path)["XDG_STATE_HOME"]) / "rooftop"
    with sim() as url:
        with Terminal(tmp_path, ["setup", url, "--gpu-hour", "2.5"], 100, 30) as screen:
            screen.wait_for("SIMULATED")
            screen.press("\t\t\t\t64\r")  # in one packet: every key goes where it belongs
            screen.wait_for("press ] to start load")
            screen.press("\x0e")
            screen.wait_for("set up a session")
            screen.wait_for("64")
            screen.press("\x1b")
            assert screen.wait_exit() == 0
        (path,) = (state / "recordings").iterdir()
        reader = Reader(path)
        reader.close()
        assert (reader.header.prompt_tokens, reader.header.gpu_hour) == (64, 2.5)
        kept = tomllib.loads((state / "setup.toml").read_text())
        assert kept == {"url": url, "prompt-tokens": "64", "gpu-hour": "2.5"}
        with Terminal(tmp_path, ["setup"], 100, 30) as screen:
            screen.wait_for(url)
            screen.wait_for("64")
            screen.press("\x13")
            screen.wait_for("Save as a profile")
            screen.press("mine\r")
            screen.wait_for("saved: rooftop --profile mine")
            screen.press("\x03")
            assert screen.wait_exit() == 0
        with Terminal(tmp_path, ["--profile", "mine", "--prompt-tokens", "32"], 100, 30) as screen:
            screen.wait_for("32→256")
            screen.press("q")
            assert screen.wait_exit() == 0


def test_a_server_that_does_not_answer_offers_the_screen(tmp_path: Path) -> None:
    with Terminal(tmp_path, ["http://127.0.0.1:9"], 100, 30) as screen:
        screen.wait_for("^n sets up another")
        screen.press("\x0e")
        screen.wait_for("set up a session")
        screen.press("\x1b")
        assert screen.wait_exit() == 0


@pytest.mark.parametrize("command", ["setup", "sessions"])
def test_a_signal_leaves_at_once(command: str, tmp_path: Path) -> None:
    with Terminal(tmp_path, [command], 80, 24) as screen:
        screen.wait_for("rooftop  se")
        os.kill(screen.process.pid, signal.SIGTERM)
        assert screen.wait_exit() == 128 + signal.SIGTERM


def test_two_recordings_are_compared_by_the_command(tmp_path: Path) -> None:
    folder = Path(environment(tmp_path)["XDG_STATE_HOME"]) / "rooftop" / "recordings"
    folder.mkdir(parents=True)
    for name in ("a", "b"):
        data = encode(header()) + b"".join(encode(event) for event in ramp((1, 8)))
        (folder / f"{name}.rooftop").write_bytes(data)
    with Terminal(tmp_path, ["sessions"], 120, 40) as screen:
        screen.wait_for("2 recordings")
        screen.press("  c")
        screen.wait_for("against the first")
        assert screen.wait_exit() == 0

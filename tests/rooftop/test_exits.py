"""However the screen ends, the terminal is as it was before."""

from __future__ import annotations

import gzip
import os
import re
import signal
import sys
import termios
from collections.abc import Callable
from pathlib import Path

import pytest

from session.playback import fold_file
from tests.processes import alive, descendants, environment, sim, wait_for
from tests.terminal import Terminal

RECORDING = Path(__file__).parents[1] / "data" / "recordings" / "h200-llama-3.1-8b-tp1.rooftop.gz"
BROKEN = """
import sys
import termios
from tui.app import RooftopApp
def broken(self):
    key = "sesame"
    raise RuntimeError("boom\\x1b[31m")
RooftopApp.freeze = broken
import rooftop.__main__
sys.exit(rooftop.__main__.main())
"""


@pytest.fixture
def recording(tmp_path: Path) -> Path:
    path = tmp_path / "h200.rooftop"
    path.write_bytes(gzip.decompress(RECORDING.read_bytes()))
    return path


def started(screen: Terminal) -> None:
    """Wait until the screen is up, and see that it did change the terminal: else the tests below say nothing."""
    screen.wait_for("REPLAY")
    screen.wait_until(lambda: {"?1049h", "?25l", "?2004h", "termios", "keyboard protocol"} <= set(screen.left_on()))


def send(number: signal.Signals) -> Callable[[Terminal], None]:
    return lambda screen: os.kill(screen.process.pid, number)


WAYS: dict[str, tuple[Callable[[Terminal], None], int]] = {
    "q": (lambda screen: screen.press("q"), 0),
    "ctrl+c": (lambda screen: screen.press("\x03"), 0),
    "ctrl+q": (lambda screen: screen.press("\x11"), 0),
    "SIGINT": (send(signal.SIGINT), 130),
    "SIGTERM": (send(signal.SIGTERM), 143),
    "SIGHUP": (send(signal.SIGHUP), 129),
}


@pytest.mark.parametrize("way", list(WAYS))
def test_the_terminal_is_restored(tmp_path: Path, recording: Path, way: str) -> None:
    leave, code = WAYS[way]
    with Terminal(tmp_path, ["replay", str(recording)]) as screen:
        started(screen)
        leave(screen)
        assert screen.wait_exit() == code
        assert screen.left_on() == []
        assert "Traceback" not in screen.text()


DESK = {"setup": "set up a session", "sessions": "no recordings yet"}


def desk_started(screen: Terminal, command: str) -> None:
    screen.wait_for(DESK[command])
    screen.wait_until(lambda: {"?1049h", "?25l", "?2004h", "termios", "keyboard protocol"} <= set(screen.left_on()))


@pytest.mark.parametrize("command", list(DESK))
@pytest.mark.parametrize("way", list(WAYS))
def test_the_desk_restores_it_too(tmp_path: Path, command: str, way: str) -> None:
    leave, code = WAYS["ctrl+c" if (way, command) == ("q", "setup") else way]
    with Terminal(tmp_path, [command], 80, 24) as screen:
        desk_started(screen, command)
        leave(screen)
        assert screen.wait_exit() == code
        assert screen.left_on() == []
        assert "Traceback" not in screen.text()


@pytest.mark.parametrize("command", list(DESK))
def test_a_failure_of_the_desk_is_one_line_with_a_way_out(tmp_path: Path, command: str) -> None:
    broken = [
        sys.executable,
        "-c",
        BROKEN.replace("tui.app", "tui.desk.screen")
        .replace("RooftopApp.freeze", "DeskScreen.show_help")
        .replace("RooftopApp", "DeskScreen"),
    ]
    with Terminal(tmp_path, [command], 160, 45, command=broken) as screen:
        desk_started(screen, command)
        screen.press("\x1bOP")
        assert screen.wait_exit() == 1
        assert screen.left_on() == []
        said = re.sub(r"\x1b\[\?\d+[hl]", "", bytes(screen.raw).rpartition(b"\x1b[?1049l")[2].decode())
    assert "rooftop: the screen failed; what was recorded is kept: RuntimeError: boom [31m" in said
    assert len(said.strip().splitlines()) == 1
    assert "sesame" not in said


@pytest.mark.parametrize("command", list(DESK))
def test_a_suspended_desk_comes_again(tmp_path: Path, command: str) -> None:
    with Terminal(tmp_path, [command], 80, 24) as screen:
        desk_started(screen, command)
        screen.press("\x1a")
        screen.wait_until(lambda: stopped(screen.process.pid))
        assert screen.left_on() == []
        before = screen.bytes
        os.kill(screen.process.pid, signal.SIGCONT)
        screen.wait_until(lambda: DESK[command].encode() in screen.raw[before:])
        screen.press("\x03")
        assert screen.wait_exit() == 0
        assert screen.left_on() == []


@pytest.mark.parametrize("command", list(DESK))
def test_a_dumb_terminal_gets_no_desk(tmp_path: Path, command: str) -> None:
    with Terminal(tmp_path, [command], TERM="dumb") as screen:
        assert screen.wait_exit() == (2 if command == "setup" else 0)
        assert ("TERM is dumb" if command == "setup" else "no recordings yet") in " ".join(screen.text().split())


@pytest.mark.parametrize("command", list(DESK))
@pytest.mark.parametrize("way", ["flag", "config"])
def test_the_desk_is_ascii_where_that_is_asked_for(tmp_path: Path, command: str, way: str) -> None:
    config = Path(environment(tmp_path)["HOME"]) / ".config" / "rooftop" / "config.toml"
    config.parent.mkdir(parents=True)
    config.write_text("[screen]\nascii = true\n" if way == "config" else "")
    words = [command, *(["--ascii"] if way == "flag" else [])]
    with Terminal(tmp_path, words, 80, 24, LANG="C.UTF-8") as screen:
        desk_started(screen, command)
        screen.press("\x1bOP")
        screen.wait_for("Esc closes")
        screen.press("\x03")
        screen.wait_exit()
        assert bytes(screen.raw).isascii()


def test_it_is_restored_when_a_dialog_is_open_and_the_size_changes(tmp_path: Path, recording: Path) -> None:
    with Terminal(tmp_path, ["replay", str(recording)]) as screen:
        started(screen)
        screen.press("?")
        screen.wait_for("How to read it")
        screen.resize(80, 24)
        screen.process.kill(signal.SIGTERM)
        assert screen.wait_exit() == 143
        assert screen.left_on() == []


@pytest.mark.parametrize("debug", ["no", "--debug", "ROOFTOP_DEBUG"])
def test_a_failure_of_the_screen_is_one_line_with_a_way_out(tmp_path: Path, recording: Path, debug: str) -> None:
    flags = ["--debug"] if debug == "--debug" else []
    more = {"ROOFTOP_DEBUG": "1"} if debug == "ROOFTOP_DEBUG" else {}
    command = [sys.executable, "-c", BROKEN]
    with Terminal(tmp_path, ["replay", str(recording), *flags], 160, 45, command=command, **more) as screen:
        started(screen)
        screen.press("f")
        assert screen.wait_exit() == 1
        assert screen.left_on() == []
        said = re.sub(r"\x1b\[\?\d+[hl]", "", bytes(screen.raw).rpartition(b"\x1b[?1049l")[2].decode())
    assert "rooftop: the screen failed; what was recorded is kept: RuntimeError: boom [31m (<string>:7)" in said
    assert ("Traceback" in said) == (debug != "no")
    assert "sesame" not in said.replace('key = "sesame"', "")
    if debug == "no":
        assert len(said.strip().splitlines()) == 1


def test_a_failure_while_loading_stops_the_load_and_keeps_the_recording(tmp_path: Path) -> None:
    path = tmp_path / "a.rooftop"
    with sim() as url:
        words = [url, "-o", str(path), "--concurrency", "4"]
        with Terminal(tmp_path, words, command=[sys.executable, "-c", BROKEN]) as screen:
            screen.wait_until(lambda: path.exists() and fold_file(path).snapshot().requests > 0)
            family = descendants(screen.process.pid)
            screen.press("f")
            assert screen.wait_exit() == 1
            assert screen.left_on() == []
            assert f"recorded {path}" in screen.text()
            wait_for(lambda: not any(map(alive, family.values())))
    assert fold_file(path).snapshot().ended == "the screen failed"


@pytest.mark.parametrize("victim", ["engine", "server"])
def test_it_is_restored_after_a_death(tmp_path: Path, victim: str) -> None:
    with sim() as url:
        screen = Terminal(tmp_path, [url, "--concurrency", "2"])
        screen.wait_for("llama-3.1-8b")
        if victim == "engine":
            os.kill(descendants(screen.process.pid)["engine"], signal.SIGKILL)
    with screen:
        screen.wait_for("the engine died (signal 9)" if victim == "engine" else "connect")
        screen.press("\x03")
        screen.press("\x03")
        assert screen.wait_exit() == (1 if victim == "engine" else 0)
        assert screen.left_on() == []


def stopped(pid: int) -> bool:
    return Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()[0] == "T"


@pytest.mark.parametrize("way", ["ctrl+z", "SIGTSTP"])
def test_a_suspended_screen_gives_the_terminal_back_and_comes_again(tmp_path: Path, recording: Path, way: str) -> None:
    with Terminal(tmp_path, ["replay", str(recording)]) as screen:
        started(screen)
        if way == "ctrl+z":
            screen.press("\x1a")
        else:
            os.kill(screen.process.pid, signal.SIGTSTP)
        screen.wait_until(lambda: stopped(screen.process.pid))
        assert screen.left_on() == []
        before = screen.bytes
        os.kill(screen.process.pid, signal.SIGCONT)
        screen.wait_until(lambda: b"REPLAY" in screen.raw[before:])
        assert "?1049h" in screen.left_on()
        screen.press("q")
        assert screen.wait_exit() == 0
        assert screen.left_on() == []


def test_a_terminal_that_reads_no_more_is_given_its_modes_back(tmp_path: Path, recording: Path) -> None:
    with Terminal(tmp_path, ["replay", str(recording)]) as screen:
        started(screen)
        for columns in range(300, 220, -1):  # more than the terminal's buffer and the queue of frames take
            screen.process.setwinsize(80, columns)
            screen.process.send("t")
        os.kill(screen.process.pid, signal.SIGTERM)
        wait_for(lambda: not alive(screen.process.pid))
        assert termios.tcgetattr(screen.process.ptyproc.fd) == screen.modes_before


def test_a_dumb_terminal_is_told_what_to_do(tmp_path: Path, recording: Path) -> None:
    with Terminal(tmp_path, ["replay", str(recording)], TERM="dumb") as screen:
        assert screen.wait_exit() == 2
        text = " ".join(screen.text().split())
        assert "replay needs a terminal that can place its cursor, and TERM is dumb" in text
        assert "rooftop report" in text


# What is sent to terminals that know less


@pytest.mark.parametrize(
    ("more", "unwanted"),
    [
        ({"TERM": "linux", "LANG": "C"}, rb"[^\x00-\x7f]|[34]8;[25];"),
        ({"TERM": "screen", "LANG": "C.UTF-8"}, rb"[34]8;[25];"),
        (
            {"TERM": "xterm-256color", "LANG": "C.UTF-8", "NO_COLOR": "1"},
            rb"\x1b\[(?:\d+;)*(?:[349]\d|10\d)(?:;\d+)*m",
        ),
        ({"TERM": "xterm-256color", "LANG": "C.UTF-8"}, rb"[34]8;2;"),
        ({"TERM": "screen", "LANG": "C.UTF-8", "THEME": "rooftop-dark"}, rb"[34]8;[25];"),
    ],
    ids=["linux", "screen", "no-color", "256", "dark-on-16"],
)
def test_a_terminal_gets_only_what_it_knows(
    tmp_path: Path, recording: Path, more: dict[str, str], unwanted: bytes
) -> None:
    theme = ["--theme", more["THEME"]] if "THEME" in more else []
    given = {"LC_ALL": "", "LC_CTYPE": "", "COLORTERM": "", "NO_COLOR": ""} | more
    with Terminal(tmp_path, ["replay", str(recording), *theme], 120, 36, **given) as screen:
        started(screen)
        screen.press("\x1b[F")
        screen.wait_for("1:16 / 1:16")
        screen.press("?")
        screen.wait_for("How to read it")
        screen.press("q")
        screen.wait_until(lambda: "How to read it" not in screen.text())
        screen.press("q")
        assert screen.wait_exit() == 0
        assert re.findall(unwanted, screen.raw) == []


def test_ascii_can_be_asked_for(tmp_path: Path, recording: Path) -> None:
    with Terminal(tmp_path, ["replay", str(recording), "--ascii"], LANG="C.UTF-8") as screen:
        started(screen)
        screen.press("\x1b[F")
        screen.wait_for("1:16 / 1:16")
        screen.press("q")
        screen.wait_exit()
        assert bytes(screen.raw).isascii()


def test_a_storm_of_sizes_ends_in_the_last_one(tmp_path: Path, recording: Path) -> None:
    with Terminal(tmp_path, ["replay", str(recording)]) as screen:
        started(screen)
        for at in range(60):
            screen.resize(*((300, 80), (40, 10), (80, 24), (1, 1), (161, 46))[at % 5])
            screen.read()
        screen.resize(40, 10)
        screen.wait_for("needs 60x16, is 40x10")
        screen.resize(80, 24)
        screen.wait_for("TTFT")
        screen.wait_until(lambda: "REPLAY" in screen.text().splitlines()[0])
        screen.press("q")
        assert screen.wait_exit() == 0
        assert screen.left_on() == []


def test_the_engine_goes_on_while_the_terminal_reads_nothing_and_the_screen_catches_up(tmp_path: Path) -> None:
    path = tmp_path / "a.rooftop"
    with sim() as url, Terminal(tmp_path, [url, "-o", str(path), "--concurrency", "4"]) as screen:
        screen.wait_until(lambda: path.exists() and fold_file(path).snapshot().requests > 0)
        screen.press("t" * 40)  # forty whole screens: more than the terminal's buffer takes
        began_s = fold_file(path).snapshot().now_s
        wait_for(lambda: fold_file(path).snapshot().now_s > began_s + 10)  # nobody reads the terminal meanwhile
        level = fold_file(path).snapshot().levels[-1]
        assert level.duration_s > 9
        assert not level.errors
        screen.wait_until(lambda: shown_s(screen) > began_s + 9)
        screen.press("qy")
        assert screen.wait_exit() == 0
        assert screen.left_on() == []


def shown_s(screen: Terminal) -> int:
    """Return the time in the header's corner."""
    found = re.search(r"(\d+):(\d\d)$", screen.text().splitlines()[0])
    return int(found[1]) * 60 + int(found[2]) if found else 0

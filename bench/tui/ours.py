"""What only rooftop is asked: its views, its keys, and how soon they reach the server."""

from __future__ import annotations

import http.client
import re
import time
from pathlib import Path
from urllib.parse import urlsplit

from bench.tui.measures import Figures, Program, key_to_bytes, key_to_sign, quantile, wait_until
from bench.tui.processes import ROOFTOP, environment, simulated_server
from bench.tui.stalling import watching
from bench.tui.terminal import Terminal, first_that_shows
from tui.views.registry import VIEWS

PRESSES = 100
STARTED_S = 3.0
"""After its first frame with the server's name, until keys are pressed: a screen that is up."""


def rooftop(recording: Path, home: Path, begin_s: float) -> Program:
    """Return the program: a replay that goes to the level of 1,024 streams by keys, and can be paused."""
    far, near = divmod(int(begin_s) + 3, 30)
    return Program(
        "rooftop", [*ROOFTOP, "replay", str(recording)], environment(home), _full,
        work=("\x1b[1;2C",) * far + ("\x1b[C",) * near, rest=" ",
        views=tuple((view, str(key)) for key, view in enumerate(VIEWS, 1)),
    )  # fmt: skip


def _full(text: str) -> bool:
    return all(words in text for words in ("rooftop", "Latency", "Over time", "Levels", "Server", "quit"))


def keys(program: Program) -> Figures:
    """Return how long a key takes to the first byte at rest, and to its sign on a screen at work."""
    with Terminal(program.argv, program.env) as terminal:
        terminal.read_until_shown(program.full)
        terminal.press(" ")
        at_rest = key_to_bytes(terminal, ("z",), PRESSES)
        terminal.press(" ")
        for key in program.work:
            terminal.press(key)
        terminal.read(2.0)
        at_work = key_to_sign(terminal, "f", "FROZEN", PRESSES // 2)
    both = at_rest + at_work
    return {
        "key_p50_ms": _ms(quantile(both, 0.5)),
        "key_p99_ms": _ms(quantile(both, 0.99)),
        "key_max_ms": _ms(max(both)),
    }


def _ms(seconds: float | None) -> float | None:
    return None if seconds is None else seconds * 1e3


def first_live(home: Path, folder: Path, runs: int = 3) -> Figures:
    """Return how long a session takes from its command to its keys on the screen, median."""
    came: list[float] = []
    with simulated_server() as url:
        for run in range(runs):
            with Terminal([*ROOFTOP, url, "-o", str(folder / f"start-{run}.rooftop")], environment(home)) as terminal:
                terminal.read(3.0)
                if found := first_that_shows(terminal.taken, lambda text: "rooftop" in text and "quit" in text):
                    came.append(found[0])
    return {"first_live_s": quantile(came, 0.5)}


def key_to_server(home: Path, folder: Path, times: int = 8) -> Figures:
    """Return how long ``]`` takes until the simulated server's ``num_requests_running`` moves, and is twice as much.

    The second has in it what the server needs to take in all prompts.
    """
    moved: list[float | None] = []
    reached: list[float | None] = []
    with simulated_server() as url:
        watch = _Running(url)
        program = [*ROOFTOP, url, "-o", str(folder / "keys.rooftop")]
        with Terminal(program, environment(home)) as terminal:
            terminal.read_until_shown(watching)
            terminal.read(STARTED_S)
            for before, wanted in [(0, 1), *((2**n, 2 ** (n + 1)) for n in range(times - 1))]:
                pressed = time.monotonic()
                terminal.press("]")
                first = wait_until(lambda before=before: watch.running() > before)
                last = wait_until(lambda wanted=wanted: watch.running() == wanted)
                moved.append(first and first - pressed)
                reached.append(last and last - pressed)
                terminal.read(1.0)
            terminal.press("qy")
            terminal.read(2.0)
    return {"key_to_server_max_ms": _most_ms(moved), "key_to_all_max_ms": _most_ms(reached)}


def _most_ms(seconds: list[float | None]) -> float | None:
    """Return the most in milliseconds; ``None`` where one never came."""
    came = [s for s in seconds if s is not None]
    return 1e3 * max(came) if len(came) == len(seconds) else None


class _Running:
    """Asks a server how many requests it runs, over one connection."""

    def __init__(self, url: str) -> None:
        self._connection = http.client.HTTPConnection(urlsplit(url).netloc, timeout=5)

    def running(self) -> int:
        """Return ``num_requests_running``."""
        self._connection.request("GET", "/metrics")
        text = self._connection.getresponse().read()
        found = re.search(rb"^vllm:num_requests_running\{.*\} (\S+)$", text, re.MULTILINE)
        return int(float(found[1])) if found else -1

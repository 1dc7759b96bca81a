"""What only rooftop is asked: its frames, its keys, and what a terminal that stops reading does to what it measures."""

from __future__ import annotations

import asyncio
import http.client
import re
import time
from pathlib import Path
from urllib.parse import urlsplit

from bench.tui.measures import Figures, Program, key_to_bytes, key_to_sign, quantile, wait_until
from bench.tui.processes import ROOFTOP, environment, simulated_server
from bench.tui.terminal import COLUMNS, LINES, Terminal
from session.events import Event, Tick
from session.histogram import Distribution
from session.playback import ReplaySession
from session.recording import Reader
from tests.tui.wiretap import tapped
from tui.app import RooftopApp
from tui.pace import BEATS

PRESSES = 100
STREAMS = 64
"""In flight while the terminal stalls."""
STALL_S = 10.0
SETTLE_S = 4.0


def rooftop(recording: Path, home: Path, begin_s: float) -> Program:
    """Return the program: a replay that goes to the level of 1,024 streams by keys, and can be paused."""
    far, near = divmod(int(begin_s) + 3, 30)
    return Program(
        "rooftop", [*ROOFTOP, "replay", str(recording)], environment(home), _full,
        work=("\x1b[1;2C",) * far + ("\x1b[C",) * (near // 5), rest=" ",
    )  # fmt: skip


def _full(text: str) -> bool:
    return all(words in text for words in ("rooftop", "Latency", "Over time", "Levels", "Server", "quit"))


def _watching(text: str) -> bool:
    """Whether the server has said what it is."""
    return "llama-3.1-8b" in text and "quit" in text


def frames(recording: Path, begin_s: float, seconds: int = 30) -> Figures:
    """Return CPU milliseconds of reading and drawing, at its default pace and with a clock that is set by hand."""
    costs = asyncio.run(_frames(recording, begin_s, seconds))
    return {"frame_p50_ms": quantile(costs, 0.5), "frame_p99_ms": quantile(costs, 0.99)}


async def _frames(recording: Path, begin_s: float, seconds: int) -> list[float]:
    clock = [0.0]
    session = ReplaySession(recording, clock=lambda: clock[0])
    app = RooftopApp(session, None, theme_folder=Path("/nonexistent"), refresh_s=3600)
    costs: list[float] = []
    async with tapped(app, (COLUMNS, LINES)) as (pilot, _):
        for second in range(int(begin_s) + 3 + seconds):
            for _ in range(BEATS - 1):
                clock[0] += 1.0 / BEATS
                session.read()
            clock[0] += 1.0 / BEATS
            began = time.process_time()
            app.tick()
            await asyncio.sleep(0)
            app.screen._on_timer_update()
            cost_ms = (time.process_time() - began) * 1e3
            await pilot.pause()
            if second > begin_s + 3:
                costs.append(cost_ms)
    return costs


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


def key_to_server(home: Path, folder: Path, times: int = 8) -> Figures:
    """Return how long ``]`` takes until the simulated server runs twice as many requests."""
    taken: list[float] = []
    with simulated_server() as url:
        watch = _Running(url)
        program = [*ROOFTOP, url, "-o", str(folder / "keys.rooftop")]
        with Terminal(program, environment(home)) as terminal:
            terminal.read_until_shown(_watching)
            terminal.read(1.0)
            for times_doubled in range(times):
                wanted = 2**times_doubled
                pressed = time.monotonic()
                terminal.press("]")
                reached = wait_until(lambda wanted=wanted: watch.running() == wanted)
                if reached is not None:
                    taken.append(reached - pressed)
                terminal.read(1.0)
            terminal.press("qy")
            terminal.read(2.0)
    return {"key_to_server_max_ms": _ms(max(taken))} if len(taken) == times else {"key_to_server_max_ms": None}


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


def stall(home: Path, folder: Path) -> Figures:
    """Return how far TTFT and ITL p99 move while the terminal does not read, against the seconds before and after."""
    path = folder / "stall.rooftop"
    with simulated_server() as url:
        argv = [*ROOFTOP, url, "-o", str(path), "--concurrency", str(STREAMS), "--output-tokens", "64"]
        with Terminal(argv, environment(home)) as terminal:
            terminal.read_until_shown(_watching)
            terminal.read(SETTLE_S)
            times = [time.monotonic()]
            for wait in (terminal.read, time.sleep, terminal.read):
                wait(STALL_S)
                times.append(time.monotonic())
            terminal.press("qy")
            terminal.read_until(lambda: not terminal.alive(), 10.0)
    reader = Reader(path)
    events, zero_s = reader.poll(), reader.header.clock_ns / 1e9
    reader.close()
    before, stalled, after, end = (at - zero_s for at in times)
    read, unread = _p99(events, (before, stalled), (after, end)), _p99(events, (stalled, after))
    return {f"stall_{name}_p99_pct": _change_pct(read[name], unread[name]) for name in read}


def _change_pct(before: float | None, after: float | None) -> float | None:
    return None if before is None or after is None else 100 * (after / before - 1)


def _p99(events: list[Event], *spans: tuple[float, float]) -> dict[str, float | None]:
    """Return the recorded p99 of TTFT and of the gaps between tokens over stretches of the session."""
    ttft, itl = Distribution(), Distribution()
    for event in events:
        if isinstance(event, Tick) and any(begin <= event.t_s - event.dt_s and event.t_s < end for begin, end in spans):
            itl.add_buckets(event.itl)
            for value_s in event.ttft_s:
                ttft.add(value_s)
    return {"ttft": ttft.stats().p99, "itl": itl.stats().p99}

"""What this machine brings: Python, terminal, clocks, stamps, limits."""

from __future__ import annotations

import importlib.util
import platform
import shutil
import socket
import sys
import time
from collections.abc import Iterator
from pathlib import Path

from loadgen.plan import MAX_CONCURRENCY
from loadgen.stamped import SO_TIMESTAMPNS, SUPPORTED
from rooftop import __version__
from rooftop.terminal import cannot_draw, terminal_words
from telemetry.findings import Finding

LEAST = (60, 16)
"""Columns and rows that the screen needs."""
OTHER_FILES = 64
"""Open files of a load worker besides its connections."""
SLOW_CLOCK_NS = 1000.0
SOURCE = Path("/sys/devices/system/clocksource/clocksource0/current_clocksource")


def check_machine(*, tls: bool, workers: int) -> Iterator[Finding]:
    """Look at everything that needs neither server nor GPU."""
    yield Finding("rooftop", "ok", f"{__version__}, Python {platform.python_version()}, {platform.platform()}")
    yield check_terminal()
    yield check_loop()
    yield check_stamps(tls=tls)
    yield check_clock()
    yield check_files(workers)


def check_terminal() -> Finding:
    """Say whether the screen can be drawn here."""
    if cannot_draw() is not None:
        return Finding("terminal", "absent", "no terminal here", "the screen needs one; rooftop run does not")
    columns, rows = shutil.get_terminal_size()
    small = columns < LEAST[0] or rows < LEAST[1]
    way = f"the screen needs {LEAST[0]}x{LEAST[1]}" if small else None
    return Finding(
        "terminal",
        "problem" if small else "ok",
        f"{columns}x{rows}, {terminal_words()}",
        way,
    )


def check_loop() -> Finding:
    """Say which event loop times the tokens."""
    if importlib.util.find_spec("uvloop") is None:
        way = "pip install uvloop: a load worker then takes less CPU a token"
        return Finding("event loop", "absent", "asyncio's own", way)
    return Finding("event loop", "ok", "uvloop")


def check_stamps(*, tls: bool) -> Finding:
    """Say whether tokens carry the kernel's receive stamps."""
    without = "tokens are timed as the socket hands them over, so a late load worker makes them late"
    if tls:
        return Finding("stamps", "absent", f"TLS hides them: {without}", "measure over plain http where that can be")
    if not kernel_stamps():
        return Finding("stamps", "absent", f"this kernel gives none: {without}")
    return Finding("stamps", "ok", "the kernel stamps what it receives")


def kernel_stamps() -> bool:
    """Send a byte to ourselves and see whether it comes with a stamp."""
    if not SUPPORTED:
        return False
    try:
        with socket.create_server(("127.0.0.1", 0)) as server, socket.create_connection(server.getsockname()) as one:
            one.setsockopt(socket.SOL_SOCKET, SO_TIMESTAMPNS, 1)
            one.settimeout(1.0)
            other, _ = server.accept()
            with other:
                other.send(b"x")
                return bool(one.recvmsg(1, socket.CMSG_SPACE(16))[1])
    except OSError:
        return False


def check_clock() -> Finding:
    """Say which clock times everything, and what reading it costs."""
    try:
        source = SOURCE.read_text(encoding="ascii").strip()
    except (OSError, UnicodeError):
        source = sys.platform
    cost_ns = _clock_cost_ns()
    slow = cost_ns > SLOW_CLOCK_NS
    way = "boot with clocksource=tsc if the CPU allows it" if slow else None
    return Finding("clock", "problem" if slow else "ok", f"{source}, {cost_ns:.0f} ns a reading", way)


def check_files(workers: int) -> Finding:
    """Say how many connections a load worker may open."""
    try:
        import resource
    except ImportError:
        return Finding("open files", "absent", "the limit is not known here")
    soft, _ = resource.getrlimit(resource.RLIMIT_NOFILE)
    if soft == resource.RLIM_INFINITY:
        return Finding("open files", "ok", "no limit")
    most = min(MAX_CONCURRENCY, max(0, soft - OTHER_FILES) * workers)
    text = f"{soft:,} a process: {most:,} requests in flight with {workers} worker{'s' if workers > 1 else ''}"
    if most >= MAX_CONCURRENCY:
        return Finding("open files", "ok", text)
    return Finding("open files", "problem", text, f"for {MAX_CONCURRENCY:,}: ulimit -n {MAX_CONCURRENCY + OTHER_FILES}")


def _clock_cost_ns() -> float:
    """Return the best of a few averages: others may interrupt."""
    best = float("inf")
    for _ in range(5):
        start = time.perf_counter_ns()
        for _ in range(1000):
            time.monotonic_ns()
        best = min(best, (time.perf_counter_ns() - start) / 1000)
    return best

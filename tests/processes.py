"""Runs the program as its users do: as processes."""

from __future__ import annotations

import contextlib
import os
import re
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TypeVar

T = TypeVar("T")
ROOFTOP = [sys.executable, "-m", "rooftop"]


def wait_for(what: Callable[[], T | None], limit_s: float = 20.0) -> T:
    """Poll until ``what`` gives something true: it asks another process, which has no event to wait on."""
    end = time.monotonic() + limit_s
    while True:
        if found := what():
            return found
        assert time.monotonic() < end, "it never came"
        time.sleep(0.02)


def environment(home: Path, **more: str) -> dict[str, str]:
    """Return an environment in which nothing of the user's is read or written."""
    kept = {k: v for k, v in os.environ.items() if not k.startswith(("XDG_", "ROOFTOP_"))}
    return kept | {"HOME": str(home), "XDG_STATE_HOME": str(home / "state"), "TERM": "xterm-256color"} | more


@contextlib.contextmanager
def sim(*flags: str) -> Iterator[str]:
    """Run ``rooftop sim`` on a free port; give its URL."""
    process = subprocess.Popen([*ROOFTOP, "sim", "--port", "0", *flags], stdout=subprocess.PIPE, text=True)
    assert process.stdout is not None
    try:
        found = re.search(r"http://\S+", process.stdout.readline())
        assert found, "the simulated server did not say where it is"
        yield found[0]
    finally:
        process.terminate()
        process.wait(10)
        process.stdout.close()


def rooftop(home: Path, *words: str, limit_s: float = 60.0, **more: str) -> subprocess.CompletedProcess[str]:
    """Run a command to its end, without a terminal."""
    return subprocess.run(
        [*ROOFTOP, *words],
        env=environment(home, **more),
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        timeout=limit_s,
        check=False,
    )


def children(pid: int) -> list[int]:
    """Return the processes that ``pid`` started."""
    path = Path(f"/proc/{pid}/task/{pid}/children")
    return [int(child) for child in path.read_text().split()] if path.exists() else []


def descendants(pid: int) -> dict[str, int]:
    """Return what runs below ``pid``, by the module that it was started with."""
    found: dict[str, int] = {}
    for child in children(pid):
        words = Path(f"/proc/{child}/cmdline").read_bytes().split(b"\0")
        if b"-m" in words:
            found[words[words.index(b"-m") + 1].decode()] = child
        found |= descendants(child)
    return found


def alive(pid: int) -> bool:
    """Whether a process runs (a zombie does not)."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()[0] != "Z"
    except (FileNotFoundError, ProcessLookupError):
        return False

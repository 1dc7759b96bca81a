"""What a process has cost, from /proc, and the processes that the bench needs beside the one it looks at."""

from __future__ import annotations

import contextlib
import os
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).parents[2]
ROOFTOP = [sys.executable, "-m", "rooftop"]
_TICKS = os.sysconf("SC_CLK_TCK")


def environment(home: Path) -> dict[str, str]:
    """Return an environment in which nothing of the user's is read or written; a terminal of 16.7 million colours."""
    kept = {k: v for k, v in os.environ.items() if not k.startswith(("XDG_", "ROOFTOP_", "TMUX", "NO_COLOR"))}
    more = {
        "HOME": str(home),
        "XDG_STATE_HOME": str(home / "state"),
        "TERM": "xterm-256color",
        "COLORTERM": "truecolor",
    }
    path = os.pathsep.join(filter(None, (str(ROOT), os.environ.get("PYTHONPATH"))))
    return kept | more | {"PYTHONPATH": path, "LC_ALL": "C.UTF-8"}


def cpu_s(pid: int) -> float:
    """Return the CPU time of a process with all its threads, in seconds."""
    fields = Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()
    return (int(fields[11]) + int(fields[12])) / _TICKS


def peak_mib(pid: int) -> float:
    """Return the most memory that was resident, in MiB."""
    found = re.search(r"VmHWM:\s+(\d+) kB", Path(f"/proc/{pid}/status").read_text())
    return int(found[1]) / 1024 if found else float("nan")


@contextlib.contextmanager
def simulated_server() -> Iterator[str]:
    """Run ``rooftop sim`` on a free port; give its URL."""
    process = subprocess.Popen(
        [*ROOFTOP, "sim", "--port", "0"],
        stdout=subprocess.PIPE,
        text=True,
        cwd=ROOT,
        env=environment(Path("/nonexistent")),
    )
    assert process.stdout is not None
    try:
        yield re.findall(r"http://\S+", process.stdout.readline())[0]
    finally:
        process.terminate()
        process.wait(10)
        process.stdout.close()

"""Starts the engine's process; light, so that it can be the first thing that a command does."""

from __future__ import annotations

import subprocess
import sys
import tempfile
from typing import IO, NamedTuple


class Spawned(NamedTuple):
    """A process that waits for its order on standard input, and ends quietly where none comes."""

    process: subprocess.Popen[bytes]
    stderr: IO[bytes]


_spare: list[Spawned] = []


def prepare() -> None:
    """Start one to be taken later: it loads its libraries while its owner loads its own."""
    if not _spare:
        _spare.append(_spawn())


def take() -> Spawned:
    """Return a process: the one that was prepared, or a new one."""
    while _spare:
        spawned = _spare.pop()
        if spawned.process.poll() is None:
            return spawned
    return _spawn()


def _spawn() -> Spawned:
    stderr = tempfile.TemporaryFile()  # noqa: SIM115 (closed by who takes it)
    process = subprocess.Popen(
        [sys.executable, "-P", "-m", "engine"],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=stderr,
        # Ctrl-C reaches it through its owner alone. Not a session of its own: Linux's autogroups would then
        # weigh it against the server's session as a whole, and a spinning server delays it by up to 80 ms.
        process_group=0,
    )
    return Spawned(process, stderr)

"""The embedded simulated server: started beside a demo, gone with it."""

from __future__ import annotations

import contextlib
import subprocess
import sys
import threading
from collections.abc import Iterator, Sequence

from rooftop.errors import Failure

START_S = 20.0


@contextlib.contextmanager
def simulated_server(gpu: str, model: str, tp: int, conditions: Sequence[str] = ()) -> Iterator[str]:
    """Run a simulated server on a free port of 127.0.0.1; give its URL. ``conditions`` are flags of ``sim.flags``."""
    process = subprocess.Popen(
        [
            sys.executable,
            "-P",
            "-m",
            "sim",
            "--port",
            "0",
            "--parent",
            "--gpu",
            gpu,
            "--model",
            model,
            "--tp",
            str(tp),
            *conditions,
        ],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        process_group=0,
    )
    try:
        yield _url(process)
    finally:
        for pipe in (process.stdin, process.stdout, process.stderr):
            if pipe is not None:
                pipe.close()
        with contextlib.suppress(subprocess.TimeoutExpired):
            process.wait(3.0)
        if process.poll() is None:
            process.kill()
            process.wait()


def _url(process: subprocess.Popen[str]) -> str:
    assert process.stdout is not None
    assert process.stderr is not None
    watchdog = threading.Timer(START_S, process.kill)
    watchdog.start()
    line = process.stdout.readline()
    watchdog.cancel()
    found = line.strip().rpartition(" ")[2]
    if not found.startswith("http://"):
        said = process.stderr.read().strip().splitlines()
        raise Failure(said[-1] if said else "the simulated server did not start")
    return found

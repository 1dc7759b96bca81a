"""A headless run whose server stops answering, with its connections open: it ends all the same."""

from __future__ import annotations

import os
import signal
import subprocess
from contextlib import closing
from pathlib import Path

from session.events import Tick
from session.recording import Reader
from tests.processes import ROOFTOP, environment, wait_for


def test_a_run_does_not_wait_for_a_server_that_has_gone(tmp_path: Path) -> None:
    server = subprocess.Popen([*ROOFTOP, "sim", "--port", "0"], stdout=subprocess.PIPE, text=True)
    assert server.stdout is not None
    path = tmp_path / "a.rooftop"
    try:
        url = server.stdout.readline().split()[-1]
        run = subprocess.Popen(
            [*ROOFTOP, "run", url, "--concurrency", "4", "--hold", "1s", "-o", str(path)],
            env=environment(tmp_path), stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.PIPE,
            text=True,
        )  # fmt: skip
        wait_for(lambda: _tokens(path) > 20)
        os.kill(server.pid, signal.SIGSTOP)
        out, err = run.communicate(timeout=90)
    finally:
        os.kill(server.pid, signal.SIGCONT)
        server.terminate()
        server.wait(10)
        server.stdout.close()
    assert "4 requests in flight are given up: the server does not answer" in err
    assert f"recorded {path}" in out


def _tokens(path: Path) -> int:
    if not path.exists():
        return 0
    with closing(Reader(path)) as reader:
        return sum(event.output_tokens for event in reader.poll() if isinstance(event, Tick))

from __future__ import annotations

import signal
import socket
import subprocess
import sys
import urllib.request

import pytest

from sim.__main__ import main


def _start(*words: str) -> subprocess.Popen[str]:
    pipe = subprocess.PIPE
    return subprocess.Popen(
        [sys.executable, "-m", "sim", "--port", "0", *words], stdin=pipe, stdout=pipe, stderr=pipe, text=True
    )


def _close(process: subprocess.Popen[str]) -> tuple[int, str]:
    try:
        out, err = process.communicate(timeout=10)
    finally:
        process.kill()
    assert out == ""
    return process.returncode, err


@pytest.mark.parametrize("how", ["parent", "term", "int"])
def test_it_serves_and_ends_cleanly(how: str) -> None:
    process = _start(*(["--parent"] if how == "parent" else []))
    assert process.stdout is not None
    line = process.stdout.readline()
    assert line.startswith("rooftop sim: http://127.0.0.1:")
    with urllib.request.urlopen(line.split()[-1] + "/health", timeout=5) as answer:
        assert answer.status == 200
    if how != "parent":
        process.send_signal(signal.SIGTERM if how == "term" else signal.SIGINT)
    assert _close(process) == (0, "")


@pytest.mark.parametrize(
    ("words", "known"),
    [(["--gpu", "abacus"], "h200"), (["--model", "clippy"], "llama-3.1-8b"), (["--gpu", "t4"], "does not fit")],
)
def test_bad_names_are_one_line(words: list[str], known: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(words) == 2
    out, err = capsys.readouterr()
    assert out == ""
    assert err.count("\n") == 1
    assert known in err


def test_a_taken_port_is_one_line(capsys: pytest.CaptureFixture[str]) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        assert main(["--port", str(port)]) == 1
    out, err = capsys.readouterr()
    assert out == ""
    assert err.count("\n") == 1
    assert str(port) in err

from __future__ import annotations

import http.server
import json
import os
import re
import socket
import threading
from pathlib import Path

import pytest

from rooftop.cli import main
from rooftop.options import duration_s, levels, warmup_s
from session.codec import decode_header, encode
from session.events import Event, Level, Tick
from tests.events import header, ramp
from tests.processes import rooftop, sim
from tests.recorded import text_of


@pytest.fixture(scope="module")
def demo(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, str, str]:
    """A recorded headless run against the simulator, with what it printed."""
    home = tmp_path_factory.mktemp("home")
    path = home / "demo.rooftop"
    done = rooftop(home, "run", "--demo", "--concurrency", "1,8,64", "--hold", "4s", "-o", str(path))
    assert done.returncode == 0, done.stderr
    return path, done.stdout, done.stderr


def test_throughput_grows_and_small_batches_are_memory_bound(
    demo: tuple[Path, str, str], capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["report", str(demo[0]), "--format", "json"]) == 0
    figures = json.loads(capsys.readouterr().out)
    assert figures["simulated"] is True
    assert [level["concurrency"] for level in figures["levels"]] == [1, 8, 64]
    rates = [level["output_tok_s"] for level in figures["levels"]]
    assert rates[0] < rates[1] < rates[2]
    assert [level["verdict"]["step"] for level in figures["levels"][:2]] == ["memory", "memory"]
    assert all(level["errors"] == {} for level in figures["levels"])
    assert all(level["gpus"][0]["dram_bw_util_pct"] > 30 for level in figures["levels"])
    assert figures["complete"] is True
    assert sum(level["output_tokens"] for level in figures["levels"]) == figures["totals"]["output_tokens"]


def test_a_simulated_server_in_trouble_is_told_apart(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = tmp_path / "trouble.rooftop"
    done = rooftop(
        tmp_path, "run", "--demo", "--concurrency", "1,32", "--hold", "4s", "--output-tokens", "128",
        "--sim-slow", "2", "--sim-kv-tokens", "2048", "-o", str(path),
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    assert main(["report", str(path), "--format", "json"]) == 0
    alone, crowded = json.loads(capsys.readouterr().out)["levels"]
    assert alone["tpot_ms"]["p50"] > 1.9 * 4.9  # 4.9 ms is what an H200 takes
    assert alone["verdict"]["batch"] == "offered-load"
    assert crowded["verdict"]["batch"] == "kv-capacity"
    assert crowded["server"]["waiting"] > 1


def test_an_open_loop_is_run_and_reported(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = tmp_path / "open.rooftop"
    done = rooftop(
        tmp_path, "run", "--demo", "--rate", "10,40", "--hold", "2s", "--output-tokens", "16", "--workers", "2",
        "--arrivals", "constant", "--slo", "ttft=10s,e2e=20s", "-o", str(path),
        "--max-num-seqs", "512", "--gpu-hour", "2.50",
    )  # fmt: skip
    recorded = decode_header(text_of(path).split("\n", 1)[0].encode())
    assert (recorded.max_num_seqs, recorded.gpu_hour) == (512, 2.5)
    assert "cost/M" in done.stdout
    assert done.returncode == 0, done.stderr
    assert "rate/s" in done.stdout
    assert "good" in done.stdout
    assert "conc" not in done.stdout
    assert main(["report", str(path), "--format", "json"]) == 0
    levels = json.loads(capsys.readouterr().out)["levels"]
    assert [(level["mode"], level["rate"], level["goodput"]["share"]) for level in levels] == [
        ("open", 10.0, 1.0),
        ("open", 40.0, 1.0),
    ]
    for level in levels:
        assert level["requests"] == pytest.approx(level["rate"] * level["duration_s"], abs=1.5)
    queued = [json.loads(line) for line in text_of(path).splitlines() if '"request"' in line]
    assert queued[0]["queue_s"] < 0.1, "arrivals do not wait for the load workers to start"


def test_the_table_marks_levels_that_are_to_be_taken_with_care(demo: tuple[Path, str, str]) -> None:
    """Four seconds judge one request in flight after another (1.3 s each) no more than 64 at once."""
    lines = demo[1].splitlines()
    (mark,) = (line.split()[0] for line in lines if line.split()[1:2] == ["1"] and line.split()[0] in "?!")
    meaning = {"?": "too short to tell whether it was steady", "!": "too short for a steady part"}[mark]
    (legend,) = (line for line in lines if line.startswith(f"{mark} {meaning}:"))
    assert "at 1 hold it" in legend


def test_a_warm_up_is_set_by_hand(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = tmp_path / "a.rooftop"
    done = rooftop(
        tmp_path, "run", "--demo", "--concurrency", "2", "--hold", "4s", "--warmup", "1.5s", "--output-tokens", "16",
        "-o", str(path),
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    assert main(["report", str(path), "--format", "json"]) == 0
    (level,) = json.loads(capsys.readouterr().out)["levels"]
    assert (level["warmup_s"], level["short"]) == (1.5, False)
    assert level["duration_s"] >= 3.9


def test_every_export_of_a_demo_is_marked(demo: tuple[Path, str, str], capsys: pytest.CaptureFixture[str]) -> None:
    path, out, _ = demo
    assert "SIMULATED" in out
    assert main(["report", str(path)]) == 0
    assert "SIMULATED" in capsys.readouterr().out
    assert json.loads(text_of(path).split("\n", 1)[0])["simulated"] is True


def test_a_pipe_gets_plain_lines(demo: tuple[Path, str, str]) -> None:
    _, out, err = demo
    assert "\x1b" not in out + err
    assert [line for line in err.splitlines() if line.startswith("concurrency")] == [
        f"concurrency {n}" for n in (1, 8, 64)
    ]


def test_a_recording_holds_no_text_and_no_key(tmp_path: Path) -> None:
    path = tmp_path / "a.rooftop"
    with sim() as url:
        done = rooftop(
            tmp_path, "run", url.replace("http://", "http://me:hunter2@"), "--concurrency", "2", "--hold", "1s",
            "-o", str(path), ROOFTOP_API_KEY="sesame-key",
        )  # fmt: skip
    assert done.returncode == 0, done.stderr
    data = text_of(path)
    for secret in ("sesame-key", "hunter2", "Bearer", "Basic"):
        assert secret not in data + done.stdout + done.stderr
    assert '"prompt"' not in data
    assert os.stat(path).st_mode & 0o777 == 0o600


def test_nobody_listens(tmp_path: Path) -> None:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        url = f"http://127.0.0.1:{free.getsockname()[1]}"
    done = rooftop(tmp_path, "run", url, "--concurrency", "1")
    assert done.returncode == 1
    assert_one_line(done.stderr, url, "refused")


@pytest.mark.parametrize(("status", "says"), [(401, "ROOFTOP_API_KEY"), (404, "OpenAI"), (500, "500")])
def test_a_server_that_refuses_is_one_clear_line(tmp_path: Path, status: int, says: str) -> None:
    class Refuses(http.server.BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self.send_error(status)

        def log_message(self, format: str, *args: object) -> None:  # noqa: A002
            pass

    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), Refuses) as server:
        threading.Thread(target=server.serve_forever).start()
        done = rooftop(tmp_path, "run", f"http://127.0.0.1:{server.server_port}", "--concurrency", "1")
        server.shutdown()
    assert done.returncode == 1
    assert_one_line(done.stderr, says)


def test_a_model_that_is_not_served_names_those_that_are(tmp_path: Path) -> None:
    with sim() as url:
        done = rooftop(tmp_path, "run", url, "--model", "gpt-[red]5\x1b[31m", "--concurrency", "1")
    assert done.returncode == 1
    assert_one_line(done.stderr, "llama-3.1-8b")
    assert "\x1b" not in done.stderr


def assert_one_line(text: str, *says: str) -> None:
    assert text.count("\n") == 1, text
    assert text.startswith("rooftop: ")
    for word in says:
        assert word in text


@pytest.mark.parametrize(
    "words",
    [
        ["run"],
        ["run", "http://x", "--demo", "--concurrency", "1"],
        ["run", "--demo"],
        ["run", "--demo", "--concurrency", "0"],
        ["run", "--demo", "--concurrency", "1", "--rate", "1"],
        ["run", "--demo", "--rate", "0"],
        ["run", "--demo", "--rate", "8,x"],
        ["run", "--demo", "--rate", "8", "--slo", "ttft=fast"],
        ["run", "--demo", "--rate", "8", "--slo", "ttft=1s,ttft=2s"],
        ["run", "--demo", "--rate", "8", "--arrivals", "constant", "--burstiness", "2"],
        ["run", "--demo", "--rate", "8", "--burstiness", "0"],
        ["run", "--demo", "--rate", "8", "--max-in-flight", "2", "--workers", "3"],
        ["http://x", "--rate", "8", "--concurrency", "8"],
        ["run", "--demo", "--concurrency", "1,x"],
        ["run", "--demo", "--concurrency", "1", "--hold", "0"],
        ["run", "--demo", "--concurrency", "1", "--hold", "4s", "--warmup", "3s"],
        ["run", "--demo", "--concurrency", "1", "--warmup", "soon"],
        ["run", "ftp://x", "--concurrency", "1"],
        ["run", "http://x", "--concurrency", "1", "--model-shape", "gpt-9"],
        ["report"],
        ["report", "x", "--format", "xml"],
        ["run", "http://x", "--concurrency", "1", "--sim-slow", "1.15"],
        ["demo", "--sim-freeze", "5s"],
        ["sim", "--gpu", "h900"],
        ["sim", "--slow", "0"],
        ["--no-such-flag"],
        ["http://x"],
    ],
)
def test_wrong_usage_ends_with_two_and_no_traceback(words: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    try:
        code: object = main(words)
    except SystemExit as end:
        code = end.code
    assert code == 2
    error = capsys.readouterr().err
    assert error
    assert "Traceback" not in error


@pytest.mark.parametrize(
    "words", [["--help"], *([command, "--help"] for command in ("demo", "run", "sim", "replay", "report"))]
)
def test_help_is_there_and_names_what_works(words: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as end:
        main(words)
    assert end.value.code == 0
    assert "usage: rooftop" in capsys.readouterr().out


def test_version(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit):
        main(["--version"])
    assert re.fullmatch(r"rooftop \d+\.\d+\.\d+\n", capsys.readouterr().out)


def test_a_recording_is_never_overwritten(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = tmp_path / "a.rooftop"
    path.write_text("precious")
    with sim() as url:
        assert main(["run", url, "--concurrency", "1", "-o", str(path)]) == 1
    assert "never overwritten" in capsys.readouterr().err
    assert path.read_text() == "precious"


def test_a_place_that_cannot_be_written_is_one_line(tmp_path: Path) -> None:
    with sim() as url:
        done = rooftop(
            tmp_path, "run", url, "--concurrency", "1", "-o", str(tmp_path / "no" / "such" / "folder.rooftop")
        )
    assert done.returncode == 1
    assert_one_line(done.stderr, "cannot create the recording", "No such file")


@pytest.mark.parametrize("content", [b"", b"garbage\n", encode(header(format=99))])
def test_a_file_that_is_no_recording_is_one_line(
    tmp_path: Path, content: bytes, capsys: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / "x"
    path.write_bytes(content)
    assert main(["report", str(path)]) == 1
    assert_one_line(capsys.readouterr().err, str(path))


def test_a_missing_recording_is_one_line(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["report", str(tmp_path / "x")]) == 1
    assert_one_line(capsys.readouterr().err, "No such file")


def test_the_report_of_a_cut_recording_says_so(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = tmp_path / "a.rooftop"
    whole = encode(header()) + b"".join(encode(event) for event in ramp())
    path.write_bytes(whole[: len(whole) * 3 // 4])
    assert main(["report", str(path)]) == 0
    assert "cut off" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("late", "says"),
    [
        ({"lag_p99_s": 0.006}, "client-bound at 8: "),
        ({"cpu": 0.97}, "client-bound at 8: "),
        ({"lag_p99_s": 0.004, "cpu": 0.9}, None),
        ({}, None),
    ],
)
def test_a_late_client_is_told_in_one_line_even_if_the_last_level_was_fine(
    tmp_path: Path, late: dict[str, float], says: str | None, capsys: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / "a.rooftop"
    events: list[Event] = []
    for at, (concurrency, how) in enumerate(((8, late), (4, {}))):
        events.append(Level(t_s=at * 2.0, concurrency=concurrency))
        events += [Tick(t_s=at * 2 + n / 4, dt_s=0.25, in_flight=1, **how) for n in range(1, 8)]  # type: ignore[arg-type]
    path.write_bytes(encode(header()) + b"".join(map(encode, events)))
    assert main(["report", str(path)]) == 0
    told = [line for line in capsys.readouterr().out.splitlines() if line.startswith("client-bound at")]
    assert len(told) == (says is not None)
    if says is not None:
        assert told[0].startswith(says)
        assert "--workers (now 1)" in told[0]


def test_another_client_sends_the_load_and_is_named(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = tmp_path / "a.rooftop"
    done = rooftop(
        tmp_path, "run", "--demo", "--concurrency", "2", "--hold", "1s", "--output-tokens", "16", "--client", "aiohttp",
        "-o", str(path),
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    assert "sent by --client aiohttp" in done.stdout
    assert main(["report", str(path), "--format", "json"]) == 0
    figures = json.loads(capsys.readouterr().out)
    assert figures["client"] == "aiohttp"
    assert figures["totals"]["errors"] == {}
    assert figures["totals"]["output_tokens"] == 16 * figures["totals"]["requests"] > 0


@pytest.mark.parametrize(("text", "seconds"), [("10s", 10), ("500ms", 0.5), ("2m", 120), ("7", 7), ("1.5 s", 1.5)])
def test_durations(text: str, seconds: float) -> None:
    assert duration_s(text) == seconds


def test_a_warm_up_may_be_nothing() -> None:
    assert [warmup_s(text) for text in ("0", "0s", "0.0", "5s", "500ms")] == [0.0, 0.0, 0.0, 5.0, 0.5]


def test_levels_are_in_the_order_given() -> None:
    assert levels("8, 4,8") == [8, 4, 8]

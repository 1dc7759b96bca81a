"""A trace from the command line to the simulated server and into the recording."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from rooftop.cli import main
from session.codec import decode
from session.events import Level, Request
from tests.processes import rooftop
from tests.recorded import text_of
from tests.terminal import Terminal


def trace(folder: Path, count: int = 20, gap_ms: int = 100, name: str = "toy.jsonl") -> Path:
    path = folder / name
    path.parent.mkdir(exist_ok=True)
    lines = [
        {"timestamp": gap_ms * k, "input_length": 600 + k, "output_length": 4 + k, "hash_ids": [7, 100 + k]}
        for k in range(count)
    ]
    path.write_text("".join(json.dumps(line) + "\n" for line in lines))
    return path


def recorded(path: Path) -> tuple[list[Request], list[Level]]:
    events = [decode(line) for line in text_of(path).encode().splitlines()[1:]]
    return [e for e in events if isinstance(e, Request)], [e for e in events if isinstance(e, Level)]


def report(path: Path, capsys: pytest.CaptureFixture[str]) -> dict[str, object]:
    assert main(["report", str(path), "--format", "json"]) == 0
    figures = json.loads(capsys.readouterr().out)
    assert isinstance(figures, dict)
    return figures


@pytest.mark.parametrize("workers", [1, 2])
def test_a_run_sends_a_trace_and_ends_with_its_last_request(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], workers: int
) -> None:
    path = tmp_path / "a.rooftop"
    done = rooftop(
        tmp_path, "run", "--demo", "--trace", str(trace(tmp_path / "secret-folder")), "--trace-speed", "2",
        "--workers", str(workers), "-o", str(path),
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    assert "trace toy.jsonl ×2: requests 20, seconds 1" in done.stderr
    assert "×2" in done.stdout
    requests, levels = recorded(path)
    assert sorted((r.prompt_tokens, r.output_tokens) for r in requests) == [(600 + k, 4 + k) for k in range(20)]
    assert {r.worker for r in requests} == set(range(workers))
    starts = sorted(r.start_s for r in requests)
    assert [s - starts[0] for s in starts] == pytest.approx([k * 0.05 for k in range(20)], abs=2e-6)
    assert [(level.mode, level.speed, level.by) for level in levels] == [
        ("trace", 2.0, "start"),
        ("trace", 0.0, "trace-end"),
    ]
    assert levels[1].t_s >= max(r.t_s for r in requests), "the level lasts until all of it has ended"
    figures = report(path, capsys)
    assert figures["trace"] == {"name": "toy.jsonl", "requests": 20, "duration_s": 1.9}
    levels_told = figures["levels"]
    assert isinstance(levels_told, list)
    (level,) = levels_told
    assert (level["mode"], level["speed"], level["requests"], level["errors"]) == ("trace", 2.0, 20, {})
    assert level["e2e_ms"]["count"] == 20
    assert "secret-folder" not in text_of(path).replace(str(path), "") + done.stdout.replace(str(path), "")


def test_the_demo_without_a_terminal_replays_a_part_of_azures_trace(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path, csv = tmp_path / "a.rooftop", tmp_path / "azure.csv"
    rows = [f"2023-11-16 18:15:{46 + k}.6805900,{374 + k},{4 + k}\n" for k in range(9)]
    csv.write_text("TIMESTAMP,ContextTokens,GeneratedTokens\n" + "".join(rows))
    done = rooftop(tmp_path, "demo", "--trace", str(csv), "--trace-limit", "3s", "--trace-speed", "10", "-o", str(path))
    assert done.returncode == 0, done.stderr
    assert sorted((r.prompt_tokens, r.output_tokens) for r in recorded(path)[0]) == [(374, 4), (375, 5), (376, 6)]
    figures = report(path, capsys)
    assert figures["trace"] == {"name": "azure.csv", "requests": 3, "duration_s": 2.0}


def test_what_does_not_fit_into_the_model_is_counted(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path, file = tmp_path / "a.rooftop", tmp_path / "long.jsonl"
    shapes = [(0, 10, 3), (10, 131_070, 3), (20, 12, 3)]
    file.write_text("".join(f'{{"timestamp": {t}, "input_length": {i}, "output_length": {o}}}\n' for t, i, o in shapes))
    done = rooftop(tmp_path, "run", "--demo", "--trace", str(file), "-o", str(path))
    assert done.returncode == 0, done.stderr
    assert "131073 tokens of prompt and output, where the model takes 131072" in done.stdout
    figures = report(path, capsys)
    assert figures["totals"] == {"requests": 2, "errors": {"too_long": 1}, "output_tokens": 6}


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["run", "--demo", "--trace", "/nowhere/x.jsonl"], "--trace: /nowhere/x.jsonl: cannot be read: No such file"),
        (["run", "--demo", "--trace", "{bad}"], "line 1: is neither Mooncake's JSON lines nor Azure's CSV"),
        (["run", "--demo", "--trace", "{good}", "--rate", "1"], "not allowed with"),
        (["demo", "--trace", "{good}", "--concurrency", "1"], "not allowed with"),
        (["http://x", "--trace", "{good}", "--concurrency", "1"], "say one"),
        (["run", "--demo", "--trace", "{good}", "--arrivals", "constant"], "leave out --arrivals"),
        (["run", "--demo", "--trace", "{good}", "--turns", "2"], "none of --dataset"),
        (["run", "--demo", "--trace", "{good}", "--trace-speed", "0"], "is no speed from 0.01 to 1000"),
        (["run", "--demo", "--trace", "{good}", "--trace-limit", "0"], "is no number of requests"),
        (["run", "--demo", "--trace", "{good}", "--trace-limit", "soon"], "is no duration"),
        (["run", "--demo", "--concurrency", "1", "--trace-speed", "2"], "say --trace FILE too"),
        (["run", "--demo"], "one of the arguments --concurrency --rate --trace is required"),
    ],
)
def test_a_bad_trace_ends_with_2_before_anything_starts(
    tmp_path: Path, words: list[str], said: str, capsys: pytest.CaptureFixture[str]
) -> None:
    bad = tmp_path / "bad.csv"
    bad.write_text("a,b\n1,2\n")
    files = {"{good}": str(trace(tmp_path)), "{bad}": str(bad)}
    try:
        code: object = main([files.get(word, word) for word in words])
    except SystemExit as end:
        code = end.code
    assert code == 2
    error = capsys.readouterr().err
    assert said in error
    assert "Traceback" not in error


def test_a_file_whose_name_is_no_text_is_one_line(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = trace(tmp_path).rename(tmp_path / "\udce9.jsonl")
    assert main(["run", "--demo", "--trace", str(path)]) == 2
    assert "not UTF-8; rename it" in capsys.readouterr().err


def test_keys_change_a_traces_speed_stop_it_and_leave_it(tmp_path: Path) -> None:
    path = tmp_path / "a.rooftop"
    words = ["demo", "--trace", str(trace(tmp_path, 600)), "-o", str(path)]
    with Terminal(tmp_path, words) as screen:
        screen.wait_for("toy.jsonl")
        screen.wait_for("×1")
        screen.press("]")
        screen.wait_for("×2")
        screen.press("+")
        screen.wait_for("×2.1")
        screen.press("w")
        screen.wait_for("the lengths are the trace's")
        screen.press(" ")
        screen.wait_for("PAUSED")
        screen.press(" ")
        screen.wait_for("of 600")
        screen.press("c")
        screen.wait_for("Concurrency")
        screen.press("=3\r")
        screen.wait_until(lambda: any(level.concurrency == 3 for level in recorded(path)[1]))
        screen.press("\x03\x03")
        screen.wait_exit()
    requests, levels = recorded(path)
    assert [(level.mode, level.speed, level.by) for level in levels[:5]] == [
        ("trace", 1.0, "start"), ("trace", 2.0, "key"), ("trace", 2.1, "key"), ("trace", 0.0, "pause"),
        ("trace", 2.1, "resume"),
    ]  # fmt: skip
    assert levels[5].mode == "closed"
    replayed = sorted(r.prompt_tokens or 0 for r in requests if r.queue_s is not None)
    assert replayed == [600 + k for k in range(len(replayed))], "each once, none left out"


def test_a_trace_that_is_over_says_so_on_the_screen(tmp_path: Path) -> None:
    words = ["demo", "--trace", str(trace(tmp_path, 5)), "--trace-speed", "5"]
    with Terminal(tmp_path, words) as screen:
        screen.wait_for("5 of 5")
        screen.wait_for("×0")
        screen.press("]")
        screen.wait_for("all of the trace has been sent")
        screen.press("q")
        assert screen.wait_exit() == 0

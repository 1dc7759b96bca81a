"""What is exported as vLLM's bench would have written it."""

from __future__ import annotations

import json
from contextlib import closing
from pathlib import Path
from statistics import median

import pytest

from results.export.vllm_bench import LISTS, export, result_of
from results.run import load
from rooftop.cli import main
from session.events import Request
from session.recording import Reader
from tests.results.recordings import made, real


def test_its_sums_are_those_of_the_requests(tmp_path: Path) -> None:
    source = made(tmp_path / "a.rooftop", requests=80, failed=1)
    run = load(source)
    (level,) = run.levels
    told = result_of(run, level, detailed=True)
    with closing(Reader(source)) as reader:
        requests = [event for event in reader.poll() if isinstance(event, Request)]
    good = [request for request in requests if request.error is None]
    assert (told["completed"], told["failed"], told["num_prompts"]) == (len(good), 20, 80)
    assert told["total_output_tokens"] == sum(request.output_tokens for request in good) == 33 * 60
    assert told["output_throughput"] == pytest.approx(told["total_output_tokens"] / told["duration"])
    assert told["median_ttft_ms"] == pytest.approx(median(r.ttft_s or 0 for r in good) * 1e3)
    assert told["median_itl_ms"] == pytest.approx(5, rel=0.03)
    assert (told["max_concurrency"], told["request_rate"], told["max_concurrent_requests"]) == (4, "inf", 4)
    assert all(len(told[name]) == len(good) for name in LISTS)


def test_a_file_for_each_level(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    source = made(tmp_path / "a.rooftop", levels=(2, 4))
    assert main(["export", str(source), "--to", "vllm-bench", "-o", str(tmp_path / "out")]) == 0
    names = [Path(line) for line in capsys.readouterr().out.splitlines()]
    assert [json.loads(path.read_text())["max_concurrency"] for path in names] == [2, 4]
    assert not set(LISTS) & set(json.loads(names[0].read_text()))


def test_one_level_may_be_one_file(tmp_path: Path) -> None:
    assert export(made(tmp_path / "a.rooftop"), tmp_path / "b.json") == [tmp_path / "b.json"]


def test_a_real_session(tmp_path: Path) -> None:
    paths = export(real("h200-llama-3.1-8b-tp1", tmp_path), tmp_path / "out")
    told = [json.loads(path.read_text()) for path in paths]
    assert [one["max_concurrency"] for one in told] == [1, 4, 16, 64, 256, 512]
    assert told[0]["median_tpot_ms"] == pytest.approx(4.84, rel=0.01)
    assert all(one["failed"] == 0 and one["completed"] == one["num_prompts"] for one in told)


def test_nothing_is_written_over_unasked(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    source, out = made(tmp_path / "a.rooftop"), tmp_path / "b.json"
    out.write_text("mine")
    assert main(["export", str(source), "--to", "vllm-bench", "-o", str(out)]) == 2
    assert "--force" in capsys.readouterr().err
    assert out.read_text() == "mine"
    assert main(["export", str(source), "--to", "vllm-bench", "-o", str(out), "--force"]) == 0
    assert main(["export", str(tmp_path / "none"), "--to", "vllm-bench"]) == 1

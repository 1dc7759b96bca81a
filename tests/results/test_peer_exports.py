"""Exports to GuideLLM and AIPerf: their own packages read them, and their figures are theirs."""

from __future__ import annotations

import json
import os
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from results.export import aiperf, guidellm
from results.run import load
from rooftop.cli import main
from session.codec import encode
from session.events import End, Event, Level, Request
from session.recording import Writer
from tests.results.recordings import HEADER, made, real
from tests.results.test_imports import GUIDELLM

DATA = Path(__file__).parents[1] / "data" / "exports"
GOLDEN = {"guidellm": DATA / "guidellm.json", "aiperf": DATA / "profile_export_aiperf.json"}
"""Exports of GuideLLM's own sample, which the packages read when these were made (GuideLLM 0.8.1, AIPerf 0.13.0)."""
CHECKS = {
    "guidellm": "from guidellm.benchmark.schemas.report import GenerativeBenchmarksReport as R\n"
                "r = R.load_file(path); print(sum(len(b.requests.successful) for b in r.benchmarks))",
    "aiperf": "from aiperf.common.models.export_models import JsonExportData as R\n"
              "r = R.model_validate_json(open(path).read()); print(r.request_latency.count)",
}  # fmt: skip
SAME = (
    "request_concurrency", "request_latency", "prompt_token_count", "output_token_count", "total_token_count",
    "time_to_first_token_ms", "time_per_output_token_ms", "inter_token_latency_ms",
)  # fmt: skip


def exported(name: str, source: Path, out: Path) -> Path:
    assert main(["export", str(source), "--to", name, "-o", str(out)]) == 0
    return out


@pytest.mark.parametrize("metric", SAME)
def test_figures_of_its_own_requests_are_guidellm_s(metric: str) -> None:
    theirs = json.loads(GUIDELLM.read_text())["benchmarks"][0]["metrics"][metric]["successful"]
    mine = guidellm.report(load(GUIDELLM))["benchmarks"][0]["metrics"][metric]["successful"]
    for name in ("mean", "median", "std_dev", "min", "max", "count", "total_sum"):
        assert mine[name] == pytest.approx(theirs[name], rel=1e-4, abs=1e-9), name
    assert mine["percentiles"] == pytest.approx(theirs["percentiles"], rel=1e-4)


@pytest.mark.parametrize("metric", ["requests_per_second", "output_tokens_per_second", "tokens_per_second"])
def test_rates_have_guidellm_s_means(metric: str) -> None:
    theirs = json.loads(GUIDELLM.read_text())["benchmarks"][0]["metrics"][metric]["successful"]
    mine = guidellm.report(load(GUIDELLM))["benchmarks"][0]["metrics"][metric]["successful"]
    assert mine["mean"] == pytest.approx(theirs["mean"], rel=1e-3)


def test_a_report_has_a_benchmark_for_each_level_and_no_texts(tmp_path: Path) -> None:
    source = made(tmp_path / "a.rooftop", levels=(2, 8), failed=1)
    told = json.loads(exported("guidellm", source, tmp_path / "a.json").read_text())
    assert [one["config"]["strategy"]["streams"] for one in told["benchmarks"]] == [2, 8]
    run = load(source)
    for one, level in zip(told["benchmarks"], run.levels, strict=True):
        assert one["metrics"]["request_totals"]["errored"] == level.requests.failed > 0
        assert len(one["requests"]["successful"]) == len(level.requests.end_s)
        assert {request["output"] for request in one["requests"]["successful"]} == {None}
    back = load(tmp_path / "a.json")
    assert [level.view.requests for level in back.levels] == [level.view.requests for level in run.levels]


def test_an_open_loop_is_guidellm_s_too(tmp_path: Path) -> None:
    path = tmp_path / "a.rooftop"
    requests = [Request(t_s=n + 1.5, start_s=n + 1.0, ttft_s=0.1, last_s=0.5, prompt_tokens=8, output_tokens=5)
                for n in range(10)]  # fmt: skip
    writer = Writer(path, HEADER)
    events: list[Event] = [
        Level(t_s=0.0, concurrency=0, mode="open", rate=1.0),
        *requests,
        End(t_s=12.0, reason="done"),
    ]
    writer.append([encode(event) for event in events])
    writer.close()
    strategy = guidellm.report(load(path))["benchmarks"][0]["config"]["strategy"]
    assert (strategy["type_"], strategy["rate"]) == ("poisson", 1.0)
    phase = aiperf.result_of(run := load(path), run.levels[0])["input_config"]["phases"][0]
    assert (phase["type"], phase["rate"]) == ("poisson", 1.0)


def test_aiperf_s_figures_are_those_of_the_level(tmp_path: Path) -> None:
    source = real("h200-llama-3.1-8b-tp4", tmp_path)
    exported("aiperf", source, tmp_path / "out")
    run = load(source)
    for path, level in zip(sorted((tmp_path / "out").glob("*/*.json")), run.levels, strict=True):
        told = json.loads(path.read_text())
        assert told["request_count"]["avg"] == len(level.requests.end_s)
        assert told["total_osl"]["avg"] == sum(level.requests.output_tokens)
        ttfts = sorted(v for v in level.requests.ttft_s if v == v)
        assert told["time_to_first_token"]["min"] == pytest.approx(ttfts[0] * 1e3)
        assert told["time_to_first_token"]["count"] == len(ttfts)
        assert told["inter_chunk_latency"]["avg"] == pytest.approx(told["inter_token_latency"]["avg"], rel=0.1)
        assert told["input_config"]["phases"][0]["concurrency"] == level.view.concurrency
        assert "time_to_second_token" not in told


def test_exports_are_as_they_were_when_the_packages_read_them(tmp_path: Path) -> None:
    for name, golden in GOLDEN.items():
        path = exported(name, GUIDELLM, tmp_path / golden.name)
        mine, theirs = ([*flat(json.loads(each.read_text()))] for each in (path, golden))
        assert [(key, type(value)) for key, value in mine] == [(key, type(value)) for key, value in theirs]
        for (key, value), (_, kept) in zip(mine, theirs, strict=True):
            assert value == (pytest.approx(kept) if isinstance(kept, float) else kept), key


def flat(value: Any, prefix: str = "") -> Iterator[tuple[str, Any]]:
    if isinstance(value, dict | list):
        items = value.items() if isinstance(value, dict) else enumerate(value)
        for name, item in items:
            yield from flat(item, f"{prefix}.{name}")
    else:
        yield prefix, value


@pytest.mark.parametrize("name", CHECKS)
def test_the_real_package_reads_it(tmp_path: Path, name: str) -> None:
    env = os.environ.get(f"ROOFTOP_{name.upper()}_ENV")
    if env is None:
        pytest.skip(f"needs {name} in an environment of its own, named by ROOFTOP_{name.upper()}_ENV")
    source = made(tmp_path / "a.rooftop", requests=40)
    path = exported(name, source, tmp_path / "a.json")
    done = subprocess.run(
        [str(Path(env) / "bin" / "python"), "-W", "ignore", "-c", f"path = {str(path)!r}\n{CHECKS[name]}"],
        capture_output=True, text=True, timeout=120, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr[-2000:]
    assert done.stdout.split()[-1] == "40"

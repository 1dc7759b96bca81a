"""Results of other tools as recordings: nothing lost, nothing invented, one clear line for what cannot be read."""

from __future__ import annotations

import json
from collections.abc import Callable
from functools import partial
from pathlib import Path
from statistics import fmean, median
from typing import Any, TypeVar

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from results.export import dmon as dmon_export
from results.export import vllm_bench as export
from results.imports import dmon, guidellm, parts, vllm_bench
from results.imports.files import imported, write
from results.imports.parts import NotImportable
from results.imports.together import together
from results.run import Run, load
from rooftop.cli import main
from session.codec import NotARecording, decode, encode
from session.events import Gpu, GpuSample, Level, Log, Request, Tick
from session.fold import State
from session.report import report
from session.view import LevelView
from tests.results.recordings import made, real

T = TypeVar("T")
GUIDELLM = Path(__file__).parents[1] / "data" / "imports" / "guidellm-0.8.1.json"
VLLM = GUIDELLM.with_name("vllm-bench-0.32.0.json")
PLAIN: dict[str, Any] = {
    "date": "20261121-100020", "endpoint_type": "openai", "backend": "openai", "model_id": "llama", "num_prompts": 40,
    "request_rate": "inf", "burstiness": 1.0, "max_concurrency": 4, "duration": 10.0, "completed": 39, "failed": 1,
    "total_input_tokens": 4992, "total_output_tokens": 1287, "request_throughput": 3.9, "output_throughput": 128.7,
    "total_token_throughput": 627.9, "mean_ttft_ms": 21.0, "median_ttft_ms": 20.0, "std_ttft_ms": 1.0,
    "p99_ttft_ms": 30.0, "mean_tpot_ms": 5.0, "median_tpot_ms": 4.9, "p99_tpot_ms": 6.0, "mean_itl_ms": 5.1,
    "median_itl_ms": 4.8, "p99_itl_ms": 9.0,
}  # fmt: skip


def detailed(count: int = 12, **changes: Any) -> dict[str, Any]:
    """Return four in flight, one after the other: first token after 0.1 s, then eight gaps of 0.05 s."""
    lists = {
        "start_times": [1000.0 + 0.5 * (at // 4) for at in range(count)], "ttfts": [0.1] * count,
        "itls": [[0.05] * 8] * count, "input_lens": [128] * count, "output_lens": [9] * count, "errors": [""] * count,
        "generated_texts": ["s3cret"] * count,
    }  # fmt: skip
    return PLAIN | {"completed": count, "failed": 0, "num_prompts": count} | lists | changes


def file_of(folder: Path, *results: dict[str, Any] | str, name: str = "a.json") -> Path:
    path = folder / name
    path.write_text("\n".join(one if isinstance(one, str) else json.dumps(one) for one in results))
    return path


def one_line_or(read: Callable[[], T]) -> T | None:
    """Return what is read, or ``None`` where one line says why it cannot be."""
    told = ""
    try:
        return read()
    except NotARecording as error:
        told = str(error)
    assert told
    assert "\n" not in told
    return None


def only(run: Run) -> LevelView:
    (level,) = run.levels
    return level.view


# What is told and what is not


def test_a_summary_is_told_and_nothing_is_invented(tmp_path: Path) -> None:
    path = file_of(tmp_path, PLAIN)
    found = imported([path])
    assert found is not None
    assert not [event for event in found.events if isinstance(event, Request | Tick)]
    run = load(path)
    view = only(run)
    assert (view.mode, view.concurrency, view.prompt_tokens, view.output_len) == ("closed", 4, 128, 33)
    assert (view.requests, view.errors, view.output_tokens) == (39, {"failed": 1}, 1287)
    assert (view.rates.output_tok_s, view.rates.requests_s, view.duration_s) == (128.7, 3.9, 10.0)
    ttft = view.latencies.ttft
    assert (ttft.count, ttft.mean, ttft.p50, ttft.p90, ttft.p95, ttft.p99) == (0, 0.021, 0.02, None, None, 0.03)
    assert view.latencies.itl.p99 == 0.009
    assert view.latencies.e2e.p50 is None
    assert (view.trust, ttft.p50_ci, view.efficiency) == (None, None, None)
    assert (run.header.origin, run.header.host, run.header.target, run.snapshot.model) == (
        "vllm bench",
        "",
        "",
        "llama",
    )
    assert (run.snapshot.requests, run.snapshot.output_tokens) == (39, 1287)


def test_latencies_of_newer_versions_are_e2e(tmp_path: Path) -> None:
    told = PLAIN | {"latencies": [0.1 * n for n in range(1, 41)], "completed": 40, "failed": 0}
    view = only(load(file_of(tmp_path, told)))
    assert view.latencies.e2e.p50 == pytest.approx(2.05)
    assert only(load(file_of(tmp_path, told | {"failed": 1}))).latencies.e2e.p50 is None


def test_details_become_requests_and_ticks_where_the_tokens_were(tmp_path: Path) -> None:
    found = imported([file_of(tmp_path, detailed())])
    assert found is not None
    ticks = [event for event in found.events if isinstance(event, Tick)]
    assert [tick.dt_s for tick in ticks] == [0.25] * len(ticks)
    # 0 to 0.25 s: first tokens at 0.1, then gaps at 0.15 and 0.2 (0.25 is in the next), of four requests.
    assert (ticks[0].output_tokens, ticks[0].prompt_tokens, ticks[0].ttft_s) == (4 * 3, 4 * 128, [0.1] * 4)
    assert sum(tick.output_tokens for tick in ticks) == 12 * 9
    assert sum(sum(tick.itl.values()) for tick in ticks) == 12 * 8
    assert max(tick.in_flight for tick in ticks) == 4
    run = load(file_of(tmp_path, detailed()))
    assert run.levels[0].view.latencies.itl.p50 == pytest.approx(0.05, rel=0.01)
    assert list(run.levels[0].requests.e2e_s) == pytest.approx([0.5] * 12)
    assert list(run.levels[0].requests.tpot_s) == pytest.approx([0.05] * 12)


def test_the_requests_of_a_real_result_give_what_it_tells() -> None:
    told = json.loads(VLLM.read_text())
    (level,) = load(VLLM).levels
    assert (level.view.requests, level.view.output_tokens) == (told["completed"], told["total_output_tokens"])
    for column, name in ((level.requests.ttft_s, "ttft"), (level.requests.tpot_s, "tpot")):
        assert median(column) * 1e3 == pytest.approx(told[f"median_{name}_ms"], rel=1e-6)
        assert fmean(column) * 1e3 == pytest.approx(told[f"mean_{name}_ms"], rel=1e-6)
    assert level.view.rates.output_tok_s == pytest.approx(told["output_throughput"], rel=0.15)


def test_without_gaps_tokens_are_spread_evenly_and_that_is_said(tmp_path: Path) -> None:
    told = detailed(itls=[[]] * 12, latencies=[0.5] * 12)
    found = imported([file_of(tmp_path, told)])
    assert found is not None
    ticks = [event for event in found.events if isinstance(event, Tick)]
    assert sum(tick.output_tokens for tick in ticks) == 12 * 9
    assert not any(tick.itl for tick in ticks)
    assert any("spread evenly" in event.text for event in found.events if isinstance(event, Log))
    assert only(load(file_of(tmp_path, told))).latencies.itl.p99 == 0.009, "what the tool told of it stands"


def test_failed_requests_have_no_latencies(tmp_path: Path) -> None:
    told = detailed(errors=["Traceback: s3cret prompt"] + [""] * 11, output_lens=[0] + [9] * 11)
    run = load(file_of(tmp_path, told))
    assert (only(run).requests, only(run).errors) == (11, {"failed": 1})
    found = imported([file_of(tmp_path, told)])
    assert found is not None
    write(found, tmp_path / "a.rooftop")
    assert b"s3cret" not in (tmp_path / "a.rooftop").read_bytes()


def test_a_paced_run_is_an_open_loop(tmp_path: Path) -> None:
    view = only(load(file_of(tmp_path, PLAIN | {"request_rate": 3.5, "max_concurrency": None})))
    assert (view.mode, view.rate_s, view.concurrency) == ("open", 3.5, 0)


def test_all_at_once_is_all_in_flight(tmp_path: Path) -> None:
    assert only(load(file_of(tmp_path, PLAIN | {"max_concurrency": None}))).concurrency == 40


def test_appended_results_are_levels_by_their_dates(tmp_path: Path) -> None:
    later = PLAIN | {"date": "20261121-110000", "max_concurrency": 8, "total_input_tokens": 39 * 256}
    run = load(file_of(tmp_path, later, PLAIN))
    assert [(x.view.concurrency, x.view.prompt_tokens) for x in run.levels] == [(4, 128), (8, 256)]
    assert run.levels[1].view.started_s == pytest.approx(11.0)


def test_python_s_nan_is_missing(tmp_path: Path) -> None:
    view = only(load(file_of(tmp_path, json.dumps(PLAIN | {"median_ttft_ms": float("nan")}))))
    assert (view.latencies.ttft.p50, view.latencies.ttft.mean) == (None, 0.021)


def test_guidellm_s_requests_are_its_own(tmp_path: Path) -> None:
    run = load(GUIDELLM)
    view = only(run)
    assert (view.concurrency, view.requests, view.output_tokens, view.output_len) == (4, 12, 192, 16)
    own = json.loads(GUIDELLM.read_text())["benchmarks"][0]["metrics"]
    for mine, theirs, scale in (
        (run.levels[0].requests.ttft_s, "time_to_first_token_ms", 1e3),
        (run.levels[0].requests.tpot_s, "inter_token_latency_ms", 1e3),
    ):
        assert min(mine) * scale == pytest.approx(own[theirs]["successful"]["min"])
        assert max(mine) * scale == pytest.approx(own[theirs]["successful"]["max"])
    assert sum(run.levels[0].requests.ttft_s) / 12e-3 == pytest.approx(
        own["time_to_first_token_ms"]["successful"]["mean"]
    )
    assert (run.header.origin, run.header.target) == ("GuideLLM", "http://127.0.0.1:18123")


def test_a_sample_of_guidellm_s_requests_is_not_taken_for_all(tmp_path: Path) -> None:
    told = json.loads(GUIDELLM.read_text())
    one = told["benchmarks"][0]
    one["requests"]["successful"] = one["requests"]["successful"][:3]
    run = load(file_of(tmp_path, told))
    assert only(run).requests == 12
    assert only(run).rates.requests_s == pytest.approx(25.554, rel=1e-3)
    assert only(run).latencies.ttft.mean == pytest.approx(0.042014, rel=1e-3)
    assert len(run.levels[0].requests.e2e_s) == 0
    assert any("3 of 12 requests" in line.text for line in run.snapshot.log)


# There and back again


@pytest.mark.parametrize("name", ["h200-llama-3.1-8b-tp1", "h200-llama-3.1-8b-tp4"])
def test_what_was_exported_comes_back(tmp_path: Path, name: str) -> None:
    source = real(name, tmp_path)
    files = export.export(source, tmp_path / "out", detailed=True)
    assert main(["import", *map(str, files), "-o", str(tmp_path / "back.rooftop")]) == 0
    before, after = load(source), load(tmp_path / "back.rooftop")
    assert [x.view.concurrency for x in after.levels] == [x.view.concurrency for x in before.levels]
    for mine, theirs in zip(after.levels, before.levels, strict=True):
        assert mine.view.requests == theirs.view.requests
        assert mine.view.output_tokens == theirs.view.output_tokens
        assert (mine.view.prompt_tokens, mine.view.output_len) == (theirs.view.prompt_tokens, theirs.view.output_len)
        for column in ("ttft_s", "tpot_s", "e2e_s"):
            here, there = (sorted(getattr(level.requests, column)) for level in (mine, theirs))
            assert here == pytest.approx(there, rel=1e-9)
        if theirs.view.trust and theirs.view.trust.steady:  # the same requests are steady again
            for latency in ("ttft", "tpot", "e2e"):
                for q in ("p50", "p90", "p99"):
                    here, there = (getattr(getattr(v.view.latencies, latency), q) for v in (mine, theirs))
                    assert here == pytest.approx(there, rel=0.01), (theirs.view.concurrency, latency, q)
            assert mine.view.rates.output_tok_s == pytest.approx(theirs.view.rates.output_tok_s, rel=0.03)


def test_dmon_text_comes_back(tmp_path: Path) -> None:
    source = real("h200-llama-3.1-8b-tp4", tmp_path)
    (log,) = dmon_export.export(source, tmp_path / "log")
    before, after = load(source).snapshot, load(log).snapshot
    assert [gpu.info.index for gpu in after.gpus] == [gpu.info.index for gpu in before.gpus]
    for mine, theirs in zip(after.gpus, before.gpus, strict=True):
        assert mine.reading.power_w == pytest.approx(theirs.reading.power_w, abs=0.51)
        assert mine.reading.sm_clock_mhz == theirs.reading.sm_clock_mhz
        assert mine.reading.util_pct == pytest.approx(theirs.reading.util_pct, abs=0.51)
    assert after.header.origin == "nvidia-smi dmon"


# Logs of dmon

DMON = """\
#Date       Time        gpu    pwr  gtemp  mtemp     sm    mem    mclk   pclk
#YYYYMMDD   HH:MM:SS    Idx      W      C      C      %      %     MHz    MHz
 20261121   10:00:12      0    412     55      -     97     64    2619   1980
 20261121   10:00:12      1    400     54     60     96     63    2619   1980
 20261121   10:00:13      0    413     55      -     97     64    2619   1965
 20261121   10:00:13      1    401     54     60     96     63    2619   1965
"""
SHORT = """\
# gpu    pwr     sm     fb
# Idx      W      %     MB
    0    100     10   1024
    0      -     11   1025
"""


def watch_of(text: str) -> parts.Watch:
    return dmon.parse(text.splitlines(keepends=True))


def test_a_log_with_dates_has_its_columns_by_name() -> None:
    watch = watch_of(DMON)
    assert [sample.t_s for sample in watch.samples] == [0.0, 1.0]
    first, second = watch.samples[0].gpus
    assert (first.power_w, first.hbm_temp_c, first.util_pct, first.sm_clock_mhz) == (412.0, None, 97.0, 1980)
    assert (second.index, second.hbm_temp_c, second.memory_used_bytes) == (1, 60.0, None)
    assert watch.began is not None
    assert f"{watch.began:%Y-%m-%d %H:%M:%S}" == "2026-11-21 10:00:12"


def test_a_log_without_times_is_one_round_a_second_and_says_so() -> None:
    watch = watch_of(SHORT)
    assert [(s.t_s, s.gpus[0].power_w, s.gpus[0].memory_used_bytes) for s in watch.samples] == [
        (0.0, 100.0, 1 << 30), (1.0, None, 1025 << 20),
    ]  # fmt: skip
    assert watch.began is None
    assert "no times" in watch.remarks[0]


def test_midnight_and_a_clock_that_steps_back() -> None:
    head = "#Time gpu pwr\n#HH:MM:SS Idx W\n"
    rows = "".join(f"{at} 0 1\n" for at in ("23:59:59", "00:00:00", "00:00:02", "00:00:01", "00:00:04"))
    assert [sample.t_s for sample in watch_of(head + rows).samples] == [0.0, 1.0, 3.0, 3.0, 5.0]


def test_headings_may_change_and_torn_lines_are_counted() -> None:
    watch = watch_of(SHORT + "# gpu pwr\n# Idx W\n    0 7\n    0 8 9\n    0 x\n    0 5")
    assert [sample.gpus[0].power_w for sample in watch.samples] == [100.0, None, 7.0]
    assert any(line.startswith("3 lines") for line in watch.remarks)


CELL = st.one_of(st.just("-"), st.integers(0, 10**6).map(str))
NAMES = st.lists(st.sampled_from([*dmon.COLUMNS, "enc", "dec", "jpg", "pviol"]), min_size=1, max_size=12, unique=True)


@settings(max_examples=100, deadline=None)
@given(st.data())
def test_any_choice_of_columns_is_read_as_it_was_written(data: st.DataObject) -> None:
    names, gpus = data.draw(NAMES), data.draw(st.integers(1, 8))
    rounds = data.draw(st.lists(st.lists(st.lists(CELL, min_size=len(names), max_size=len(names)), min_size=gpus,
                                         max_size=gpus), min_size=1, max_size=5))  # fmt: skip
    rows = "".join(f"{gpu} {' '.join(cells)}\n" for each in rounds for gpu, cells in enumerate(each))
    watch = watch_of(f"# gpu {' '.join(names)}\n# Idx {' '.join('x' * len(names))}\n{rows}")
    assert [len(sample.gpus) for sample in watch.samples] == [gpus] * len(rounds)
    written = {field: name for name, (field, _) in dmon.COLUMNS.items() if name in names}
    for sample, each in zip(watch.samples, rounds, strict=True):
        for reading, cells in zip(sample.gpus, each, strict=True):
            row = dict(zip(names, cells, strict=True))
            for field, name in written.items():
                value = getattr(reading, field)
                if "temp" not in written.values() or field != "temp_c":
                    assert (value is None) == (row[name] == "-")
                if value is not None and name not in ("temp", "gtemp"):
                    assert value == float(row[name]) * dmon.COLUMNS[name][1]


@settings(max_examples=200, deadline=None)
@given(st.integers(0, len(DMON) - 1), st.characters())
def test_a_damaged_log_gives_readings_or_one_line(at: int, put: str) -> None:
    for text in (DMON[:at], DMON[:at] + put + DMON[at + 1 :]):
        if (watch := one_line_or(partial(watch_of, text))) is not None:
            assert all(reading.power_w is None or reading.power_w >= 0 for s in watch.samples for reading in s.gpus)
            assert [s.t_s for s in watch.samples] == sorted(s.t_s for s in watch.samples)


# Together


def test_a_run_and_a_log_of_its_time_are_one_recording(tmp_path: Path) -> None:
    log = file_of(tmp_path, DMON, name="gpu.log")
    found = imported([file_of(tmp_path, PLAIN), log])
    assert found is not None
    assert found.header.origin == "vllm bench + nvidia-smi dmon"
    levels = [event.t_s for event in found.events if isinstance(event, Level)]
    assert levels == [0.0, 10.0]
    assert [event.t_s for event in found.events if isinstance(event, GpuSample)] == [2.0, 3.0]
    assert [event.index for event in found.events if isinstance(event, Gpu)] == [0, 1]
    write(found, tmp_path / "a.rooftop")
    view = only(load(tmp_path / "a.rooftop"))
    assert view.efficiency is not None
    assert view.efficiency.gpus == 2
    assert view.efficiency.power_w == pytest.approx(813.0)
    assert view.verdict.step is None


@pytest.mark.parametrize(
    ("log", "line"),
    [
        (DMON.replace("10:00:1", "18:00:1"), "do not overlap"),
        (SHORT, "no dates and times"),
    ],
)
def test_what_has_no_common_time_is_not_joined(tmp_path: Path, log: str, line: str) -> None:
    with pytest.raises(NotImportable, match=line):
        imported([file_of(tmp_path, PLAIN), file_of(tmp_path, log, name="gpu.log")])


# Compared


def test_a_summary_has_values_without_intervals_and_no_gate_can_tell(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    mine, theirs = made(tmp_path / "mine.rooftop"), file_of(tmp_path, PLAIN, name="theirs.json")
    assert main(["compare", str(theirs), str(mine), "--fail-on", "tpot_p50:+1%"]) == 3
    out = capsys.readouterr().out
    assert "+2." in out
    assert " % ?" in out
    assert "another tool told it without its requests" in out
    assert "theirs.json: measured by vllm bench" in out


def test_every_command_takes_a_foreign_file(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = str(file_of(tmp_path, detailed()))
    assert main(["report", path]) == 0
    assert "measured by vllm bench" in capsys.readouterr().out
    assert main(["report", path, "--format", "json"]) == 0
    assert json.loads(capsys.readouterr().out)["origin"] == "vllm bench"
    assert main(["export", path, "--to", "csv", "-o", str(tmp_path / "csv")]) == 0
    assert main(["export", path, "--to", "perfetto", "-o", str(tmp_path / "trace")]) == 0
    assert len((tmp_path / "csv" / "requests.csv").read_text().splitlines()) == 13


# What cannot be read


@pytest.mark.parametrize(
    ("text", "line"),
    [
        (json.dumps(PLAIN)[:-20], "cut off or damaged"),
        (json.dumps(PLAIN | {"duration": "long"}), "duration: Expected `float`"),
        (json.dumps(PLAIN | {"duration": 1e9}), "a broken clock"),
        (json.dumps(PLAIN | {"duration": -1}), "duration: number 1 is negative"),
        (json.dumps({name: value for name, value in PLAIN.items() if name != "duration"}), "has no duration"),
        (json.dumps(detailed(ttfts=[0.1] * 11 + [-0.1])), "ttfts: number 12 is negative"),
        (json.dumps(detailed(ttfts=[0.1] * 11)), "ttfts has 11 entries where start_times has 12"),
        (json.dumps(detailed(start_times=[0.0] * 11 + [1e12])), "a broken clock"),
        (json.dumps(PLAIN)[:-1] + ', "x": ' + "[" * 100_000, "nested too deeply"),
        (GUIDELLM.read_text()[:5000] + '"benchmarks"', "cut off or damaged"),
        ('{"benchmarks": [], "guidellm": 1}', "holds no benchmark"),
        ('{"benchmarks": {}, "guidellm": 1}', "Expected `array`"),
        ("# gpu pwr\n# Idx W\n", "no reading"),
        ('{"a": 1}', "not a rooftop recording"),
        ("\x00\x01", "not a rooftop recording"),
        ("", "empty"),
    ],
)
def test_what_cannot_be_read_is_one_clear_line(
    tmp_path: Path, text: str, line: str, capsys: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / "a.json"
    path.write_text(text)
    assert main(["report", str(path)]) == 1
    told = capsys.readouterr().err
    assert line in told
    assert told.count("\n") == 1
    assert len(told) < 400
    assert main(["import", str(path), "-o", str(tmp_path / "x.rooftop")]) in (1, 2)
    assert not (tmp_path / "x.rooftop").exists()


def test_what_is_too_large_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = file_of(tmp_path, detailed(40))
    monkeypatch.setattr("results.imports.checks.MAX_REQUESTS", 39)
    with pytest.raises(NotImportable, match="holds 40 requests"):
        load(path)
    monkeypatch.setattr("results.imports.json_files.MAX_VALUES", 100)
    with pytest.raises(NotImportable, match="values"):
        load(path)
    monkeypatch.setattr("results.imports.json_files.MAX_BYTES", 1000)
    with pytest.raises(NotImportable, match="larger than"):
        load(path)


SMALL = json.dumps(detailed(3))


@settings(max_examples=300, deadline=None)
@given(st.integers(0, len(SMALL) - 1), st.binary(max_size=3))
def test_a_damaged_result_is_read_or_refused_in_one_line(at: int, put: bytes) -> None:
    data = SMALL.encode()
    for damaged in (data[:at], data[:at] + put + data[at + 1 :]):
        one_line_or(partial(vllm_bench.read, damaged))


@settings(max_examples=100, deadline=None)
@given(st.data())
def test_a_report_with_anything_in_it_is_read_or_refused(data: st.DataObject) -> None:
    told = json.loads(GUIDELLM.read_text())
    anything = st.one_of(
        st.none(), st.integers(), st.floats(), st.text(max_size=3), st.lists(st.integers(), max_size=2)
    )
    here: Any = told["benchmarks"][0]
    for _ in range(data.draw(st.integers(1, 6))):
        keys = sorted(here) if isinstance(here, dict) else list(range(len(here)))
        key = data.draw(st.sampled_from(keys))
        if not isinstance(here[key], dict | list) or not here[key]:
            break
        here = here[key]
    keys = sorted(here) if isinstance(here, dict) else list(range(len(here)))
    here[data.draw(st.sampled_from(keys))] = data.draw(anything)
    one_line_or(partial(whole, guidellm, json.dumps(told).encode()))


@settings(max_examples=150, deadline=None)
@given(st.sampled_from(sorted(PLAIN)), st.one_of(st.integers(), st.floats(), st.text(max_size=9), st.just(10**30)))
def test_a_result_with_anything_in_it_is_read_or_refused(name: str, value: Any) -> None:
    one_line_or(partial(whole, vllm_bench, json.dumps(PLAIN | {name: value}).encode()))


def whole(tool: Any, data: bytes) -> None:
    """Read, lay out, write down and fold."""
    found = together(parts.Parts(benches=tool.read(data)), parts.Said(), "")
    state = State(found.header)
    for event in found.events:
        assert decode(encode(event).rstrip()) == event
        state.apply(event)
    report(state.snapshot())

"""The HTML page: what is in it, and that no text of a server can act in it."""

from __future__ import annotations

import json
import math
import re
from dataclasses import replace
from pathlib import Path
from typing import Any

import msgspec
import pytest

from results.page.page import page
from results.page.source import Source, read
from results.page.timeline import Column, Timeline
from results.run import of as run_of
from results.samples import Collector
from rooftop.cli import main
from session.codec import encode
from session.events import Event, Gpu, GpuReading, GpuSample, Header, Level, Note, Request, Tick
from session.fold import State
from session.recording import Writer
from tests.results.recordings import HEADER, made, real

EVIL = "</script><script>alert(1)</script><img src=x onerror=alert(1)>"


@pytest.fixture(scope="module")
def sources(tmp_path_factory: pytest.TempPathFactory) -> list[Source]:
    folder = tmp_path_factory.mktemp("real")
    return [read(real(f"h200-llama-3.1-8b-tp{tp}", folder)) for tp in (1, 4)]


def plots_of(text: str) -> dict[str, Any]:
    found = re.search(r'<script type="application/json" id="plots">(.*?)</script>', text, re.DOTALL)
    assert found
    return {plot["id"]: plot["figure"] for plot in json.loads(found[1])}


def test_one_recording_has_every_plot_and_its_levels(sources: list[Source]) -> None:
    text = page(sources[:1])
    plots = plots_of(text)
    assert {
        "throughput",
        "ttft",
        "tpot",
        "pareto",
        "per-gpu",
        "per-joule",
        "roofline-0",
        "timeline-0",
        "cdf-ttft-0",
        "cdf-itl-0",
    } <= set(plots)
    assert plots["pareto"]["layout"]["yaxis"]["title"]["text"] == "output tokens/s per GPU"
    trace, foreseen = plots["throughput"]["data"]
    assert foreseen["name"].endswith(" foreseen")
    assert foreseen["x"] == [1, 4, 16, 64, 256, 512]
    assert foreseen["y"][0] == pytest.approx(trace["y"][0], rel=0.05)
    assert plots["tpot"]["data"][2]["y"][0] == pytest.approx(plots["tpot"]["data"][0]["y"][0], rel=0.05)
    assert trace["x"] == [1, 4, 16, 64, 256, 512]
    for plot in plots:
        assert text.count(f'id="{plot}"') == 1
    assert "limited by memory → compute+memory → compute" in text
    assert text.count("<tr>") == 7


def test_several_recordings_share_the_plots_against_load(sources: list[Source]) -> None:
    plots = plots_of(page(sources))
    assert len(plots["throughput"]["data"]) == 4, "measured and foreseen, of each"
    assert len(plots["ttft"]["data"]) == 4
    assert {"roofline-0", "roofline-1", "timeline-0", "timeline-1"} <= set(plots)


def test_hostile_text_stays_text(tmp_path: Path) -> None:
    header = msgspec.structs.replace(HEADER, target=EVIL, host=EVIL)
    source = read(made(tmp_path / "a.rooftop", header=header))
    run = replace(source.run, name=EVIL, snapshot=replace(source.run.snapshot, model=EVIL, server_version=EVIL))
    source.timeline.apply(Note(t_s=0.5, text=EVIL))
    text = page([replace(source, run=run)])
    assert "<img src=x" not in text
    assert "<script>alert" not in text
    assert "default-src 'none'" in text
    assert "script-src 'sha256-" in text


def test_it_asks_nobody_for_anything(sources: list[Source]) -> None:
    own = re.sub(r"<script>.*?</script>", "", page(sources), flags=re.DOTALL)
    assert not re.search(r"src=|href=(?!\"#)", own)


def test_a_recording_of_nothing_is_a_page_too(tmp_path: Path) -> None:
    text = page([read(made(tmp_path / "a.rooftop", requests=1, failed=4))])
    assert "throughput" in plots_of(text)


def test_time_is_thinned_to_a_plots_width_and_gaps_stay() -> None:
    column = Column()
    for second in range(40_000):
        if not 10_000 <= second < 20_000:
            column.add(float(second), 1.0)
    t_s, values = column.thinned(40_000.0)
    assert len(t_s) == len(values) <= 1501
    assert {value for at, value in zip(t_s, values, strict=True) if 10_100 < at < 19_900} == {None}
    assert {value for at, value in zip(t_s, values, strict=True) if at < 9_900 or at > 20_100} == {1.0}


def state_of(events: list[Event], head: Header = HEADER) -> Source:
    """Return what would have been read of a recording of these events."""
    state, timeline, collector = State(head), Timeline(), Collector()
    for event in sorted(events, key=lambda event: event.t_s):
        state.apply(event)
        timeline.apply(event)
        collector.apply(event)
    return Source(run_of("a", state.snapshot(), collector), timeline)


def finished(t_s: float, error: str | None = None) -> Request:
    return Request(t_s=t_s, start_s=t_s - 0.5, ttft_s=0.1, last_s=0.5, output_tokens=11, error=error)


def ticks(until_s: float) -> list[Event]:
    return [Tick(t_s=n / 4, dt_s=0.25, in_flight=2, output_tokens=5, itl={500: 5}) for n in range(1, int(until_s * 4))]


@pytest.mark.parametrize(
    ("level", "title"),
    [
        (Level(t_s=0.0, concurrency=4), "requests in flight"),
        (Level(t_s=0.0, concurrency=0, mode="open", rate=4.0), "requests/s"),
        (Level(t_s=0.0, concurrency=0, mode="trace", speed=2.0), "times the trace's speed"),
    ],
)
def test_the_axis_says_what_load_is_counted_in(level: Level, title: str) -> None:
    plots = plots_of(page([state_of([level, *ticks(10), *(finished(n) for n in range(1, 9))])]))
    for name in ("throughput", "ttft", "tpot"):
        assert plots[name]["layout"]["xaxis"]["title"]["text"] == title
    assert "per-gpu" not in plots
    assert plots["pareto"]["layout"]["yaxis"]["title"]["text"] == "output tokens/s", "of GPUs nothing is known"
    assert "yaxis2" not in plots["timeline-0"]["layout"], "no GPU, no empty rows"


def test_the_slo_is_a_line_in_its_plots_and_a_sentence() -> None:
    head = msgspec.structs.replace(HEADER, slo={"ttft": 0.25})
    text = page([state_of([Level(t_s=0.0, concurrency=4), *ticks(10), *(finished(n) for n in range(1, 9))], head)])
    plots = plots_of(text)
    assert [shape["y0"] for shape in plots["ttft"]["layout"]["shapes"]] == [250.0]
    assert [shape["x0"] for shape in plots["cdf-ttft-0"]["layout"]["shapes"]] == [250.0]
    (curve,) = plots["cdf-itl-0"]["data"]
    assert (len(set(curve["x"])), curve["y"]) == (1, [0.0, 1.0]), "one value is a line too"
    (words,) = plots["cdf-ttft-0"]["layout"]["annotations"]
    assert words["x"] == pytest.approx(math.log10(250)), "on a logarithmic axis words stand by the logarithm"
    assert "shapes" not in plots["tpot"]["layout"]
    assert "SLO ttft 250 ms for 95 % of requests: met up to concurrency 4 (100.0 % good)" in text


def test_failures_are_drawn_over_time_by_kind() -> None:
    failed = [finished(3.2, "refused"), finished(3.4, "refused"), finished(7.0, "http-500"), finished(8.0, "cancelled")]
    plots = plots_of(page([state_of([Level(t_s=0.0, concurrency=4), *ticks(10), finished(2.0), *failed])]))
    told = {bar["name"]: (bar["x"], bar["y"]) for bar in plots["errors-0"]["data"]}
    assert told == {"refused": ([3.5], [2]), "http-500": ([7.5], [1])}
    without = plots_of(page([state_of([Level(t_s=0.0, concurrency=4), *ticks(10), finished(2.0)])]))
    assert "errors-0" not in without


def test_eight_gpus_are_a_mean_and_a_range() -> None:
    gpus = [Gpu(t_s=0.0, index=at, name="NVIDIA H200") for at in range(8)]
    samples = [GpuSample(t_s=float(n), gpus=[GpuReading(index=at, power_w=100.0 * (at + 1), dram_pct=50.0)
                                             for at in range(8)]) for n in range(1, 10)]  # fmt: skip
    (plot,) = (p for name, p in plots_of(page([state_of(
        [*gpus, Level(t_s=0.0, concurrency=4), *ticks(10), *samples, finished(5.0)])])).items()
        if name == "timeline-0")  # fmt: skip
    named = [line["name"] for line in plot["data"] if line.get("showlegend", True)]
    assert named == ["tokens/s", "power, 8 GPUs: mean and range", "DRAM, 8 GPUs: mean and range", "load, notes"]
    low, high, mean = (set(line["y"]) for line in plot["data"] if line.get("legendgroup", "").startswith("power"))
    assert (low, high, mean) == ({100.0}, {800.0}, {450.0})


def test_very_many_levels_are_thinned_and_it_says_so() -> None:
    events: list[Event] = []
    for n in range(3000):
        t_s = 2.0 * n
        events.append(Level(t_s=t_s, concurrency=1 + n % 997))
        events.append(Tick(t_s=t_s + 1.0, dt_s=0.25, in_flight=2, output_tokens=5, itl={500: 5}))
        events.append(finished(t_s + 1.5))
    text = page([state_of(events)])
    plots = plots_of(text)
    assert "200 of 3,000 levels" in text
    assert "400 of 3,000 levels a line" in text
    assert "12 of 3,000 levels" in text
    assert len(plots["throughput"]["data"][0]["x"]) == 400
    assert len(plots["throughput"]["layout"]["xaxis"]["tickvals"]) == 12
    assert len(plots["cdf-ttft-0"]["data"]) == 12
    assert text.count("<tr>") == 201


def test_damage_and_a_missing_end_are_named(tmp_path: Path) -> None:
    path = made(tmp_path / "a.rooftop", requests=2000, levels=(1, 2, 4))
    data = bytearray(path.read_bytes())
    data[len(data) // 2] ^= 1
    path.write_bytes(data)
    assert "<p class=warning>not readable: " in page([read(path)])
    assert "the recording was cut off" in page([state_of([Level(t_s=0.0, concurrency=4), *ticks(3)])])


def test_a_running_session_is_called_one(tmp_path: Path) -> None:
    path = tmp_path / "a.rooftop"
    writer = Writer(path, HEADER)
    writer.append([encode(event) for event in [Level(t_s=0.0, concurrency=4), *ticks(3)]])
    assert "still running: this is what it had recorded so far" in page([read(path)])
    writer.close()
    assert "the recording was cut off" in page([read(path)])


def test_the_contents_lead_to_each_recording(sources: list[Source]) -> None:
    text = page(sources)
    targets = re.findall(r'href="#([a-z0-9-]+)"', text)
    assert targets == ["load", "run-0", "run-1"]
    assert all(text.count(f"<section id={target}>") == 1 for target in targets)


def test_the_command(tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    source = made(tmp_path / "a.rooftop")
    assert main(["report", str(source), "--format", "html"]) == 0
    assert (tmp_path / "a.html").read_text().startswith("<!doctype html>")
    assert main(["report", str(source), "--format", "html"]) == 2
    assert "--force" in capsys.readouterr().err
    assert main(["report", str(source), str(source)]) == 2
    assert "rooftop compare" in capsys.readouterr().err
    monkeypatch.setitem(__import__("sys").modules, "plotly", None)
    assert main(["report", str(source), "--format", "html", "--force"]) == 1
    assert "pip install 'rooftop[html]'" in capsys.readouterr().err

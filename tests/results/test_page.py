"""The HTML page: what is in it, and that no text of a server can act in it."""

from __future__ import annotations

import json
import re
from dataclasses import replace
from pathlib import Path
from typing import Any

import msgspec
import pytest

from results.page.page import page
from results.page.source import Source, read
from results.page.timeline import Column
from rooftop.cli import main
from session.events import Note
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
    } <= set(plots)
    (trace,) = plots["throughput"]["data"]
    assert trace["x"] == [1, 4, 16, 64, 256, 512]
    for plot in plots:
        assert text.count(f'id="{plot}"') == 1
    assert "limited by memory → compute+memory → compute" in text
    assert text.count("<tr>") == 7


def test_several_recordings_share_the_plots_against_load(sources: list[Source]) -> None:
    plots = plots_of(page(sources))
    assert len(plots["throughput"]["data"]) == 2
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
    assert not re.search(r"(src|href)=", own)


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

"""Reports of sessions that still run, and by bounds that are said afterwards."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from rooftop.cli import main
from session.codec import encode
from session.recording import Writer
from tests.events import header, ramp
from tests.results.recordings import real

EVENTS = sorted(ramp((1, 8), hold_s=20.0), key=lambda event: event.t_s)
LIVE = "the session is still running: this is what it has recorded so far"


def test_a_running_session_is_reported_as_one(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = tmp_path / "a.rooftop"
    writer = Writer(path, header())
    writer.append([encode(event) for event in EVENTS[:-20]])
    assert main(["report", str(path)]) == 0
    out = capsys.readouterr().out
    assert LIVE in out
    assert "cut off" not in out
    assert main(["report", str(path), "--format", "json"]) == 0
    figures = json.loads(capsys.readouterr().out)
    assert (figures["running"], figures["complete"], figures["ended"]) == (True, False, None)
    assert [level["unfinished"] for level in figures["levels"]] == [False, True]
    writer.close()
    assert main(["report", str(path)]) == 0
    assert "the recording was cut off" in (out := capsys.readouterr().out)
    assert LIVE not in out


def test_one_that_goes_on_in_a_second_file_is_running(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = tmp_path / "a.rooftop"
    writer = Writer(path, header(session="x"), limit_bytes=1)
    for at in range(0, 60, 20):
        writer.append([encode(event) for event in EVENTS[at : at + 20]])
    assert (tmp_path / "a.2.rooftop").exists()
    assert main(["report", str(path)]) == 0
    assert LIVE in capsys.readouterr().out
    writer.close()


def test_bounds_said_afterwards_are_counted_on_the_requests(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = str(real("h200-llama-3.1-8b-tp1", tmp_path))
    assert main(["report", path, "--slo", "ttft=500ms,tpot=15ms"]) == 0
    assert (
        "SLO ttft 500 ms, tpot 15 ms for 95 % of requests: met up to concurrency 64 (100.0 % good), "
        "not at 256 (35.8 % good)" in capsys.readouterr().out
    )
    assert main(["report", path, "--slo", "ttft=500ms,tpot=15ms", "--slo-share", "30%", "--format", "json"]) == 0
    figures = json.loads(capsys.readouterr().out)
    assert figures["slo"]["bounds"] == {"ttft_ms": 500.0, "tpot_ms": 15.0}
    assert figures["slo"]["reaches"][0]["met_up_to"] == 256
    assert figures["slo"]["reaches"][0]["not_met_at"] == 512
    assert [level["slo_met"] for level in figures["levels"]] == [True] * 5 + [False]
    assert main(["report", path, "--format", "json"]) == 0
    assert json.loads(capsys.readouterr().out)["slo"] is None


def test_each_turn_of_the_verdict_is_told(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["report", str(real("h200-llama-3.1-8b-tp1", tmp_path))]) == 0
    told = [line.split(":")[0:2] for line in capsys.readouterr().out.splitlines() if line.startswith("at ")]
    assert told == [
        ["at 64", " memory-bound"],
        ["at 256", " compute+memory-bound"],
        ["at 512", " compute-bound"],
    ]

"""The scaling witness over recorded levels."""

from __future__ import annotations

import json
from dataclasses import replace

import pytest

from session.fold import State
from session.growth import growth
from session.report import report
from session.view import Snapshot
from tests.events import header, ramp
from tests.session.test_h200 import load


@pytest.fixture(scope="module")
def snapshot(tmp_path_factory: pytest.TempPathFactory) -> Snapshot:
    return load(tmp_path_factory.mktemp("h200"), 1)


def test_a_real_ramp_gives_a_line_and_a_knee(snapshot: Snapshot) -> None:
    scaling = snapshot.scaling
    assert scaling is not None
    assert len(scaling.points) == 6
    assert scaling.base_s == pytest.approx(0.00465, rel=0.02)
    assert scaling.slope_s == pytest.approx(34e-6, rel=0.05)
    assert scaling.knee_low is not None
    assert scaling.knee_high is not None
    tok_s = {level.concurrency: level.rates.output_tok_s or 0.0 for level in snapshot.levels}
    before, beyond = (tok_s[16] - tok_s[4]) / 12, (tok_s[256] - tok_s[64]) / 192
    assert beyond < tok_s[1] / 2 < before, "what one more request adds halves between 16 and 256"
    assert 16 < scaling.knee_low < scaling.knee_high < 256


def test_it_raises_confidence_where_it_agrees(snapshot: Snapshot) -> None:
    by_load = {level.concurrency: level.verdict for level in snapshot.levels}
    assert by_load[1].scaling_agrees is True
    assert by_load[512].scaling_agrees is True
    assert by_load[1].confidence == 0.95
    assert by_load[64].scaling_agrees is None, "between flat and steep it has no say"


def test_levels_of_other_lengths_or_of_a_late_client_are_left_out(snapshot: Snapshot) -> None:
    levels = snapshot.levels
    other = replace(levels[0], prompt_tokens=4096)
    found = growth([other, *levels])
    assert found is not None
    assert found.points == getattr(growth(levels), "points", None)
    assert growth([*levels, other]) is None, "the newest level is of other lengths, and alone"
    late = [replace(x, verdict=replace(x.verdict, modifiers=("client-bound",))) for x in levels[:4]]
    assert growth([*late, *levels[4:]]) is None
    assert growth([]) is None


def test_two_levels_are_no_witness() -> None:
    state = State(header())
    state.apply_all(ramp((1, 8)))
    assert state.snapshot().scaling is None
    assert report(state.snapshot())["scaling"] is None


def test_the_report_has_the_fit_and_the_budget(snapshot: Snapshot) -> None:
    figures = json.loads(json.dumps(report(snapshot), allow_nan=False))
    scaling = figures["scaling"]
    assert scaling["levels"] == 6
    assert scaling["knee_95"][0] < scaling["knee"] < scaling["knee_95"][1]
    assert scaling["budget"]["weights_ms"] == pytest.approx(3.127, abs=0.01)
    assert scaling["budget"]["base_ratio"] == pytest.approx(1.49, abs=0.02)
    assert 0.5 < scaling["budget"]["slope_ratio"] < 2, "arithmetic, at the larger batches"
    assert [round(e["from_batch"]) for e in scaling["elasticity"]] == [1, 4, 16, 63, 238]
    verdict = figures["levels"][3]["verdict"]
    budget = verdict["budget"]
    assert set(budget["measured"]) == set(budget["modelled"]) == {
        "weights", "kv", "memory", "compute", "communication", "latency", "host", "rest",
    }  # fmt: skip
    assert budget["measured"]["weights"]["ms"] == pytest.approx(3.74, abs=0.02)
    assert budget["modelled"]["weights"]["ms"] == pytest.approx(3.68, abs=0.02)
    assert budget["measured"]["rest"] is None
    assert budget["modelled"]["host"] is None
    assert budget["largest"] == "weights"
    assert budget["at_most"] == pytest.approx(2.39, abs=0.01)
    assert 0.5 < budget["roofline"] < 0.6
    assert verdict["modifiers"] == ["power-capped", "mixed"]
    assert "raise the concurrency" in verdict["advice"]
    assert verdict["batch_why"] == "no request waits"

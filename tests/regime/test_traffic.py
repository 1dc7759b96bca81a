"""DRAM traffic of the wall: the model's bytes against the counters, on real H200s."""

from __future__ import annotations

import gzip
from dataclasses import replace
from pathlib import Path

import pytest

from regime.model_table import MODELS
from regime.traffic import REREAD, Traffic, activation_bytes, modelled_share
from regime.verdict import judge
from session.playback import fold_file
from tests.regime.rows import Row, evidence_of, rows

RECORDINGS = Path(__file__).parents[1] / "data" / "recordings" / "prompt-lengths"
LEVELS = [(tp, length) for tp in (1, 2, 4) for length in (512, 2048, 8192, 16384, 32768)]
FEW_PROMPTS = {(1, 32768, 1): 0.09, (1, 16384, 4): 0.05}
"""Windows of seconds in which a prompt takes most of one: those at its edges count whole or not at all."""


def _name(row: Row) -> str:
    return "-".join((row["workload"], "tp" + row["tp"], "c" + row["concurrency"], row["prompt_tokens_each"]))


def _traffic(row: Row) -> Traffic:
    found = judge(evidence_of(row)).traffic
    assert found is not None
    return found


WITH_TPOT = [row for row in (*rows(1), *rows(4)) if row["tpot_p50_ms"] and int(row["concurrency"]) <= 64]


@pytest.mark.parametrize("row", WITH_TPOT, ids=_name)
def test_counters_and_model_agree_whatever_the_prompts(row: Row) -> None:
    found = _traffic(row)
    assert found.modelled == pytest.approx(found.measured, abs=0.03)
    assert found.agrees


@pytest.mark.parametrize(("tp", "length"), LEVELS)
def test_they_agree_on_recordings_that_no_number_was_fitted_to(tp: int, length: int, tmp_path: Path) -> None:
    path = tmp_path / "a.rooftop"
    path.write_bytes(gzip.decompress((RECORDINGS / f"tp{tp}-{length}.rooftop.gz").read_bytes()))
    levels = fold_file(path).snapshot().levels
    assert [level.concurrency for level in levels] == [1, 4]
    for level in levels:
        assert (found := level.verdict.traffic) is not None
        off = FEW_PROMPTS.get((tp, length, level.concurrency), 0.03)
        assert found.modelled == pytest.approx(found.measured, abs=off)


def test_labels_that_differ_over_the_same_traffic_do_not_conflict() -> None:
    row = next(row for row in rows(1) if row["workload"] == "decode" and row["concurrency"] == "128")
    evidence = evidence_of(row)
    assert judge(evidence).confidence == 0.75
    blind = judge(replace(evidence, window_s=None))
    assert (blind.traffic, blind.confidence) == (None, 0.50)
    assert any("counters say memory, the model compute" in line for line in blind.evidence)


def test_the_algebra_of_a_dense_layer() -> None:
    model = MODELS["llama-3.1-8b"]
    hidden, heads, kv_heads, head_dim, ffn = 4096, 32, 8, 128, 14336
    divided = (6 * heads + 8 * kv_heads) * head_dim + 6 * ffn
    assert activation_bytes(model, 1) == pytest.approx(REREAD * 2 * 32 * (12 * hidden + divided))
    assert activation_bytes(model, 4) == pytest.approx(REREAD * 2 * 32 * (16 * hidden + divided / 4))


@pytest.mark.parametrize("lost", ["peaks", "model", "batch", "steps", "window_s", "prefill_tokens_per_step"])
def test_it_says_nothing_where_something_is_missing(lost: str) -> None:
    evidence = evidence_of(WITH_TPOT[0])
    assert modelled_share(evidence) is not None
    assert modelled_share(replace(evidence, **{lost: None})) is None  # type: ignore[arg-type]
